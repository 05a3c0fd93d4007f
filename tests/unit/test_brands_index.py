"""An index that is changed in place finds what stands in it, whenever its automata are put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.brands import index
from klean_stream.brands.index import NameIndex
from klean_stream.brands.names import Name, names_of
from klean_stream.events import Brand
from klean_stream.text.remembered import Remembered

KEYS = ("ab", "b", "abc", "ca", "bcab", "\ud800a")
NAMES: dict[str, Name] = {key: names_of(Brand(brand_id=key, name="Acme"))[0] for key in KEYS}


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), max_size=30), st.text("abc\ud800", max_size=12))
def test_any_changes_leave_what_stands_in_it(changes: list[tuple[str, bool]], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_MOST_FRESH", 1)
        patch.setattr(index, "_STALE", 1)
        changed = NameIndex()
        standing: set[str] = set()
        for key, is_added in changes:
            if is_added:
                changed.add(key, NAMES[key])
                standing.add(key)
            else:
                changed.remove(key, NAMES[key])
                standing.discard(key)
            changed.find("abc")
        found = [(start, end) for start, end, _ in changed.find(text)]
    spans = [(start, end) for start in range(len(text)) for end in range(start, len(text) + 1)]
    assert found == [(start, end) for start, end in spans if text[start:end] in standing]
    assert len(changed) == len(standing)


def test_no_more_is_remembered_than_twice_as_much_as_must_be() -> None:
    asked: list[str] = []

    def double(text: str) -> str:
        asked.append(text)
        return 2 * text

    numbers = [str(number) for number in range(100)]
    remembered = Remembered(double, 10)
    assert [remembered[number] for number in numbers] == [2 * number for number in numbers]
    assert len(remembered) + len(remembered._older) <= 20
    assert (remembered["95"], remembered["85"]) == ("9595", "8585")
    assert asked == numbers


def test_long_arguments_are_not_remembered() -> None:
    remembered = Remembered(str.upper, 10)
    assert remembered["long " * 100] == "LONG " * 100
    assert not remembered


def test_what_was_forgotten_is_computed_again_and_freed_bit_by_bit() -> None:
    numbers = [str(number) for number in range(100)]
    remembered = Remembered(str.upper, 1_000)
    assert [remembered[number] for number in numbers] == numbers
    fresh = remembered.renewed()
    assert not fresh
    assert len(remembered) == 100
    assert [fresh[number] for number in numbers[:50]] == numbers[:50]
    assert not remembered
