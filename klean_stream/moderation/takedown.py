"""Taking a listing down, and putting it back."""

from dataclasses import replace
from typing import Literal

from klean_stream.decision import ListingRow
from klean_stream.decision.evidence import MAX_BRANDS, MAX_RECORD_BYTES, MAX_ROW_BYTES, kept
from klean_stream.decision.statements import Facts, reinstatement_reasons, takedown_reasons
from klean_stream.events import FingerprintRemoval, Reinstatement, Takedown, TakenDownFingerprint
from klean_stream.likeness import METHOD, fingerprint
from klean_stream.moderation.cases import Matter, ensure_case, has_reports, resting_status
from klean_stream.moderation.draft import Draft
from klean_stream.moderation.reporters import answer_reporters

TakedownSignal = Literal["listing_taken_down", "infringement_confirmed"]
_UNSEEN = -1
_NEARLY_KNOWN = 900
"""Similarity, in thousandths, from which on a title is as good as remembered."""
_DAY = 86_400_000


def take_down(draft: Draft, matter: Matter, *, rule: str, signal: TakedownSignal | None, by_machine: bool) -> None:
    """Command a takedown, close the case with it, and tell whoever reported the listing.

    ``infringement_confirmed`` is a strike. A listing that is down already is commanded down again, in its new
    version; its points are given once. A takedown binds the listing and not one version of it: it is commanded
    although the seller has removed the listing, so that it stays down should it come back.
    """
    if draft.listing_id is None:
        raise LookupError("a sign-up cannot be taken down")
    case = ensure_case(draft, matter, rule=rule, priority=draft.policy.priority.held_takedown)
    if signal is not None:
        draft.signal(signal, strike=signal == "infringement_confirmed")
    if not case.down:
        draft.seller = replace(draft.seller, takedowns=draft.seller.takedowns + 1)
    case = draft.note_in_case(down=True)
    case = draft.change_case(
        status=resting_status(case),
        rule=rule,
        brand_ids=tuple(dict.fromkeys((*matter.brands, *case.brand_ids)))[:MAX_BRANDS],
        findings=kept(matter.findings, MAX_ROW_BYTES),
        deadline=None,
        cleared=(),
    )
    if draft.listing is None:
        draft.listing = _unseen_row(draft, matter)
    names = [draft.context.registry.brand(brand_id) for brand_id in matter.brands]
    draft.emit(
        Takedown(
            id=draft.output_id("takedown"),
            seller_id=draft.seller_id,
            listing_id=draft.listing_id,
            listing_version=matter.listing_version,
            case_id=case.case_id,
            title=matter.title,
            brand_ids=matter.brands,
            rule=rule,
            findings=kept(matter.findings, MAX_RECORD_BYTES),
            reasons=takedown_reasons(
                Facts(
                    listing_id=draft.listing_id,
                    title=matter.title,
                    brand_names=tuple(brand.name for brand in names if brand is not None),
                    findings=matter.findings,
                    rule=rule,
                    on_notice=has_reports(case),
                    automated_detection=by_machine or not has_reports(case),
                    automated_decision=by_machine,
                )
            ),
            decision_id=draft.context.decision_id,
            time=draft.now,
        )
    )
    if rule != "seller_suspended":
        # For a suspended seller's goods nothing was found: others may sell the same.
        _remember(draft, matter, case.case_id)
    answer_reporters(draft, "taken_down")


def _remember(draft: Draft, matter: Matter, case_id: str) -> None:
    """Publish what the title looks like, so that every worker knows it when it comes back in other words.

    A title that is nearly one that is remembered adds nothing: a seller who offers the same thing a thousand times must
    not make a thousand titles that every other one is compared with.
    """
    if any(finding.kind == "relisting" and finding.confidence >= _NEARLY_KNOWN for finding in matter.findings):
        return
    days = draft.policy.relisting.days
    made = fingerprint(matter.title) if days else None
    if made is None:
        return
    draft.emit(
        TakenDownFingerprint(
            id=draft.output_id("fingerprint"),
            case_id=case_id,
            fingerprint=made.hex(),
            method=METHOD,
            expires=draft.now + days * _DAY,
            decision_id=draft.context.decision_id,
            time=draft.now,
        )
    )


def put_back(draft: Draft, *, infringement_stands: bool) -> None:
    """Put a listing back that its case holds down; without a listing down, nothing is commanded.

    Unless ``infringement_stands`` (the takedown was right, and the seller has put the listing in order
    since), everything that the case wrote into the ledger is taken back, its reporters are told, and its title is
    no longer looked for.
    """
    case = draft.require_case()
    if case.down:
        draft.change_case(down=False)
        if draft.listing_id is not None:
            draft.seller = replace(draft.seller, takedowns=draft.seller.takedowns - 1)
            _command_back(draft, draft.listing_id, infringement_stands=infringement_stands)
        if not infringement_stands:
            draft.emit(FingerprintRemoval(id=draft.output_id("fingerprint"), case_id=case.case_id))
    if not infringement_stands:
        draft.take_back_signals()
        answer_reporters(draft, "no_infringement")


def _command_back(draft: Draft, listing_id: str, *, infringement_stands: bool) -> None:
    case, listing = draft.require_case(), draft.listing
    seen = listing is not None and listing.version > _UNSEEN
    draft.emit(
        Reinstatement(
            id=draft.output_id("reinstatement"),
            seller_id=draft.seller_id,
            listing_id=listing_id,
            listing_version=listing.version if listing is not None and seen else case.listing_version,
            case_id=case.case_id,
            reasons=reinstatement_reasons(
                listing_id=listing_id, title=case.title, infringement_stands=infringement_stands
            ),
            decision_id=draft.context.decision_id,
            time=draft.now,
        )
    )


def _unseen_row(draft: Draft, matter: Matter) -> ListingRow:
    """Give the row of a listing known from a report only: any version to come is newer than this."""
    return ListingRow(
        version=_UNSEEN,
        content="",
        status="taken_down",
        title=matter.title,
        locale=matter.locale,
        updated=draft.now,
    )
