import random
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.likeness import BankImage, Change, ImageBank, TakenDown, fingerprint, runs
from klean_stream.likeness.runs import Keys
from klean_stream.likeness.titles import Compared, is_fingerprint
from klean_stream.likeness.versioned import NEVER, VersionedRows

DAY = 86_400_000
TITLE = "나이키 에어맥스 97 미러급 운동화 남녀공용 260 270 무료배송"
ENGLISH = "Nike Air Max 97 mirror quality running shoes unisex size 42 free shipping"


def taken_down(*titles: str, keep_history: bool = False, expires: int = NEVER) -> TakenDown:
    known = TakenDown(keep_history=keep_history)
    for number, title in enumerate(titles):
        case_id = f"s{number}/l/1"
        known.apply([Change(case_id, number + 1, fingerprint(title), case_id, expires)], 0)
    return known


def found(known: TakenDown, title: str, *, version: int = 100, now: int = 0, but: str = "") -> str | None:
    made = fingerprint(title)
    assert made is not None
    hit = known.find(made, version=version, now=now, thousandths=600, but=but)
    return None if hit is None else hit[1]


@pytest.mark.parametrize(
    "reworded",
    [
        "에어맥스 97 나이키 운동화 미러급 남녀공용 270 260 무료배송",
        "나.이.키 에어맥스 97 미러급 운동화 남녀공용 260 270 무료배송 특가",
        "나\u200b이키 에어맥스 97 미러급 운동화를 남녀공용 260 270 무료배송",
    ],
)
def test_a_title_in_other_words_is_known(reworded: str) -> None:
    assert found(taken_down(ENGLISH, TITLE), reworded) == "s1/l/1"


def test_look_alikes_and_digits_for_letters_change_nothing() -> None:
    assert fingerprint("Nіke Аir Mах 97 runnіng shоes for men") == fingerprint("Nike Air Max 97 running shoes for men")
    assert fingerprint("N1KE A1R MAX 97 runn1ng sh0es for men") == fingerprint("Nike Air Max 97 running shoes for men")


def test_another_title_is_not_known() -> None:
    assert found(taken_down(TITLE, ENGLISH), "Adidas Samba leather sneakers women white size 38 new in box") is None


class Unhurried(TakenDown):
    """Looks every title up, however unlike it is to all that there are."""

    def _may_be_alike(self, print_: bytes, thousandths: int) -> bool:
        del print_, thousandths
        return True


_words = st.lists(st.sampled_from(TITLE.split() + ENGLISH.split()), min_size=3, max_size=40).map(" ".join)


@given(known=st.lists(_words, max_size=5), asked=_words)
def test_titles_that_are_not_looked_up_would_not_be_found(known: list[str], asked: str) -> None:
    print_ = fingerprint(asked)
    if print_ is None:
        return
    hurried, unhurried = TakenDown(), Unhurried()
    for index in (hurried, unhurried):
        index.apply([Change(str(n), n + 1, fingerprint(title), str(n)) for n, title in enumerate(known)], 0)
    answers = [index.find(print_, version=9, now=0, thousandths=600) for index in (hurried, unhurried)]
    assert answers[0] == answers[1]


def test_a_title_that_says_too_little_has_no_fingerprint() -> None:
    assert fingerprint("Nike") is None
    assert fingerprint("") is None


@given(st.text())
def test_a_fingerprint_is_made_of_any_text_or_none_is(title: str) -> None:
    made = fingerprint(title)
    assert made is None or is_fingerprint(made)


def test_of_a_long_title_as_much_is_compared_as_is_kept() -> None:
    chance = random.Random(3)
    words = ["".join(chance.choices("bcdfghklmnprst", k=8)) for _ in range(80)]
    whole, half, other = (fingerprint(" ".join(some)) for some in (words[:60], words[:30], words[60:]))
    assert whole is not None
    assert half is not None
    assert other is not None
    assert len(whole) == 256
    assert 400 <= Compared(whole).similarity(half) <= 600
    assert Compared(whole).similarity(whole) == 1_000
    assert Compared(whole).similarity(other) < 50


