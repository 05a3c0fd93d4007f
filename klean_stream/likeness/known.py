"""What is known to be counterfeit, as one decision sees it."""

from dataclasses import dataclass, field

from klean_stream.likeness.images import ImageBank
from klean_stream.likeness.taken_down import TakenDown


@dataclass(frozen=True, slots=True)
class Known:
    """Titles taken down and the bank of pictures, each at a version: the offset of the last record plus one."""

    taken_down: TakenDown = field(default_factory=TakenDown)
    taken_down_version: int = 0
    images: ImageBank = field(default_factory=ImageBank)
    images_version: int = 0
