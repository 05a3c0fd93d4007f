"""Second-hand goods and presents under a mark count or not as the policy says, and never beside a counterfeit word."""

import pytest

from klean_stream.events import Money
from klean_stream.policy import load_policy
from tests.unit.marketplace import Marketplace

BOTH = load_policy('[listing]\npermitted_uses = ["second_hand", "bundle"]')


def dispositions(title: str, description: str = "", *, market: Marketplace | None = None) -> list[str]:
    outcome = (market or Marketplace(BOTH)).list(title, description=description)
    return [finding.disposition for finding in outcome.findings if finding.kind == "mark"]


@pytest.mark.parametrize(
    ("title", "disposition"),
    [
        ("Nike Dunk used, size 9", "second_hand"),
        ("나이키 덩크 중고", "second_hand"),
        ("Nike 跑鞋 九成新", "second_hand"),
        ("pre-owned Gucci bag", "second_hand"),
        ("Nike Dunk used for one day by a champion", "counts"),
        ("Wool trousers with free Nike socks", "bundle"),
        ("울 바지 + 나이키 양말 증정", "bundle"),
        ("羊毛裤 赠品 Nike 袜子", "bundle"),
        ("Nike socks", "counts"),
    ],
)
def test_a_permitted_use_does_not_count(title: str, disposition: str) -> None:
    assert dispositions(title) == [disposition]


@pytest.mark.parametrize("title", ["Nike Dunk used", "울 바지 + 나이키 양말 증정"])
def test_nothing_is_permitted_unless_the_policy_says_so(title: str) -> None:
    assert dispositions(title, market=Marketplace()) == ["counts"]


@pytest.mark.parametrize("title", ["N1ke Dunk used", "나이키 미러급 중고", "ㄴㅏㅇㅣㅋㅣ 양말 증정"])
def test_neither_a_disguise_nor_a_counterfeit_word_is_excused(title: str) -> None:
    assert dispositions(title) == ["counts"]


def test_a_present_excuses_the_mark_beside_it_alone() -> None:
    assert dispositions("Gucci bag with free Nike socks") == ["counts", "bundle"]


def test_what_is_second_hand_may_be_cheap() -> None:
    market = Marketplace(BOTH)
    outcome = market.list("Nike Dunk used", price=Money(amount=1, currency="KRW"))
    assert (outcome.verdict, outcome.rule, outcome.weights) == ("allow", "rights_permit", ())