def test_words_that_many_titles_share_say_little_of_any_of_them() -> None:
    chance = random.Random(5)
    own = ["".join(chance.choices("bcdfghklmnprst", k=6)) for _ in range(401)]
    titles = [f"leather shoulder bag with {word}" for word in own]
    assert found(taken_down(titles[0]), titles[400]) == "s0/l/1"
    assert found(taken_down(*titles[:400]), titles[400], version=1_000) is None


def test_a_title_that_was_taken_down_is_known_however_many_are_like_it() -> None:
    chance = random.Random(9)
    frequent = ["".join(chance.choices("bcdfghklmnprst", k=6)) for _ in range(9)]
    titles = [" ".join(chance.sample(frequent, 7)) for _ in range(400)]
    known = taken_down(*titles)
    same = known.find(fingerprint(titles[0]) or b"", version=1_000, now=0, thousandths=990)
    assert same is not None
    assert same[0] == 1_000


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    made = fingerprint(ENGLISH)
    assert made is not None
    code = f"from klean_stream.likeness import fingerprint; print(fingerprint({ENGLISH!r}).hex())"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == made.hex()


def test_a_fingerprint_is_that_of_earlier_releases() -> None:
    # A change here makes every fingerprint on the topic worthless: METHOD has to change with it.
    made = fingerprint(ENGLISH)
    assert made is not None
    assert made.hex()[:32] == "8202610312104d12f114e919301e5b21"


def test_a_listing_does_not_repeat_itself_but_another_of_its_seller_does() -> None:
    known = taken_down(TITLE)
    assert found(known, TITLE, but="s0/l/") is None
    assert found(known, TITLE, but="s0/l2/") == "s0/l/1"


def test_what_has_expired_is_not_known() -> None:
    known = taken_down(TITLE, expires=1_000)
    assert found(known, TITLE, now=999) == "s0/l/1"
    assert found(known, TITLE, now=1_000) is None


def test_what_is_removed_is_not_known() -> None:
    known = taken_down(TITLE)
    known.apply([Change("s0/l/1", 2)], 0)
    assert found(known, TITLE) is None
    assert not len(known)


def test_every_version_can_be_asked_for_where_the_history_is_kept() -> None:
    known = taken_down(TITLE, ENGLISH, keep_history=True)
    known.apply([Change("s0/l/1", 3)], 0)
    assert [found(known, TITLE, version=version) for version in range(4)] == [None, "s0/l/1", "s0/l/1", None]


def test_thousands_are_sorted_and_found_and_forgotten() -> None:
    chance = random.Random(7)
    words = ["".join(chance.choices("bcdfghklmnprst", k=6)) for _ in range(3_000)]
    titles = [" ".join(chance.sample(words, 6)) for _ in range(3_000)]
    known = taken_down(*titles)
    assert all(found(known, titles[number], version=10_000) == f"s{number}/l/1" for number in range(0, 3_000, 111))
    known.apply([Change(f"s{number}/l/1", 3_001) for number in range(1, 3_000)], 0)
    added = [
        Change(f"t{number}/l/1", 4_000 + number, fingerprint(f"{t} again"), "t") for number, t in enumerate(titles)
    ]
    known.apply(added[1:], 0)
    assert len(known) == 3_000
    assert found(known, titles[0], version=10_000) == "s0/l/1"
    assert found(known, titles[1], version=10_000) == "t"


def test_one_addition_merges_no_more_than_a_slice_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_RECENT", 16)
    monkeypatch.setattr(runs, "_SLICE", 512)
    merged: list[int] = []
    step = runs._Merge.step

    def counted(merge: runs._Merge) -> int:
        merged.append(step(merge))
        return merged[-1]

    monkeypatch.setattr(runs._Merge, "step", counted)
    chance = random.Random(4)
    known: VersionedRows[str] = VersionedRows(lambda rows: np.frombuffer(b"".join(rows), np.uint32).reshape(-1, 1))
    most = 0
    for number in range(6_000):
        merged.clear()
        known.apply([Change(str(number), number + 1, chance.randbytes(4), "one")])
        most = max(most, sum(merged))
    assert 0 < most <= 2 * 512


