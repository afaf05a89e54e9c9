"""Where a stretch begins and ends, on both sides.

The footage's pictures are about a second apart, so the alignment knows only between which two of
them a stretch ends. Either one side ends there (the clip begins, the footage is over), or the clip
was cut there, and the cut shows as a jump between two neighbouring frames of the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.matching.alignment import Line, Products

if TYPE_CHECKING:
    import numpy.typing as npt

SHORTEST = 0.04
NEAR_THE_END = 0.3
"""Seconds by which an end may be missed; what is left over is too short to be another shot."""
CUT_FACTOR = 3.0
"""A cut differs from its neighbours by this factor more than they do among themselves."""


@dataclass(frozen=True)
class Stretch:
    """Seconds of the source and of the footage; speed is negative when reversed."""

    query_start: float
    query_end: float
    reference_start: float
    reference_end: float
    speed: float


def locate(
    p: Products,
    line: Line,
    frames: Sequence[npt.NDArray[np.uint8]],
    duration: float | None,
    reference_duration: float,
) -> Stretch:
    """The whole stretch that a line's run of pictures stands for.

    Args:
        frames: the K source frames that belong to `p.moments`.
        duration: seconds of the source; None for a still.
        reference_duration: seconds of the footage.
    """
    speed, offset = line.speed, line.offset
    if duration is None:
        known = min(max(0.0, float(p.times[line.first])), reference_duration)
        return Stretch(0.0, SHORTEST, known, known + SHORTEST, 1.0)

    def moment(seconds: float) -> float:
        return (seconds - offset) / speed

    # The next pictures of the footage on either side, or its own ends where there are none.
    before = float(p.times[line.first - 1]) if line.first else 0.0
    after = float(p.times[line.last + 1]) if line.last + 1 < len(p.times) else reference_duration
    inner = sorted((moment(float(p.times[line.first])), moment(float(p.times[line.last]))))
    outer = sorted((moment(before), moment(after)))
    footage_ends = [not line.first, line.last + 1 >= len(p.times)]
    if speed < 0:
        footage_ends.reverse()
    start = _edge(p, frames, inner[0], outer[0], 0.0, footage_ends=footage_ends[0])
    end = _edge(p, frames, inner[1], outer[1], duration, footage_ends=footage_ends[1])
    start, end = min(max(0.0, start), duration), max(0.0, min(duration, end))
    if end - start < SHORTEST:
        start, end = max(0.0, min(start, duration - SHORTEST)), max(start + SHORTEST, end)
    ends = sorted((speed * start + offset, speed * end + offset))
    begin = min(max(0.0, ends[0]), max(0.0, reference_duration - SHORTEST))
    return Stretch(
        start, end, begin, max(begin + SHORTEST, min(reference_duration, ends[1])), speed
    )


def _edge(
    p: Products,
    frames: Sequence[npt.NDArray[np.uint8]],
    inner: float,
    outer: float,
    limit: float,
    *,
    footage_ends: bool,
) -> float:
    """The moment at which the stretch begins or ends.

    Args:
        inner: the source's moment of the outermost picture that is in the stretch.
        outer: the moment of the next picture, which is not, or of the footage's own end.
        limit: where the source itself begins or ends.
        footage_ends: `outer` is the footage's own end.
    """
    low, high = min(inner, outer), max(inner, outer)
    if low - NEAR_THE_END <= limit <= high + NEAR_THE_END:
        return limit  # the source ends before the next picture could have shown
    cut = _cut(p.moments, frames, low, high)
    if cut is not None:
        return cut
    return outer if footage_ends else (low + high) / 2


def _cut(moments: Any, frames: Sequence[Any], low: float, high: float) -> float | None:
    """The moment of a shot change between two moments, or None where there is none."""
    first = int(np.searchsorted(moments, low - 0.02))
    last = int(np.searchsorted(moments, high + 0.02))
    if last - first < 3:
        return None
    jumps = np.array(
        [
            float(np.abs(frames[k + 1].astype(np.int16) - frames[k].astype(np.int16)).mean())
            for k in range(first, min(last, len(frames) - 1))
        ]
    )
    if len(jumps) < 3:
        return None
    top = int(jumps.argmax())
    rest = np.delete(jumps, top)
    if jumps[top] < max(4.0, CUT_FACTOR * float(np.percentile(rest, 90))):
        return None
    return float(moments[first + top + 1])
