"""PDQ: the 256-bit hash of a picture that many desks and platforms share.

The algorithm is that of "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"
(Facebook, 2019; https://github.com/facebook/ThreatExchange, hashing/hashing.pdf): luminance, two
passes of box filters down to 64 x 64, a DCT of which the 16 x 16 lowest frequencies but the first
are kept, and a bit for each that is greater than their median.

Hashes of the same picture, encoded another way or scaled, differ in few of the 256 bits; those of
cropped or turned pictures in half of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Plane = npt.NDArray[np.float64]

BITS = 256
LONG_SIDE = 512
"""Pictures are scaled to this, as the tools of PDQ's authors do, before they are hashed."""
SAME_PICTURE_BITS = 31
"""Hashes that differ in at most so many bits are of the same picture, by PDQ's authors."""
LEAST_QUALITY = 50
"""Hashes of pictures with less in them (black, a title card) are not to be compared."""

_REDUCED, _KEPT = 64, 16
_PASSES = 2
_MOST_QUALITY = 100
_GRADIENT_SCALE = 90


@dataclass(frozen=True, eq=False)
class PdqHash:
    """Hash of a picture.

    Attributes:
        bits: (32,) uint8, the hash with its highest bit first.
        mirrored: (32,) uint8, the hash that the picture has when left and right are swapped.
        quality: 0..100, how much there is in the picture to tell it by.
    """

    bits: npt.NDArray[np.uint8]
    mirrored: npt.NDArray[np.uint8]
    quality: int


def pdq_hash(gray: npt.NDArray[np.uint8]) -> PdqHash:
    """The hash of a gray (height, width) uint8 picture, at least 5 pixels high and wide."""
    plane = gray.astype(np.float64)
    for _ in range(_PASSES):
        plane = _box_filtered(_box_filtered(plane, 1), 0)
    rows, columns = (
        ((np.arange(_REDUCED) + 0.5) * size / _REDUCED).astype(int) for size in plane.shape
    )
    small = plane[np.ix_(rows, columns)]
    frequencies = _cosines() @ small @ _cosines().T
    # Swapping left and right turns the sign of every second column of frequencies.
    turned = frequencies * np.where(np.arange(_KEPT) % 2, 1.0, -1.0)
    return PdqHash(_bits(frequencies), _bits(turned), _quality(small))


def hash_text(bits: npt.NDArray[np.uint8]) -> str:
    """A hash as 64 hex digits."""
    return bits.tobytes().hex()


def distances(some: npt.NDArray[np.uint8], others: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """(S, O) differing bits between (S, 32) and (O, 32) hashes."""
    a, b = (np.unpackbits(rows, axis=1).astype(np.float32) * 2 - 1 for rows in (some, others))
    found: npt.NDArray[np.int32] = ((BITS - a @ b.T) / 2).round().astype(np.int32)
    return found


def _box_filtered(plane: Plane, axis: int) -> Plane:
    """Means over a window along an axis; at the ends, over what of the window lies inside."""
    size = plane.shape[axis]
    window = (size + 2 * _REDUCED - 1) // (2 * _REDUCED)
    ahead = (window + 2) // 2
    at = np.arange(size)
    start = np.maximum(0, at + ahead - window)
    end = np.minimum(size, at + ahead)
    shape = list(plane.shape)
    shape[axis] = 1
    sums = np.concatenate([np.zeros(shape), plane.cumsum(axis)], axis)
    width = (end - start).reshape((-1, 1) if axis == 0 else (1, -1))
    filtered: Plane = (sums.take(end, axis) - sums.take(start, axis)) / width
    return filtered


def _quality(small: Plane) -> int:
    """How much changes from pixel to pixel, in whole hundredths: small changes count nothing."""
    total = 0
    for axis in (0, 1):
        steps = np.trunc(np.diff(small, axis=axis) * 100 / 255)
        total += int(np.abs(steps).sum())
    return min(_MOST_QUALITY, total // _GRADIENT_SCALE)


def _bits(frequencies: Plane) -> npt.NDArray[np.uint8]:
    # The lower of the two middle values, as the authors' way of finding the median gives it.
    median = np.sort(frequencies, axis=None)[BITS // 2 - 1]
    return np.packbits((frequencies > median).ravel()[::-1])


@lru_cache(maxsize=1)
def _cosines() -> Plane:
    """(16, 64) DCT matrix: frequencies 1 to 16."""
    frequency = np.arange(1, _KEPT + 1)[:, None]
    at = 2 * np.arange(_REDUCED)[None, :] + 1
    made: Plane = np.sqrt(2 / _REDUCED) * np.cos(np.pi / (2 * _REDUCED) * frequency * at)
    return made
