"""Which seconds of the source are which seconds of the footage: t_reference = speed x t_query + b.

Background agrees at every offset, so it cannot tell when, nor whether a clip is another take of
the same scene. What tells is change: between two moments of the footage some pixels change, and in
a copy the same pixels change in the same way between the two moments they are aligned with.
Background and fixed overlays cancel in such differences. `motion` below is the correlation of these
differences; most copies reach 0.6 to 0.95, other takes of the same scene stay below 0.4 where more
than two pictures are aligned (measured on the development split, see docs/accuracy.md).

All hypotheses of speed and offset are scored from inner products that are computed once; for each
the best contiguous stretch of the footage is found by Kadane's maximum-sum scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SPEEDS = np.unique(np.append(np.exp(np.arange(np.log(0.5), np.log(2.0) + 1e-9, 0.05)), 1.0))
"""Playing speeds that are tried first: none in between is further than 2.5 % off."""
OFFSET_STEP = 0.08
"""Seconds between the offsets that are tried first."""
POLISH = (
    (4, np.array([-0.024, -0.012, 0.0, 0.012, 0.024]), np.arange(-0.12, 0.121, 0.03)),
    (5, np.array([-0.006, 0.0, 0.006]), np.arange(-0.02, 0.021, 0.01)),
)
"""Then the best so many are tried again at these speeds and offsets around them."""
AT_ONCE = 2000
"""Lines that are gone through at once; where the source could hold 240 pictures of the footage, an
array of them takes four megabytes."""
COMPARED = 12
"""Lines that are compared by how well they agree, not only by how much they gain."""
LAGS = (1, 2, 4)
"""Differences are taken between pictures so many apart: fast and slow changes both count."""
EDGE_TOLL = 0.25
"""A difference counts for a stretch as far as its correlation exceeds this."""
NODE_TOLL = 0.45
NODE_WEIGHT = 0.06
"""Likeness of the still picture adds a little, so that a stretch goes on while nothing moves."""
WAITS = 0.02
"""A step in which the source changes by less is none: slides that wait change by up to 0.01."""
STANDS = 0.97
"""Correlation of two frames of a source that stands still."""
APART = 0.9
"""Seconds between the pictures by whose change a moving camera is told from a standing one."""
SNAP = 0.035
SNAP_SHIFTS = np.arange(-0.12, 0.121, 0.02)
"""So near to 1 a speed is taken for 1, at one of these shifts (seconds), if that does as well."""
GAP = 0.3
"""Seconds without a frame of the source that a picture may fall into all the same."""
UNIT_SPEED_BONUS = 1.08
"""Another speed than 1 must explain the pictures better by this factor."""


@dataclass(frozen=True, eq=False)
class Products:
    """Inner products of n footage pictures and K source frames at their times.

    Attributes:
        times: (n,) seconds in the footage.  moments: (K,) seconds in the source, ascending.
        cross: (n, K).  reference: (n, n).  query: (K, K).
    """

    times: Floats
    moments: Floats
    cross: Any
    reference: Any
    query: Any

    @cached_property
    def reach(self) -> float:
        """Seconds by which the nearest frame may miss a moment: up to half a step beyond the ends,
        and across the gaps that a low frame rate leaves.
        """
        return 0.75 * max(float(np.median(np.diff(self.moments))), OFFSET_STEP)

    @cached_property
    def nodes(self) -> Any:
        """(n, K): what a picture and a frame that is aligned with it add to a stretch."""
        length = np.sqrt(np.maximum(np.diagonal(self.query), 1e-6))
        own = np.sqrt(np.maximum(np.diagonal(self.reference), 1e-6))[:, None]
        # A dull picture (short vector) is little evidence either way.
        return NODE_WEIGHT * (self.cross / (own * length) - NODE_TOLL) * own

    @cached_property
    def steps(self) -> Any:
        """(n, K): how much more each frame is like the next picture than like this one."""
        return np.diff(self.cross, axis=0, append=self.cross[-1:])

    @cached_property
    def reference_change(self) -> Any:
        """(n,): how much changes between this picture and the next one, 0..4."""
        own = np.diagonal(self.reference)
        return np.append(own[:-1] + own[1:] - 2 * np.diagonal(self.reference, 1), np.float32(0))

    @cached_property
    def query_change(self) -> Any:
        """(K, K): how much changes between two frames, 0..4."""
        own = np.diagonal(self.query)
        return own[:, None] + own[None, :] - 2 * self.query


@dataclass(frozen=True)
class Line:
    """One aligned stretch: footage pictures first..last (inclusive) lie on the line.

    Attributes:
        speed, offset: t_reference = speed x t_query + offset; speed is negative when reversed.
        motion: correlation of what changes, -1..1; 0 where nothing changes.
        change: how much changes between neighbouring pictures of the footage, 0..2.
        query_change: the same of the source.
        likeness: mean correlation of the pictures themselves.
        gain: what the stretch was chosen by.
    """

    speed: float
    offset: float
    first: int
    last: int
    motion: float
    change: float
    query_change: float
    likeness: float
    gain: float


def products(times: Any, moments: Any, reference: Any, query: Any) -> Products:
    """Inner products of the vectors of an overlay."""
    return Products(
        np.asarray(times, np.float64),
        np.asarray(moments, np.float64),
        reference @ query.T,
        reference @ reference.T,
        query @ query.T,
    )


def best_line(
    p: Products,
    *,
    near: Line | None = None,
    free: npt.NDArray[np.bool_] | None = None,
    backwards: bool = False,
) -> Line | None:
    """The line and stretch with the greatest gain, or None where no picture is like another.

    Args:
        near: only lines close to this one.
        free: (K,) source frames that may be used; those of stretches found before may not.
        backwards: the source plays the footage from its end to its beginning.
    """
    if len(p.moments) < 2 or not len(p.times):
        return None
    if near:
        tried = [(0.0, near.speed, near.offset, near.first, near.last)]
    else:
        speeds = -SPEEDS if backwards else SPEEDS
        tried = _tried(p, free, ((speed, _all_offsets(p, speed)) for speed in speeds))
    # Offsets are the footage's second at the source's second 0: turning a line about the middle of
    # the source keeps what was found in place.
    middle = float(p.moments[len(p.moments) // 2])
    for count, turns, shifts in POLISH:
        tried = _tried(
            p,
            free,
            (
                (speed * (1 + turn), offset - speed * turn * middle + shifts)
                for _, speed, offset, _, _ in tried[:count]
                for turn in turns
            ),
        )
    lines = [
        replace(measure(p, speed, offset, first, last), gain=gain)
        for gain, speed, offset, first, last in tried[:COMPARED]
        if gain > 0
    ]
    return max(lines, key=_worth, default=None)


def _worth(line: Line) -> float:
    """What lines are compared by: a steep one gains by the pictures that it squeezes in, but those
    agree less.
    """
    return line.gain * max(line.motion, 0.05) ** 2


def _tried(
    p: Products,
    free: npt.NDArray[np.bool_] | None,
    speeds_and_offsets: Iterable[tuple[float, Floats]],
) -> list[tuple[float, float, float, int, int]]:
    """(gain, speed, offset, first, last) of the best stretch for each speed, best first."""
    lines = list(speeds_and_offsets)
    found = [
        (best[0] * _bonus(speed), float(speed), *best[1:])
        for (speed, _), best in zip(lines, _scan(p, free, lines), strict=True)
        if best
    ]
    return sorted(found, key=lambda f: -f[0])


def _bonus(speed: float) -> float:
    return UNIT_SPEED_BONUS if abs(speed) == 1.0 else 1.0


def best_still(p: Products) -> Line | None:
    """The footage picture most like the only frame of a still source."""
    if len(p.moments) != 1 or not len(p.times):
        return None
    own = np.sqrt(np.maximum(np.diagonal(p.reference), 1e-6))
    like = p.cross[:, 0] / (own * np.sqrt(max(float(p.query[0, 0]), 1e-6)))
    best = int(like.argmax())
    return Line(
        speed=1.0,
        offset=float(p.times[best] - p.moments[0]),
        first=best,
        last=best,
        motion=0.0,
        change=0.0,
        query_change=0.0,
        likeness=float(like[best]),
        gain=float(like[best]),
    )


def aligned_pairs(p: Products, line: Line) -> npt.NDArray[np.intp]:
    """(m, 2): footage pictures of the stretch and the source frames that lie on the line."""
    pictures = np.arange(line.first, line.last + 1)
    wanted = (p.times[pictures] - line.offset) / line.speed
    frames = np.abs(p.moments[None, :] - wanted[:, None]).argmin(axis=1)
    return np.column_stack([pictures, frames])


def telling_steps(p: Products, line: Line, whole: float) -> float:
    """Steps from picture to picture of a stretch in which the source changes, not only waits.

    Args:
        whole: seconds of a step that counts fully; a shorter one counts for its share.
    """
    pairs = aligned_pairs(p, line)
    if len(pairs) < 2:
        return 0.0
    i, j = pairs[:-1, 1], pairs[1:, 1]
    change = p.query[i, i] + p.query[j, j] - 2 * p.query[i, j]
    step = np.diff(p.times[pairs[:, 0]])
    return float((np.minimum(1.0, step / whole) * (change > WAITS)).sum())


def standing_span(p: Products, line: Line) -> tuple[float, float] | None:
    """From when to when (seconds) the source stands still around the only picture of a stretch;
    None where the stretch has more of them.
    """
    if line.first != line.last or len(p.moments) < 2:
        return None
    frame = int(aligned_pairs(p, line)[0, 1])
    length = np.sqrt(np.maximum(np.diagonal(p.query), 1e-6))
    same = p.query[frame] / (length * length[frame]) > STANDS
    same[frame] = True
    other = np.flatnonzero(~same)
    first = int(other[other < frame].max(initial=-1)) + 1
    last = int(other[other > frame].min(initial=len(same))) - 1
    return float(p.moments[first]), float(p.moments[last])


def change_around(p: Products, line: Line) -> float:
    """Mean change between footage pictures in and next to a stretch that are about a second apart,
    or neighbours where these are farther, 0..2."""
    earlier = np.flatnonzero(p.times <= p.times[line.first] - APART)
    later = np.flatnonzero(p.times >= p.times[line.last] + APART)
    before = earlier[-1] if len(earlier) else 0
    after = later[0] if len(later) else len(p.times) - 1
    marks = np.unique([before, *range(line.first, line.last + 1), after])
    a, b = marks[:-1], marks[1:]
    if not len(a):
        return 0.0
    return float((p.reference[a, a] + p.reference[b, b] - 2 * p.reference[a, b]).mean())


def measure(p: Products, speed: float, offset: float, first: int, last: int) -> Line:
    """The figures of a stretch on a given line."""
    chosen = np.arange(first, last + 1)
    frames, present = _frames_at(p, np.array([speed]), np.array([offset]))
    frame = frames[0, chosen]
    chosen, frame = chosen[present[0, chosen]], frame[present[0, chosen]]
    covariance = energy = query_energy = 0.0
    pairs = 0
    for lag in LAGS:
        if lag >= len(chosen):
            break
        a, b, i, j = chosen[:-lag], chosen[lag:], frame[:-lag], frame[lag:]
        covariance += float((p.cross[b, j] - p.cross[a, j] - p.cross[b, i] + p.cross[a, i]).sum())
        energy += float((p.reference[a, a] + p.reference[b, b] - 2 * p.reference[a, b]).sum())
        query_energy += float((p.query[i, i] + p.query[j, j] - 2 * p.query[i, j]).sum())
        pairs += len(a)
    scale = np.sqrt(max(energy, 1e-4 * pairs) * max(query_energy, 1e-4 * pairs)) if pairs else 1.0
    likeness = p.cross[chosen, frame] / np.sqrt(
        np.maximum(p.reference[chosen, chosen] * p.query[frame, frame], 1e-6)
    )
    return Line(
        speed=speed,
        offset=offset,
        first=int(chosen[0]) if len(chosen) else first,
        last=int(chosen[-1]) if len(chosen) else last,
        motion=covariance / float(scale),
        change=energy / max(pairs, 1),
        query_change=query_energy / max(pairs, 1),
        likeness=float(likeness.mean()) if len(chosen) else 0.0,
        gain=0.0,
    )


def refine(p: Products, line: Line) -> Line:
    """Fit speed and offset anew to the best source frame of each picture of the stretch.

    Each picture's best frame near the line is found by its share in the differences, to a fraction
    of a frame by a parabola; a line is fitted to these moments by weighted least squares.
    """
    chosen = np.arange(line.first, line.last + 1)
    if len(chosen) < 3:
        return line
    frames, present = _frames_at(p, np.array([line.speed]), np.array([line.offset]))
    chosen = chosen[present[0, chosen]]
    frame = frames[0, chosen]
    reach = int(np.ceil(0.2 / max(float(np.median(np.diff(p.moments))), 1e-3)))
    moments, weights, kept = [], [], []
    for picture, middle in zip(chosen, frame, strict=True):
        window = np.arange(max(0, middle - reach), min(len(p.moments), middle + reach + 1))
        typical = p.cross[chosen][:, window].mean(axis=0)
        value = p.cross[picture, window] - typical
        top = int(value.argmax())
        if 0 < top < len(window) - 1:
            left, centre, right = value[top - 1], value[top], value[top + 1]
            bend = left - 2 * centre + right
            shift = 0.5 * (left - right) / bend if bend < -1e-9 else 0.0
            step = (p.moments[window[top + 1]] - p.moments[window[top - 1]]) / 2
            moments.append(p.moments[window[top]] + float(np.clip(shift, -0.5, 0.5)) * step)
            weights.append(max(float(value.max() - value.min()), 0.0))
            kept.append(picture)
    if len(kept) < 3 or sum(weights) <= 0:
        return line
    speed, offset = _fit_line(np.array(moments), p.times[kept], np.array(weights), line)
    again = measure(p, speed, offset, line.first, line.last)
    return again if again.motion > line.motion else line


def settle(p: Products, line: Line, *, free: npt.NDArray[np.bool_] | None = None) -> Line:
    """The stretch anew under the refined speed, which lets it reach as far as it really goes."""
    (found,) = _scan(p, free, [(line.speed, np.array([line.offset]))])
    if found is None:
        return line
    gain, _, first, last = found
    settled = replace(measure(p, line.speed, line.offset, first, last), gain=gain)
    return _snapped(p, settled, free)


def _snapped(p: Products, line: Line, free: npt.NDArray[np.bool_] | None) -> Line:
    """The line at exactly normal speed, where that explains the pictures about as well."""
    if line.speed == 1.0 or abs(line.speed - 1.0) > SNAP:
        return line
    middle = (p.times[line.first] + p.times[line.last]) / 2
    moment = (middle - line.offset) / line.speed
    (found,) = _scan(p, free, [(1.0, middle - moment + SNAP_SHIFTS)])
    if found is None or found[0] * UNIT_SPEED_BONUS < line.gain:
        return line
    return replace(measure(p, 1.0, *found[1:]), gain=found[0])


def _fit_line(moments: Floats, times: Floats, weights: Floats, line: Line) -> tuple[float, float]:
    speed, offset = line.speed, line.offset
    for _ in range(5):
        error = times - (speed * moments + offset)
        w = weights / (1.0 + (error / 0.04) ** 2)
        total = w.sum()
        centre, time = (w @ moments) / total, (w @ times) / total
        spread = w @ (moments - centre) ** 2
        if spread < 1e-6:
            break
        # A prior of a fiftieth on the speed that was found keeps short stretches steady.
        prior = total * (0.02 * 2.0) ** 2
        slope = (w @ ((moments - centre) * (times - time)) + prior * line.speed) / (spread + prior)
        speed, offset = float(slope), float(time - slope * centre)
    if abs(speed / line.speed - 1) > 0.05:
        return line.speed, line.offset
    return speed, offset


def _all_offsets(p: Products, speed: float) -> Floats:
    """Offsets at which source and footage have a moment in common."""
    ends = (speed * p.moments[0], speed * p.moments[-1])
    low, high = p.times[0] - max(ends), p.times[-1] - min(ends)
    return np.arange(low, high + OFFSET_STEP, OFFSET_STEP)


def _scan(
    p: Products, free: npt.NDArray[np.bool_] | None, lines: Sequence[tuple[float, Floats]]
) -> list[tuple[float, float, int, int] | None]:
    """Best (gain, offset, first, last) over the offsets of each (speed, offsets)."""
    counts = [len(offsets) for _, offsets in lines]
    found: list[tuple[float, float, int, int] | None] = []
    for batch in _batches(counts):
        speeds = np.repeat([lines[k][0] for k in batch], [counts[k] for k in batch])
        offsets = np.concatenate([lines[k][1] for k in batch])
        gain, first, last = _runs(p, free, speeds, offsets)
        start = 0
        for k in batch:
            top = start + int(gain[start : start + counts[k]].argmax())
            start += counts[k]
            best = (float(gain[top]), float(offsets[top]), int(first[top]), int(last[top]))
            found.append(best if np.isfinite(gain[top]) else None)
    return found


def _batches(counts: Sequence[int]) -> Iterator[list[int]]:
    """Neighbours that are gone through at once, so that arrays are neither tiny nor huge."""
    batch: list[int] = []
    for k, count in enumerate(counts):
        if batch and sum(counts[j] for j in batch) + count > AT_ONCE:
            yield batch
            batch = []
        batch.append(k)
    if batch:
        yield batch


def _runs(
    p: Products, free: npt.NDArray[np.bool_] | None, speeds: Floats, offsets: Floats
) -> tuple[Any, Any, Any]:
    """Gain, first and last picture of the best run on each of L lines."""
    pictures, inside = _reached(p, speeds, offsets)
    frames, present = _frames_at(p, speeds, offsets, pictures)
    present &= inside
    if free is not None:
        present &= free[frames]
    node = np.where(present, p.nodes[pictures, frames], -np.inf)
    a, i, j = pictures[:, :-1], frames[:, :-1], frames[:, 1:]
    # Each of the two frames must be more like its own picture than like the other one: the sum of
    # both would let a stretch run on into whatever follows a cut.
    change = p.query_change[i, j] + p.reference_change[a]
    edge = 2 * np.minimum(p.steps[a, j], -p.steps[a, i]) - EDGE_TOLL * change / 2
    gain, first, last = best_run(node, edge)
    line = np.arange(len(offsets))
    return gain, pictures[line, first], pictures[line, last]


def _reached(p: Products, speeds: Floats, offsets: Floats) -> tuple[Any, Any]:
    """For each line the row of pictures that the source could hold, and which of them exist: all
    rows are as long as the longest of them.
    """
    ends = speeds[:, None] * np.array([p.moments[0] - p.reach, p.moments[-1] + p.reach])
    first = np.searchsorted(p.times, ends.min(axis=1) + offsets)
    beyond = np.searchsorted(p.times, ends.max(axis=1) + offsets, side="right")
    pictures = first[:, None] + np.arange(max(1, int((beyond - first).max())))
    return pictures.clip(0, len(p.times) - 1), pictures < beyond[:, None]


def best_run(node: Any, edge: Any) -> tuple[Any, Any, Any]:
    """Maximum-sum run of each row over nodes and the edges between neighbours."""
    rows, n = node.shape
    running = np.full(rows, -np.inf)
    start = np.zeros(rows, int)
    best = np.full(rows, -np.inf)
    first = np.zeros(rows, int)
    last = np.zeros(rows, int)
    for k in range(n):
        going_on = running + edge[:, k - 1] if k else running
        anew = ~(going_on > 0)
        running = np.where(anew, 0.0, going_on) + node[:, k]
        start = np.where(anew, k, start)
        better = running > best
        best = np.where(better, running, best)
        first = np.where(better, start, first)
        last = np.where(better, k, last)
    return best, first, last


def _frames_at(
    p: Products, speeds: Floats, offsets: Floats, pictures: Any = ...
) -> tuple[Any, Any]:
    """For each line and picture the nearest source frame, and whether one is near enough."""
    wanted = (p.times[pictures] - offsets[:, None]) / speeds[:, None]
    right = np.searchsorted(p.moments, wanted).clip(1, len(p.moments) - 1)
    left = right - 1
    nearer_left = wanted - p.moments[left] < p.moments[right] - wanted
    frames = np.where(nearer_left, left, right)
    inside = (wanted > p.moments[left] - p.reach) & (wanted < p.moments[right] + p.reach)
    return frames, inside & (np.abs(p.moments[frames] - wanted) < max(p.reach, GAP))
