"""Fingerprints as columns: little-endian arrays whose lengths follow from two counts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.errors import REPAIR_HINT, ArchiveDamagedError
from provenance.fingerprints.codebook import CodedFeatures
from provenance.models import Fingerprint

if TYPE_CHECKING:
    import numpy.typing as npt

FORMAT = 2
"""Descriptors as words and codes of `fingerprints.codebook`, places in five bytes."""
SOUND_FORMAT = 1
"""Says how sound was fingerprinted: chromaprint's algorithm 1 of the band 300 to 3000 Hz."""
CODE_BYTES = 16
_STEPS_OF_PLACE = 4095  # 12 bits for each of x and y: a tenth of a pixel
_STEPS_OF_SCALE = 24.0  # of the logarithm to base 2, a diameter of one pixel being step 0
_STEPS_OF_ANGLE = 256 / (2 * np.pi)

# Column -> (dtype as stored, values an item), for the arrays with one item a frame or a feature.
_OF_FRAMES = {"times": ("<f8", 1), "counts": ("<u2", 1)}
_OF_FEATURES = {"words": ("<u2", 1), "codes": ("|u1", CODE_BYTES), "places": ("|u1", 5)}
ARRAYS = (*_OF_FRAMES, *_OF_FEATURES)


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
    for name in ("points", "scales", "angles", "descriptors"):
        if len(getattr(fingerprint, name)) != features:
            raise ValueError(f"{name} are not the values of {features} features")
    coded = fingerprint.descriptors
    if not isinstance(coded, CodedFeatures):
        coded = CodedFeatures.of(np.asarray(coded))
    arrays = {
        "times": fingerprint.times,
        "counts": np.bincount(fingerprint.frame, minlength=frames),
        "words": coded.words,
        "codes": coded.codes,
        "places": _packed(fingerprint),
    }
    blobs = {}
    for group, count in ((_OF_FRAMES, frames), (_OF_FEATURES, features)):
        for name, (kind, size) in group.items():
            array = np.ascontiguousarray(arrays[name])
            if array.size != count * size:
                raise ValueError(f"{name} has {array.size} values instead of {count * size}")
            blobs[name] = array.astype(kind, copy=False).tobytes()
    return blobs


def from_blobs(row: dict[str, Any], jpegs: bytes, ends: bytes, footage_id: int) -> Fingerprint:
    """A fingerprint from a row of the catalogue; its descriptors are decoded as they are asked for.

    Raises:
        ArchiveDamagedError: lengths do not fit the counts, or a format unknown here.
    """
    if row["format"] != FORMAT:
        raise damaged(footage_id)
    lengths = {
        **dict.fromkeys(_OF_FRAMES, row["frames"]),
        **dict.fromkeys(_OF_FEATURES, row["features"]),
    }
    arrays = {name: array(name, row[name], lengths[name], footage_id) for name in ARRAYS}
    points, scales, angles = _unpacked(arrays["places"], max(row["width"], row["height"]))
    return Fingerprint(
        times=arrays["times"],
        frame=frames_of(arrays["counts"], row["features"], footage_id),
        points=points,
        scales=scales,
        angles=angles,
        descriptors=CodedFeatures(arrays["words"], arrays["codes"]),
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


def frames_of(
    counts: npt.NDArray[np.uint16], features: int, footage_id: int
) -> npt.NDArray[np.int32]:
    """(N,) the frame of each feature, from the (F,) number of features of each frame.

    Raises:
        ArchiveDamagedError: they are not N in all.
    """
    if int(counts.sum()) != features:
        raise damaged(footage_id)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _packed(fingerprint: Fingerprint) -> npt.NDArray[np.uint8]:
    """(N, 5): x and y in 12 bits each, diameter and angle in a byte each."""
    unit = max(fingerprint.width, fingerprint.height, 1)
    place = np.clip(fingerprint.points / unit, 0, 1) * _STEPS_OF_PLACE
    x, y = np.rint(place).astype(np.uint16).T
    scale = np.log2(np.maximum(fingerprint.scales, 1e-3)) * _STEPS_OF_SCALE
    angle = np.rint(fingerprint.angles * _STEPS_OF_ANGLE).astype(np.int64) % 256
    columns = [x >> 4, (x & 15) << 4 | y >> 8, y & 255, np.clip(np.rint(scale), 0, 255), angle]
    return np.column_stack([column.astype(np.uint8) for column in columns])


def _unpacked(
    places: npt.NDArray[np.uint8], unit: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Points (N, 2) in pixels, diameters (N,) in pixels, angles (N,) in radians."""
    a, b, c, scale, angle = places.reshape(-1, 5).T.astype(np.uint16)
    place = np.column_stack([a << 4 | b >> 4, (b & 15) << 8 | c])
    return (
        place.astype(np.float32) * np.float32(unit / _STEPS_OF_PLACE),
        np.exp2(scale.astype(np.float32) / np.float32(_STEPS_OF_SCALE)),
        angle.astype(np.float32) / np.float32(_STEPS_OF_ANGLE),
    )


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
