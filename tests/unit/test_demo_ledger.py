"""The demo's books: they balance only if every event is accounted for, once, with the fate it was meant for."""

from collections.abc import Callable

import pytest

from klean_stream.cli.demo.ledger import Ledger


def balanced_ledger() -> Ledger:
    """Give books of ten listings in two partitions."""
    ledger = Ledger()
    ledger.published["listings"] = 10
    ledger.expected.update({("listings", "decided"): 7, ("listings", "duplicate"): 1})
    ledger.expected.update({("listings", "superseded"): 1, ("listings", "dead_lettered"): 1})
    ledger.decisions["listings"] = 8
    ledger.dead["listings"] = 1
    fates = {"decided": 0, "superseded": 0, "duplicate": 0, "dead_lettered": 0}
    ledger.tallies["state", 0] = {"listings": fates | {"decided": 5, "superseded": 1}}
    ledger.tallies["state", 1] = {"listings": fates | {"decided": 2, "duplicate": 1, "dead_lettered": 1}}
    return ledger


def test_books_without_a_gap_balance() -> None:
    ledger = balanced_ledger()
    assert ledger.accounted() == 10
    assert [line.gap for line in ledger.reconciliation()] == [""]
    assert ledger.balanced()


def _one_more_published(ledger: Ledger) -> None:
    ledger.published["listings"] += 1


def _one_decision_missing(ledger: Ledger) -> None:
    ledger.decisions["listings"] -= 1


def _one_dead_letter_missing(ledger: Ledger) -> None:
    ledger.dead["listings"] -= 1


def _another_fate(ledger: Ledger) -> None:
    ledger.expected["listings", "decided"] -= 1
    ledger.expected["listings", "duplicate"] += 1


def _a_decision_twice(ledger: Ledger) -> None:
    ledger.repeated_ids += 1


@pytest.mark.parametrize(
    "disturb",
    [_one_more_published, _one_decision_missing, _one_dead_letter_missing, _another_fate, _a_decision_twice],
)
def test_one_event_amiss_and_they_do_not(disturb: Callable[[Ledger], None]) -> None:
    ledger = balanced_ledger()
    disturb(ledger)
    assert not ledger.balanced()
