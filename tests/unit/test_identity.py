"""The identity of an event: what makes two records the same event, and what does not."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from klean_stream.events.identity import Identity

_CE = (("ce_source", b"/platform"), ("ce_id", b"17"))
_BYTES = st.none() | st.binary(max_size=40)


def test_source_and_id_make_the_identity_whatever_the_body() -> None:
    assert Identity.of(b"k", b"one", _CE) == Identity.of(b"k2", b"two", (*_CE, ("trace", b"x")))
    assert Identity.of(b"k", b"one", _CE) != Identity.of(b"k", b"one", (("ce_source", b"/other"), _CE[1]))


def test_without_both_headers_key_and_value_make_it() -> None:
    assert Identity.of(b"k", b"v", (_CE[1],)) == Identity.of(b"k", b"v", ())
    assert Identity.of(b"k", b"v", ()) != Identity.of(b"k", b"w", ())


@given(_BYTES, _BYTES, _BYTES, _BYTES)
def test_different_pairs_have_different_identities(
    key: bytes | None, value: bytes | None, other_key: bytes | None, other_value: bytes | None
) -> None:
    same = (key, value) == (other_key, other_value)
    assert (Identity.of(key, value, ()) == Identity.of(other_key, other_value, ())) is same


def test_output_ids_are_uuid5_and_differ_by_kind_and_ordinal() -> None:
    identity = Identity.of(b"k", b"v", ())
    ids = {identity.output_id(kind, ordinal) for kind in ("decision", "takedown") for ordinal in (0, 1)}
    assert len(ids) == 4
    assert {uuid.UUID(text).version for text in ids} == {5}
    assert identity.output_id("decision") == Identity.of(b"k", b"v", ()).output_id("decision", 0)
