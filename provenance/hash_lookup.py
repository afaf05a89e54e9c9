"""Looks a source up in lists of PDQ hashes that others shared, whose footage nobody here holds.

Frames of the source are hashed about once a second, and once more with left and right swapped. A
list of a video is found where enough frames are near its hashes at one offset in time; a list of
pictures where a frame is near one of them. Footage that was cropped, turned or played at another
speed is not found in this way, and what is found cannot be looked at: no such match is accepted.

Thresholds of the hashes themselves are those of PDQ's authors (`fingerprints.pdq`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive import Archive
from provenance.archive.hash_lists import HashList
from provenance.errors import UnknownFootageError
from provenance.media import MediaInfo, read_frames
from provenance.models import Match, Segment
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

STEP = 1.0
"""Seconds between hashed frames of a source; short ones are looked at more densely."""
LEAST_FRAMES = 3
"""Frames that have to agree at one offset, where source and list have so many at all."""
TOLERANCE = 0.75
"""Seconds by which offsets may differ: source and list were sampled at different moments."""
HIGHEST_SCORE = 0.4
"""Of a source all of whose frames are in the list: below any acceptance, above what is noise."""
LOWEST_SCORE = 0.15
_AT_ONCE = 4096  # hashes of a list that are compared at once; bounds memory
_SHORTEST = 0.04  # s; a still or a single frame has to have some length


def match_hashes(
    path: Path, info: MediaInfo, archive: Archive, banned: frozenset[int], settings: Settings
) -> list[Match]:
    """Footage known by hashes alone that the source resembles, best first; none is accepted.

    Args:
        path: the source.
        banned: footage that must not be reported for it.

    Raises:
        UnreadableMediaError: the source cannot be decoded.
    """
    if not archive.hash_lists.any():
        return []
    query = _hashed(path, info, settings)
    found = []
    for known in archive.hash_lists.all():
        if known.footage in banned:
            continue
        best = max(
            (s for mirrored in (False, True) for s in _segments(query, known, mirrored=mirrored)),
            key=lambda segment: segment.score,
            default=None,
        )
        if best is None:
            continue
        try:
            footage = archive.footage(known.footage)
        except UnknownFootageError:  # removed by somebody else since it was found
            continue
        edits = ("mirrored",) if best.mirrored else ()
        found.append(Match(footage, best.score, False, (best,), edits=edits))
    return sorted(found, key=lambda match: -match.score)


@dataclass(frozen=True, eq=False)
class Hashed:
    """The frames of a source that hold enough to be compared.

    Attributes:
        times: (Q,) seconds.
        bits, mirrored: (Q, 32) uint8, hashes as the frames are, and with left and right swapped.
        step: seconds that a frame stands for.
    """

    times: npt.NDArray[np.float64]
    bits: npt.NDArray[np.uint8]
    mirrored: npt.NDArray[np.uint8]
    step: float


def _hashed(path: Path, info: MediaInfo, settings: Settings) -> Hashed:
    import numpy as np

    from provenance.fingerprints.pdq import LEAST_QUALITY, LONG_SIDE, pdq_hash

    step = min(STEP, (info.duration or STEP) / (2 * LEAST_FRAMES))
    times, straight, turned = [], [], []
    for frame in read_frames(path, info, long_side=LONG_SIDE, every=step, settings=settings):
        made = pdq_hash(frame.image)
        if made.quality >= LEAST_QUALITY:
            times.append(frame.seconds)
            straight.append(made.bits)
            turned.append(made.mirrored)
    shape = (len(times), 32)
    return Hashed(
        np.array(times, np.float64),
        np.array(straight, np.uint8).reshape(shape),
        np.array(turned, np.uint8).reshape(shape),
        step if info.duration is not None else _SHORTEST,
    )


def _segments(query: Hashed, known: HashList, *, mirrored: bool) -> Iterator[Segment]:
    """The stretch of the source that is best explained by a list, if any is."""
    import numpy as np

    from provenance.fingerprints.pdq import LEAST_QUALITY

    near = _near(query.mirrored if mirrored else query.bits, known)
    if not len(near.query):
        return
    if known.times is None:
        chosen = np.ones(len(near.query), bool)
        needed = 1
    else:
        offsets = known.times[near.known] - query.times[near.query]
        chosen = _at_one_offset(offsets, near.query)
        usable = int((known.qualities >= LEAST_QUALITY).sum())
        needed = min(LEAST_FRAMES, len(query.times), usable)
    frames = np.unique(near.query[chosen])
    if len(frames) < needed:
        return
    start, end = float(query.times[frames[0]]), float(query.times[frames[-1]]) + query.step
    inside = int(((query.times >= start) & (query.times < end)).sum())
    first = 0.0
    if known.times is not None:
        first = max(0.0, start + float(np.median(offsets[chosen])))
    share = len(frames) / max(inside, 1)
    score = LOWEST_SCORE + (HIGHEST_SCORE - LOWEST_SCORE) * share
    yield Segment(
        start,
        end,
        first,
        first + (end - start),
        mirrored=mirrored,
        score=score,
        evidence={
            "hashes_only": 1.0,
            "frames": float(len(frames)),
            "of_frames": float(inside),
            "differing_bits": float(np.mean(near.bits[chosen])),
        },
    )


@dataclass(frozen=True, eq=False)
class _Near:
    """Pairs of a source frame and a hash that are near: their numbers, and the differing bits."""

    query: npt.NDArray[np.intp]
    known: npt.NDArray[np.intp]
    bits: npt.NDArray[np.int32]


def _near(bits: npt.NDArray[np.uint8], known: HashList) -> _Near:
    import numpy as np

    from provenance.fingerprints.pdq import LEAST_QUALITY, SAME_PICTURE_BITS, distances

    usable = np.flatnonzero(known.qualities >= LEAST_QUALITY)
    rows, columns, counts = [], [], []
    for start in range(0, len(usable), _AT_ONCE):
        part = usable[start : start + _AT_ONCE]
        apart = distances(bits, known.bits[part])
        row, column = np.nonzero(apart <= SAME_PICTURE_BITS)
        rows.append(row)
        columns.append(part[column])
        counts.append(apart[row, column])
    if not rows:
        none = np.zeros(0, np.intp)
        return _Near(none, none, np.zeros(0, np.int32))
    return _Near(np.concatenate(rows), np.concatenate(columns), np.concatenate(counts))


def _at_one_offset(
    offsets: npt.NDArray[np.float64], query: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """The pairs at the offset at which most different frames of the source agree."""
    import numpy as np

    best = np.zeros(len(offsets), bool)
    most = 0
    for center in np.unique(np.round(offsets / TOLERANCE) * TOLERANCE):
        members = np.abs(offsets - center) <= TOLERANCE
        frames = len(np.unique(query[members]))
        if frames > most:
            best, most = members, frames
    return best
