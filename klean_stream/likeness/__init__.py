"""What resembles something known: the titles of listings that were taken down, and the pictures of a bank.

Both are found by equal parts: of two rows that are alike, some part is (nearly) equal, so that only rows which share a
part are compared. ``docs/decisions.md`` says why the index is our own.
"""

from klean_stream.likeness.images import BankImage, ImageBank
from klean_stream.likeness.known import Known
from klean_stream.likeness.taken_down import TakenDown
from klean_stream.likeness.titles import METHOD, fingerprint
from klean_stream.likeness.versioned import Change

__all__ = ["METHOD", "BankImage", "Change", "ImageBank", "Known", "TakenDown", "fingerprint"]
