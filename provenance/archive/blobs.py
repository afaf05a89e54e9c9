"""Fingerprints as columns: raw little-endian arrays whose lengths follow from two counts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.archive.connection import REPAIR_HINT
from provenance.errors import ArchiveDamagedError
from provenance.models import Fingerprint

if TYPE_CHECKING:
    import numpy.typing as npt

FORMAT = 1
SOUND_FORMAT = 1
"""Says how sound was fingerprinted: chromaprint's algorithm 1 of the band 300 to 3000 Hz."""
DIMENSIONS = 128

# Column -> (dtype as stored, values an item), for the arrays with one item a frame or a feature.
_OF_FRAMES = {"times": ("<f8", 1), "hashes": ("<u8", 1)}
_OF_FEATURES = {
    "frame": ("<i4", 1),
    "descriptors": ("|u1", DIMENSIONS),
    "points": ("<f4", 2),
    "scales": ("<f4", 1),
    "angles": ("<f4", 1),
}
ARRAYS = (*_OF_FEATURES, *_OF_FRAMES)


def item_bytes() -> tuple[dict[str, int], dict[str, int]]:
    """Bytes an item of each column: (columns counted by frames, columns counted by features)."""
    frames, features = (
        {name: np.dtype(kind).itemsize * size for name, (kind, size) in group.items()}
        for group in (_OF_FRAMES, _OF_FEATURES)
    )
    return frames, features


def to_blobs(fingerprint: Fingerprint) -> dict[str, bytes]:
    """The arrays of a fingerprint by column.

    Raises:
        ValueError: arrays whose lengths do not fit each other, or frame numbers out of range.
    """
    frames, features = len(fingerprint.times), len(fingerprint.frame)
    pictures = len(fingerprint.pictures)
    if pictures not in (0, frames):
        raise ValueError(f"{pictures} pictures for {frames} frames")
    if features and not 0 <= int(fingerprint.frame.min()) <= int(fingerprint.frame.max()) < frames:
        raise ValueError(f"features name frames outside 0..{frames - 1}")
    blobs = {}
    for group, count in ((_OF_FRAMES, frames), (_OF_FEATURES, features)):
        for name, (kind, size) in group.items():
            array = np.ascontiguousarray(getattr(fingerprint, name))
            if array.size != count * size:
                raise ValueError(f"{name} has {array.size} values instead of {count * size}")
            blobs[name] = array.astype(kind, copy=False).tobytes()
    return blobs


def from_blobs(row: dict[str, Any], jpegs: bytes, ends: bytes, footage_id: int) -> Fingerprint:
    """A fingerprint from a row of the catalogue. Arrays are read-only.

    Raises:
        ArchiveDamagedError: lengths do not fit the counts, or a format unknown here.
    """
    if row["format"] != FORMAT:
        raise damaged(footage_id)
    counts = {
        **dict.fromkeys(_OF_FRAMES, row["frames"]),
        **dict.fromkeys(_OF_FEATURES, row["features"]),
    }
    arrays = {name: array(name, row[name], counts[name], footage_id) for name in ARRAYS}
    return Fingerprint(
        **arrays,
        width=row["width"],
        height=row["height"],
        pictures=_split(jpegs, ends),
    )


def array(name: str, blob: bytes, count: int, footage_id: int) -> npt.NDArray[Any]:
    """One column as an array of `count` items. Raises ArchiveDamagedError."""
    kind, size = (_OF_FRAMES | _OF_FEATURES)[name]
    if len(blob) != count * size * np.dtype(kind).itemsize:
        raise damaged(footage_id)
    values = np.frombuffer(blob, dtype=kind)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    return values.reshape(count, size) if size > 1 else values


def sound_codes(row: tuple[int, int, bytes], footage_id: int) -> npt.NDArray[np.uint32]:
    """(N,) uint32 from (format, items, blob). Raises ArchiveDamagedError."""
    kind, items, blob = row
    if kind != SOUND_FORMAT or len(blob) != items * 4:
        raise damaged(footage_id)
    return np.frombuffer(blob, "<u4").astype(np.uint32, copy=False)


def damaged(footage_id: int) -> ArchiveDamagedError:
    """The fingerprint of this footage cannot be read."""
    return ArchiveDamagedError(
        f"The fingerprint of footage {footage_id} is damaged.",
        f"{REPAIR_HINT} If it stays damaged, remove footage {footage_id} and add it again.",
    )


def picture_ends(pictures: tuple[bytes, ...]) -> bytes:
    """Offsets at which each picture ends when they stand one behind the other."""
    return np.cumsum([len(p) for p in pictures], dtype="<i8").astype("<i8", copy=False).tobytes()


def _split(jpegs: bytes, ends: bytes) -> tuple[bytes, ...]:
    stops = [0, *np.frombuffer(ends, dtype="<i8").tolist()]
    return tuple(jpegs[start:stop] for start, stop in pairwise(stops))
