"""Uses of a mark that the policy may permit: genuine goods sold second-hand, and goods that come with others.

Who bought goods of the mark may sell them on (exhaustion: Art. 15 of the EU Trade Mark Regulation 2017/1001), and may
give them as a present with other goods. Whether a marketplace takes a seller's word for that is its policy
(``listing.permitted_uses``). It never does where the name is disguised or the text says "counterfeit" as well.
"""

import re
from dataclasses import replace

from klean_stream.brands import DISGUISES, ListingText
from klean_stream.decision.evidence import counting
from klean_stream.events import Finding
from klean_stream.policy import Policy

_SECOND_HAND = re.compile(
    r"\b(?:second[\s-]?hand|pre-?owned|pre-?loved|refurbished|thrifted"
    r"|used(?!\s+(?:to|for|in|on|with|as|by|at)\b)(?<!be used)(?<!is used)(?<!are used))\b"
    r"|중고|세컨핸드|리퍼(?:비시|브|제품|폰)|사용감\s?있|실착\s?\d"
    r"|二手|闲置|閒置|中古|(?:\d|[七八九]\d?)\s?成新|9\d?新",
    re.IGNORECASE,
)
_GIFT_AFTER = re.compile(
    r"[^,.;+/|\n]{0,24}?(?:\b(?:as\s+a\s+)?(?:free\s+gift|gift\s+with\s+purchase|giveaway|for\s+free|included\s+free)\b"
    r"|증정|사은품|무료로\s?드|덤으로|赠品|贈品|赠送|贈送)",
    re.IGNORECASE,
)
_GIFT_BEFORE = re.compile(
    r"(?:\b(?:free\s+gift\s*:?|with\s+(?:a\s+)?free|plus\s+(?:a\s+)?free|bonus\s*:?|\+\s*free)|사은품\s*[:：]?|증정\s*[:：]"
    r"|赠品?\s*[:：]?|贈品?\s*[:：]?|加送|买[^,，]{0,8}送|免费送)\s*$",
    re.IGNORECASE,
)
_REACH = 24


def with_permitted_uses(findings: tuple[Finding, ...], text: ListingText, policy: Policy) -> tuple[Finding, ...]:
    """Give the findings, with the disposition ``second_hand`` or ``bundle`` for marks whose use the policy permits."""
    permitted = policy.listing.permitted_uses
    if not permitted or any(finding.kind == "counterfeit_word" for finding in counting(findings)):
        return findings
    fields = {"title": text.title, "description": text.description}
    is_second_hand = "second_hand" in permitted and any(map(_SECOND_HAND.search, fields.values()))
    permits_bundles = "bundle" in permitted

    def ruled(finding: Finding) -> Finding:
        if finding.kind != "mark" or finding.disposition != "counts" or finding.technique in DISGUISES:
            return finding
        if is_second_hand:
            return replace(finding, disposition="second_hand")
        if permits_bundles and _is_gift(finding, fields):
            return replace(finding, disposition="bundle")
        return finding

    return tuple(map(ruled, findings))


def _is_gift(mark: Finding, fields: dict[str, str]) -> bool:
    if mark.field is None or mark.start is None or mark.end is None:
        return False
    text = fields[mark.field]
    if _GIFT_AFTER.match(text, mark.end, mark.end + 2 * _REACH):
        return True
    return _GIFT_BEFORE.search(text[max(0, mark.start - _REACH) : mark.start]) is not None
