"""Whole-frame hashes: one 64-bit number a frame, near for frames that look alike.

They fail on every edit that moves the picture, so matching does not rest on them; they name frames
and stills, and can be shared. pHash bit for bit as ImageHash computes it (DCT of a 32 x 32
reduction, the 64 lowest frequencies against their median), which would load SciPy for it: that
takes longer than all hashes of a film.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

SAME_FRAME_BITS = 6
"""Frames whose hashes differ in at most so many bits are shown as one (`keyframes`)."""

_SIDE = 32
_FREQUENCIES = 8
_DECIMALS = 6
"""What a flat picture has beside its mean is rounding, whose sign means nothing."""


def frame_hash(image: npt.NDArray[np.uint8]) -> int:
    """64-bit pHash of a gray (height, width) uint8 image."""
    from PIL import Image

    small = Image.fromarray(image).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    waves = _cosines()
    lowest = np.round(waves @ np.asarray(small, np.float64) @ waves.T, _DECIMALS)
    return int.from_bytes(np.packbits(lowest > np.median(lowest)).tobytes(), "big")


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float64]:
    """(8, 32): the lowest frequencies of the DCT-II, not normalised."""
    k, n = np.arange(_FREQUENCIES)[:, None], np.arange(_SIDE)
    return np.asarray(2 * np.cos(np.pi * k * (2 * n + 1) / (2 * _SIDE)), np.float64)


def hash_text(value: int) -> str:
    """The hash as 16 hex digits, as ImageHash writes it."""
    return f"{value:016x}"


def hash_distance(a: int, b: int) -> int:
    """Hamming distance in bits."""
    return (int(a) ^ int(b)).bit_count()
