"""When dead letters are a flood: a run of them, or a share of a window; what is counted stands in the position row."""

import pytest

from klean_stream.processing.absorb import Fate
from klean_stream.runtime.flood import DeadLetterFlood, check_flood
from klean_stream.runtime.positions import FLOOD_WINDOW, InputPosition
from klean_stream.runtime.settings import Settings

_FOUR: list[Fate] = ["dead_lettered", "dead_lettered", "dead_lettered", "dead_lettered"]


def after(position: InputPosition, *fates: Fate, settings: Settings) -> int | None:
    """Give after how many of the fates a flood was found; None if none was."""
    for number, fate in enumerate(fates, 1):
        position.count(fate)
        if fate == "dead_lettered":
            try:
                check_flood("listings", 3, position, settings)
            except DeadLetterFlood:
                return number
    return None


@pytest.mark.parametrize(("limit", "found"), [(5, 5), (0, None)])
def test_so_many_dead_letters_in_a_row_are_a_flood(limit: int, found: int | None) -> None:
    settings = Settings(dead_letter_flood_run=limit, dead_letter_flood_ratio=1)
    assert after(InputPosition(), *_FOUR * 500, settings=settings) == found


def test_one_good_record_begins_the_run_anew() -> None:
    settings = Settings(dead_letter_flood_run=5, dead_letter_flood_ratio=1)
    fates: list[Fate] = [*_FOUR, "decided"]
    assert after(InputPosition(), *fates * 50, settings=settings) is None


def test_a_large_share_is_a_flood_even_where_good_records_lie_between() -> None:
    settings = Settings(dead_letter_flood_run=0, dead_letter_flood_ratio=0.3)
    fates: list[Fate] = ["dead_lettered", "decided"]
    assert after(InputPosition(), *fates * FLOOD_WINDOW, settings=settings) == 601
    fates = ["dead_lettered", "decided", "decided", "decided"]
    assert after(InputPosition(), *fates * FLOOD_WINDOW, settings=settings) is None


def test_the_sentence_names_place_count_and_setting() -> None:
    position = InputPosition()
    settings = Settings(dead_letter_flood_run=2)
    position.count("dead_lettered")
    check_flood("listings", 3, position, settings)
    position.count("dead_lettered")
    with pytest.raises(DeadLetterFlood, match=r"2 records in a row of listings partition 3.*DEAD_LETTER_FLOOD_RUN"):
        check_flood("listings", 3, position, settings)