def bank_of(rows: np.ndarray) -> ImageBank:
    bank = ImageBank()
    bank.apply(Change(str(n), n + 1, row.tobytes(), BankImage(str(n), "brand", None)) for n, row in enumerate(rows))
    return bank


@pytest.fixture(scope="module")
def hashes() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (5_000, 32), dtype=np.uint8)


@pytest.fixture(scope="module")
def bank(hashes: np.ndarray) -> ImageBank:
    return bank_of(hashes)


@given(data=st.data())
def test_a_picture_is_found_at_every_distance_up_to_31_and_none_beyond(
    hashes: np.ndarray, bank: ImageBank, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(hashes) - 1))
    turned = data.draw(st.sets(st.integers(0, 255), max_size=34))
    bits = np.unpackbits(hashes[number])
    bits[list(turned)] ^= 1
    hits = bank.find(np.packbits(bits).tobytes().hex(), version=len(hashes))
    assert ((len(turned), str(number)) in [(near, image.image_id) for near, image in hits]) == (len(turned) <= 31)


def test_in_an_empty_bank_and_among_no_titles_nothing_is_found(hashes: np.ndarray) -> None:
    assert bank_of(hashes[:0]).find(hashes[0].tobytes().hex(), version=1) == []
    assert found(taken_down(), TITLE) is None


def test_a_picture_that_was_removed_or_replaced_is_not_found(hashes: np.ndarray) -> None:
    bank = bank_of(hashes[:10])
    bank.apply([Change("0", 11), Change("1", 12, hashes[20].tobytes(), BankImage("1", "counterfeit", "nike"))])
    assert bank.find(hashes[0].tobytes().hex(), version=12) == []
    assert bank.find(hashes[1].tobytes().hex(), version=12) == []
    assert bank.find(hashes[20].tobytes().hex(), version=12) == [(0, BankImage("1", "counterfeit", "nike"))]


def rows_of(chance: random.Random, count: int) -> list[bytes]:
    # Few values, so that rows share keys and keys have many slots.
    return [bytes(chance.choices(range(6), k=3)) for _ in range(count)]


def keys_of(rows: Sequence[bytes]) -> Keys:
    return np.array([list(row) for row in rows], np.uint32) | np.array([0, 256, 512], np.uint32)


@pytest.mark.parametrize("keep_history", [False, True])
@pytest.mark.parametrize("at_once", [1, 97, 20_000])
@pytest.mark.parametrize(
    "limits",
    [{}, {"_RECENT": 16, "_FACTOR": 2, "_FEW_BLOCKS": 1}, {"_RECENT": 16, "_FACTOR": 2, "_LONG": 16}],
    ids=["in few runs", "in many runs searched by blocks", "in many runs with the place of each key"],
)
def test_what_is_found_does_not_depend_on_how_records_came(
    at_once: int, keep_history: bool, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(runs, name, limit)
    chance = random.Random(11)
    made = rows_of(chance, 14_000)
    changes = [
        Change(
            str(chance.randrange(9_000)),
            version + 1,
            None if chance.random() < 0.3 else row,
            version,
            (version + 600) * DAY,
        )
        for version, row in enumerate(made)
    ]
    known: VersionedRows[int] = VersionedRows(keys_of, keep_history=keep_history)
    for first in range(0, len(changes), at_once):
        batch = changes[first : first + at_once]
        known.apply(batch, batch[-1].version * DAY)
    standing: dict[str, Change[int]] = {}
    for change in changes:
        standing[change.key] = change
    asked_at = len(changes)
    for row in rows_of(chance, 20):
        wanted = [
            sorted(
                change.version
                for change in standing.values()
                if change.row is not None and change.row[table] == row[table] and asked_at * DAY < change.expires
            )[:-9:-1]
            for table in range(3)
        ]
        places, slots = known.newest(keys_of([row])[0], 8, asked_at, asked_at * DAY)
        found: list[list[int]] = [[], [], []]
        for place, slot in zip(places.tolist(), slots.tolist(), strict=True):
            found[place].append((known.payloads[slot] or 0) + 1)
        assert found == wanted
