"""What a seller is told, in English and Korean, when a listing is taken down or put back.

Statements of reasons hold what Art. 17(3) of the EU Digital Services Act (Regulation (EU) 2022/2065) asks
for: (a) the restriction, (b) the facts, (c) the use of automated means, (d, e) the legal or contractual
ground, (f) redress.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from klean_stream.events import Finding, StatementOfReasons

TITLE_LENGTH = 120  # code points of a title that a statement quotes
SURFACE_LENGTH = 60
MAX_QUOTES = 5


class Said(NamedTuple):
    """One thing, said in English and in Korean."""

    en: str
    ko: str


# Control characters and marks that turn the direction of text would garble a statement that quotes them.
_GARBLING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")

_COUNTERFEIT = Said(
    "The marketplace's terms forbid counterfeit goods, and trade mark law forbids the use of a mark without "
    "its owner's consent (EU: Regulation (EU) 2017/1001, Art. 9; Korea: Trademark Act, Art. 108).",
    "마켓플레이스 이용약관은 위조 상품의 판매를 금지하며, 상표권자의 동의 없는 상표 사용은 "
    "상표법에 위반됩니다 (대한민국 상표법 제108조, 유럽연합 규정 2017/1001 제9조).",
)
_SUSPENDED = Said(
    "The seller's account is suspended after repeated confirmed infringements (marketplace's terms; EU: "
    "Regulation (EU) 2022/2065, Art. 23).",
    "반복적인 침해가 확인되어 판매자 계정이 정지되었습니다 (마켓플레이스 이용약관, 유럽연합 규정 2022/2065 제23조).",
)
_REDRESS = Said(
    "You may object free of charge within six months through the marketplace's complaint form, turn to a "
    "certified out-of-court dispute settlement body, or go to court.",
    "6개월 이내에 마켓플레이스의 이의 신청 절차를 통해 무료로 이의를 제기하거나, "
    "분쟁조정기관의 조정을 신청하거나, 법원에 소를 제기할 수 있습니다.",
)
_RESTRICTION = Said(
    "Your listing was removed in all countries and until further notice.",
    "귀하의 상품이 모든 국가에서 별도 통지 시까지 삭제되었습니다.",
)
_FOUND_BY_MACHINE = Said("The text was found by automated means.", "해당 문구는 자동화된 수단으로 발견되었습니다.")
_FOUND_BY_PEOPLE = Said(
    "The listing was not found by automated means.", "해당 상품은 자동화된 수단으로 발견된 것이 아닙니다."
)
_DECIDED_BY_MACHINE = Said("The decision was made by automated means.", "이 결정은 자동화된 수단으로 내려졌습니다.")
_DECIDED_BY_PEOPLE = Said("The decision was made by a person.", "이 결정은 담당자가 직접 내렸습니다.")
_IN_ORDER = Said(
    "It was reviewed after you changed it, and may be offered again. The earlier removal stands as it was.",
    "수정된 상품을 검토한 결과 다시 판매할 수 있습니다. 이전의 삭제 조치는 그대로 유효합니다.",
)
_NO_INFRINGEMENT = Said(
    "A person reviewed it and found no infringement. Everything that its removal added to your account is taken back.",
    "담당자가 검토한 결과 침해가 확인되지 않았습니다. 삭제로 인해 계정에 부과된 불이익은 모두 취소되었습니다.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a statement rests on. ``brand_names`` are those of the registry, ``title`` is the seller's."""

    listing_id: str
    title: str
    brand_names: tuple[str, ...]
    findings: tuple[Finding, ...]
    rule: str
    on_notice: bool
    automated_detection: bool
    automated_decision: bool


def quoted(text: str, length: int) -> str:
    """Give seller text as a statement may hold it: one line, nothing that garbles it, cut to ``length``."""
    line = _GARBLING.sub(" ", text).strip()
    return line if len(line) <= length else line[: length - 1] + "…"


def takedown_reasons(facts: Facts) -> StatementOfReasons:
    """Give the statement of reasons of a takedown."""
    said = _facts(facts)
    ground = _SUSPENDED if facts.rule == "seller_suspended" else _COUNTERFEIT
    detection = _FOUND_BY_MACHINE if facts.automated_detection else _FOUND_BY_PEOPLE
    decision = _DECIDED_BY_MACHINE if facts.automated_decision else _DECIDED_BY_PEOPLE
    parts = (_RESTRICTION, said, detection, decision, ground, _REDRESS)
    return StatementOfReasons(
        restriction="removal",
        ground=ground.en,
        facts=said.en,
        automated_detection=facts.automated_detection,
        automated_decision=facts.automated_decision,
        redress=_REDRESS.en,
        text={
            "en": " ".join(part.en for part in parts),
            "ko": " ".join(part.ko for part in parts),
        },
    )


def reinstatement_reasons(*, listing_id: str, title: str, infringement_stands: bool) -> StatementOfReasons:
    """Give the statement of reasons of a reinstatement.

    ``infringement_stands``: the takedown was right, and the seller has put the listing in order since.
    """
    name = quoted(title, TITLE_LENGTH)
    facts = f'Listing {listing_id}, titled "{name}", is back.'
    english, korean = _IN_ORDER if infringement_stands else _NO_INFRINGEMENT
    return StatementOfReasons(
        restriction="reinstatement",
        ground=english,
        facts=facts,
        automated_detection=False,
        automated_decision=False,
        redress="",
        text={
            "en": f"{facts} {english}",
            "ko": f"상품 {listing_id} 「{name}」 의 판매가 재개되었습니다. {korean}",
        },
    )


def _facts(facts: Facts) -> Said:
    title = quoted(facts.title, TITLE_LENGTH)
    english = [f'Listing {facts.listing_id} is titled "{title}".']
    korean = [f"상품 번호: {facts.listing_id}. 상품명: 「{title}」."]
    if facts.on_notice:
        english.append("The marketplace received a notice about it.")
        korean.append("해당 상품에 대한 신고가 접수되었습니다.")
    if facts.brand_names:
        names = ", ".join(quoted(name, SURFACE_LENGTH) for name in facts.brand_names[:MAX_QUOTES])
        english.append(f"It uses the mark of: {names}, and we know of no authorisation.")
        korean.append(f"사용된 상표: {names}. 상표 사용 권한이 확인되지 않았습니다.")
    quotes = _quotes(facts.findings)
    if quotes:
        english.append("The text in question: " + ", ".join(f'"{quote}"' for quote in quotes) + ".")
        korean.append("문제가 된 표현: " + ", ".join(f"「{quote}」" for quote in quotes) + ".")
    return Said(" ".join(english), " ".join(korean))


def _quotes(findings: tuple[Finding, ...]) -> list[str]:
    """Give the distinct surfaces that count, in their order."""
    surfaces = (
        quoted(finding.surface, SURFACE_LENGTH)
        for finding in findings
        if finding.surface and finding.disposition == "counts" and finding.kind in ("mark", "counterfeit_word")
    )
    return list(dict.fromkeys(surfaces))[:MAX_QUOTES]
