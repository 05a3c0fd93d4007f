"""What a sign-up's details say: facts by stable code, and findings that hold no personal data."""

from dataclasses import dataclass

import phonenumbers

from klean_stream.events import Finding, SellerSignup
from klean_stream.policy import Policy
from klean_stream.policy.settings import SignupFact
from klean_stream.sellers.registration import is_valid, scheme_of


@dataclass(frozen=True, slots=True)
class Details:
    """Facts in a fixed order, what was checked and how, and the kinds of documents still to be handed in."""

    facts: tuple[SignupFact, ...]
    findings: tuple[Finding, ...]
    missing_documents: tuple[str, ...]


def check_details(event: SellerSignup, policy: Policy) -> Details:
    """Check registration number and phone for the seller's country, and what documents are missing."""
    number, scheme = _registration(event)
    phone = _phone(event)
    facts: list[SignupFact] = []
    if number == "missing":
        facts.append("registration_number_missing")
    elif number == "invalid":
        facts.append("registration_number_invalid")
    elif number == "unchecked":
        facts.append("registration_number_unchecked")
    if phone == "missing":
        facts.append("phone_missing")
    elif phone == "invalid":
        facts.append("phone_invalid")
    needed = list(policy.signup.documents.get(event.country, policy.signup.default_documents))
    if number in ("invalid", "unchecked"):
        needed += policy.signup.unchecked_documents
    handed = {document.kind for document in event.documents}
    missing = tuple(kind for kind in dict.fromkeys(needed) if kind not in handed)
    if missing:
        facts.append("documents_missing")
    return Details(
        facts=tuple(facts),
        findings=(
            Finding(kind="identity", technique=scheme, field="registration_number", disposition=number),
            Finding(kind="identity", technique="phonenumbers", field="phone", disposition=phone),
        ),
        missing_documents=missing,
    )


def _registration(event: SellerSignup) -> tuple[str, str]:
    """Give valid, invalid, missing or unchecked, and the scheme by which it was checked."""
    scheme = scheme_of(event.country)
    number = (event.registration_number or "").strip()
    if not number:
        return "missing", scheme or "none"
    if scheme is None:
        return "unchecked", "none"
    return ("valid" if is_valid(number, scheme) else "invalid"), scheme


def _phone(event: SellerSignup) -> str:
    """Give valid, invalid or missing. Without a country code, the number is read as a local one."""
    text = (event.phone or "").strip()
    if not text:
        return "missing"
    try:
        number = phonenumbers.parse(text, event.country)
    except phonenumbers.NumberParseException:
        return "invalid"
    return "valid" if phonenumbers.is_valid_number(number) else "invalid"
