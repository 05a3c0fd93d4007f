"""From the records of ``images`` and ``taken-down-fingerprints`` to changes of what is known."""

import msgspec
import orjson

from klean_stream.decision import Rejected
from klean_stream.events import Image, TakenDownFingerprint
from klean_stream.likeness import METHOD, BankImage, Change
from klean_stream.likeness.titles import is_fingerprint
from klean_stream.processing.decoding import decode
from klean_stream.processing.record import InputRecord
from klean_stream.processing.routes import ROUTES


def image_change(record: InputRecord, max_bytes: int) -> Change[BankImage] | None:
    """Give what a record of ``images`` changes; None for one that is not valid (it has its dead letter elsewhere)."""
    try:
        image: Image | None = decode(record, ROUTES["images"], max_bytes)
    except Rejected:
        return None
    key, version = (record.key or b"").decode(), record.offset + 1
    if image is None:
        return Change(key, version)
    return Change(key, version, bytes.fromhex(image.hash), BankImage(image.image_id, image.kind, image.brand_id))


def fingerprint_change(record: InputRecord) -> Change[str] | None:
    """Give what a record of ``taken-down-fingerprints`` changes; None for one that no worker has written.

    A fingerprint by another method takes its predecessor's place, but nothing can be compared with it.
    """
    key, version = (record.key or b"").decode("utf-8", "replace"), record.offset + 1
    if record.value is None:
        return Change(key, version)
    try:
        said = msgspec.convert(orjson.loads(record.value), TakenDownFingerprint)
        row = bytes.fromhex(said.fingerprint)
    except ValueError:
        return None
    if said.method != METHOD or not is_fingerprint(row):
        return Change(key, version)
    return Change(key, version, row, said.case_id, said.expires)
