"""Whole-frame hashes: one 64-bit number a frame, near for frames that look alike.

They fail on every edit that moves the picture, so matching does not rest on them; they find frames
that repeat, name stills, and can be shared. pHash as ImageHash computes it (DCT of a 32 x 32
reduction, sign of the 64 lowest frequencies against their median).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

SAME_FRAME_BITS = 6
"""Frames whose hashes differ in at most so many bits are shown as one (`keyframes`)."""


def frame_hash(image: npt.NDArray[np.uint8]) -> int:
    """64-bit pHash of a gray (height, width) uint8 image."""
    import imagehash
    from PIL import Image

    return int(str(imagehash.phash(Image.fromarray(image))), 16)


def hash_text(value: int) -> str:
    """The hash as 16 hex digits, as ImageHash writes it."""
    return f"{value:016x}"


def hash_distance(a: int, b: int) -> int:
    """Hamming distance in bits."""
    return (int(a) ^ int(b)).bit_count()
