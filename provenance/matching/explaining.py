"""One stretch of the source explained by one footage, under a pose that the features gave.

Pixels of both are laid over each other, aligned in time, the transform is fitted anew to the
pixels, and a stretch that reaches the end of the window that was looked at is followed into the
next one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.crew import checkpoint
from provenance.fingerprints import reshaped
from provenance.matching.alignment import (
    Line,
    Products,
    best_line,
    best_still,
    products,
    refine,
    settle,
    standing_span,
)
from provenance.matching.boundaries import SHORTEST, Stretch, locate
from provenance.matching.edits import Aligned
from provenance.matching.hypotheses import Pose
from provenance.matching.pixels import decode_pictures, halved, lay_over, shrink
from provenance.matching.registration import Registration, sharpened, steadied
from provenance.matching.scoring import Evidence, score

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.models import Fingerprint

    Gray = npt.NDArray[np.uint8]

WINDOW = 40.0
"""Seconds of source that are aligned at a time."""
PADDING = 3.0
FINE_STEP, COARSE_STEP = 0.03, 0.06
"""Seconds between the source frames that pixels are compared at, in short and in long windows."""
LOOK_SIDE = 320
"""Longer side in pixels of the source frames that pixels are compared with."""
MOST_PICTURES = 240
SHARPENED = 3
"""Times that the transform is fitted anew to the pixels, as long as that helps."""
SHARPENED_FROM = 8.0
"""Inliers below which it is not: such fits are chance."""
FITS_WELL = 0.9
UNDECIDED = (0.12, 0.65)
"""Motion between which frames are registered one by one: it could be chance, or shaking hands."""
REGISTERED_FROM = 0.1
"""Gain of a line from which they are: none that gained less became a match by it."""
STEADIED_FROM = 40.0
"""Inliers from which shaking is looked for: it takes features to know the pictures by."""
FOLLOWED = 3.0
"""Seconds around the frames in which features agree that are looked at frame by frame."""
NO_AGREEMENT = 0.4
OFFSETS, SAME_OFFSET = 3, 0.5
"""Offsets in time that the features of a pose are asked for, and seconds that make two one."""
BACKWARDS_SUPPORT = 60.0
BACKWARDS_PICTURES = 4
"""Footage played backwards is rare, and trying it gives chance another go: it is tried where many
features agree and little moves alike forwards, and believed when so many pictures agree."""
FORWARDS_PICTURES, EXPLAINED = 6, 0.5
"""So many pictures in line forwards, or this share of what the source could hold, are enough not to
try backwards."""
GOES_ON = 2.0
"""A stretch that ends within so many seconds of its window's end may go on in the next one."""


class View:
    """The source's frames over a stretch, made as small as pixels are compared at once somebody
    wants to see them: of most sources nobody does.

    Args:
        moments: (K,) seconds.
        decoded: K gray pictures.
    """

    def __init__(self, moments: npt.NDArray[np.float64], decoded: Sequence[Gray]) -> None:
        self.moments = moments
        self._levels: dict[int, Sequence[Gray]] = {}
        self._reshaped: dict[float, View] = {}
        self._decoded = decoded
        self._lock = threading.RLock()

    @property
    def frames(self) -> Sequence[Gray]:
        """K gray pictures, their longer side `LOOK_SIDE` at most."""
        return self.level(0)

    def level(self, halvings: int) -> Sequence[Gray]:
        """The frames, their sides halved so many times; kept for the next candidate."""
        with self._lock:
            if halvings not in self._levels:
                if halvings:
                    made = [halved(frame) for frame in self.level(halvings - 1)]
                else:
                    made = [shrink(frame, LOOK_SIDE) for frame in self._decoded]
                    self._decoded = made
                self._levels[halvings] = made
            return self._levels[halvings]

    def reshaped(self, factor: float) -> View:
        """The same frames, so many times as wide; kept for the next candidate."""
        with self._lock:
            if factor not in self._reshaped:
                frames = [reshaped(frame, factor) for frame in self.frames]
                self._reshaped[factor] = View(self.moments, frames)
            return self._reshaped[factor]


Look = Callable[[float, float, float], View]
"""look(start, end, every): the source's gray frames over these seconds, `every` seconds apart."""


def whole_step(duration: float | None) -> float | None:
    """Seconds between the frames of a source that is looked at as a whole, as short ones and stills
    are; None for a longer one.
    """
    length = duration or 0.0
    return _step(length) if length <= WINDOW else None


def _step(length: float) -> float:
    return FINE_STEP if length <= WINDOW / 2 else COARSE_STEP


@dataclass(frozen=True, eq=False)
class Explained:
    """One stretch with what it rests on; `aligned` is None where features alone placed it."""

    stretch: Stretch
    evidence: Evidence
    aligned: Aligned | None

    @property
    def seen(self) -> tuple[float, float]:
        """From when to when the source needs no other explanation: the stretch, and all the while
        that a still is shown."""
        start, end = self.stretch.query_start, self.stretch.query_end
        span = standing_span(self.aligned.products, self.aligned.line) if self.aligned else None
        return (min(start, span[0]), max(end, span[1])) if span else (start, end)


class Explainer:
    """Explains stretches of one source by one footage.

    Args:
        query: fingerprint of the source.
        duration: seconds of the source, None for a still.
        reference: fingerprint of the footage.
        reference_duration: seconds of the footage.
        mirrored: the source is looked at flipped left to right.
        look: gives the source's frames.
    """

    def __init__(
        self,
        query: Fingerprint,
        duration: float | None,
        reference: Fingerprint,
        reference_duration: float,
        *,
        mirrored: bool,
        look: Look,
    ) -> None:
        self._query = query
        self._duration = duration
        self._reference = reference
        self._reference_duration = reference_duration
        self._mirrored = mirrored
        self._look = look
        self._pictures = decode_pictures(reference.pictures)

    def explain(self, pose: Pose, taken: Sequence[tuple[float, float]]) -> Explained:
        """The best stretch under this pose outside the seconds that are explained already."""
        frames = len(self._query.times)
        if self._pictures:
            start, end = self._window(pose)
            aligned = self._align(pose, start, end, self._near(pose, end - start), taken)
            if aligned:
                evidence = Evidence.of(pose, frames, aligned)
                evidence = replace(evidence, score=score(evidence))
                stretch = self._follow(aligned, self._located(aligned), start, end)
                return Explained(stretch, evidence, aligned)
        evidence = Evidence.of(pose, frames)
        # Pictures that were at hand and do not agree anywhere speak against the features.
        rated = 0.0 if self._pictures else score(evidence)
        return Explained(self._from_pairs(pose), replace(evidence, score=rated), None)

    def _window(self, pose: Pose) -> tuple[float, float]:
        """Seconds of the source to look at: all of a short one, else where most pairs are."""
        duration = self._duration
        if duration is None:
            return 0.0, 0.0
        if duration <= WINDOW:
            return 0.0, duration
        moments = np.sort(self._query.times[[pair.query for pair in pose.pairs]])
        reached = np.searchsorted(moments, moments + WINDOW - 2 * PADDING)
        first = int((reached - np.arange(len(moments))).argmax())
        last = float(moments[reached[first] - 1])
        return max(0.0, float(moments[first]) - PADDING), min(duration, last + PADDING)

    def _near(self, pose: Pose, length: float) -> npt.NDArray[np.intp]:
        """Indices of the footage's pictures around the frames that the pairs name."""
        named = np.unique([pair.reference for pair in pose.pairs])
        times = self._reference.times
        near = np.zeros(len(times), bool)
        for index in named:
            near |= np.abs(times - times[index]) <= 2.0 * length + 1.0
        chosen = np.flatnonzero(near)
        if len(chosen) > MOST_PICTURES:
            middle = int(np.median(np.searchsorted(chosen, named)))
            first = max(0, min(middle - MOST_PICTURES // 2, len(chosen) - MOST_PICTURES))
            chosen = chosen[first : first + MOST_PICTURES]
        return chosen

    def _align(
        self,
        pose: Pose,
        start: float,
        end: float,
        near: npt.NDArray[np.intp],
        taken: Sequence[tuple[float, float]],
    ) -> Aligned | None:
        """Time alignment by pixels; the transform is fitted anew to them as long as that helps."""
        view = self._look(start, end, _step(end - start))
        free = np.ones(len(view.moments), bool)
        for since, until in taken:
            free &= ~((view.moments >= since) & (view.moments <= until))
        if not free.any():
            return None
        pictures = [self._pictures[k] for k in near]
        track = pose.track
        best: Aligned | None = None
        line: Line | None = None
        for attempt in range(SHARPENED + 1):
            checkpoint()
            overlay = lay_over(pictures, view.level, view.moments, track, mirrored=self._mirrored)
            if overlay is None:
                break
            p = products(
                self._reference.times[near], view.moments, overlay.reference, overlay.query
            )
            line = _any_line(p, free, pose) if attempt < 2 else best_line(p, free=free, near=line)
            if line is None or (best and line.gain <= best.line.gain):
                break
            best = Aligned(pictures, view.frames, track, self._mirrored, overlay, p, line)
            if line.motion > FITS_WELL or pose.support < SHARPENED_FROM:
                break
            sharper = sharpened(pictures, view.frames, track, p, line, mirrored=self._mirrored)
            if sharper is None:
                break
            track = sharper
        if best is None:
            return None
        followed = self._followed(pose, view.moments)
        line = best.line
        # Shaking also makes frames agree best with pictures of another moment: at an odd speed.
        odd = line.speed != 1.0 and line.motion < FITS_WELL
        if (line.motion < UNDECIDED[1] or odd) and pose.support >= STEADIED_FROM:
            best = self._steadied(best, pose, view, near, free, followed)
        offsets = _offsets(self._query, self._reference, pose)
        return self._registered(best, free & followed, offsets)

    def _followed(self, pose: Pose, moments: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """The moments that are worth a look frame by frame: those near frames that agree."""
        agreeing = np.unique([pair.query for pair in pose.pairs])
        apart = np.abs(moments[:, None] - self._query.times[agreeing])
        return np.asarray(apart.min(axis=1) < FOLLOWED)

    def _steadied(
        self,
        aligned: Aligned,
        pose: Pose,
        view: View,
        near: npt.NDArray[np.intp],
        free: npt.NDArray[np.bool_],
        followed: npt.NDArray[np.bool_],
    ) -> Aligned:
        """The same with the source's shaking taken out, where that fits better."""
        pairs = sorted(pose.pairs, key=lambda pair: -pair.fit.inliers)
        named = {pair.query: pair.reference for pair in reversed(pairs)}
        places = np.searchsorted(near, list(named.values())).clip(0, len(near) - 1)
        guides = (self._query.times[list(named)], places)
        pictures = aligned.pictures
        frames = [view.frames[k] for k in np.flatnonzero(followed).tolist()]
        moments = view.moments[followed]
        track = steadied(pictures, frames, moments, aligned.track, guides, mirrored=self._mirrored)
        if track is None:
            return aligned
        overlay = lay_over(pictures, view.level, view.moments, track, mirrored=self._mirrored)
        if overlay is None:
            return aligned
        p = products(self._reference.times[near], view.moments, overlay.reference, overlay.query)
        line = _any_line(p, free, pose)
        if line is None or line.motion * line.gain <= aligned.line.motion * aligned.line.gain:
            return aligned
        return replace(aligned, track=track, overlay=overlay, products=p, line=line)

    def _registered(
        self, aligned: Aligned, free: npt.NDArray[np.bool_], offsets: Sequence[float]
    ) -> Aligned:
        """The same with its frames laid over the pictures one by one, where that fits better."""
        line = aligned.line
        if line.motion < UNDECIDED[0] or line.motion > FITS_WELL or line.gain < REGISTERED_FROM:
            return aligned
        if line.motion > UNDECIDED[1] and line.speed == 1.0 and not aligned.track.moves:
            return aligned
        found = Registration(
            aligned.pictures,
            aligned.frames,
            free,
            aligned.track,
            aligned.products,
            mirrored=self._mirrored,
        ).best(line, offsets)
        if found is None or found.motion * found.gain <= line.motion * line.gain:
            return aligned
        return replace(aligned, line=found)

    def _located(self, aligned: Aligned) -> Stretch:
        return locate(
            aligned.products,
            aligned.line,
            aligned.frames,
            self._duration,
            self._reference_duration,
        )

    def _follow(self, aligned: Aligned, stretch: Stretch, start: float, end: float) -> Stretch:
        """The stretch, followed along its line over the ends of the window on both sides."""
        duration = self._duration
        if duration is None:
            return stretch
        while end < duration and stretch.query_end > end - GOES_ON:
            end = min(duration, stretch.query_end + WINDOW)
            piece = self._next_piece(aligned, stretch.query_end - 1.0, end)
            if piece is None or piece.query_end <= stretch.query_end + SHORTEST:
                break
            if piece.query_start > stretch.query_end + GOES_ON:
                break
            stretch = _joined(stretch, piece)
        while start > 0 and stretch.query_start < start + GOES_ON:
            start = max(0.0, stretch.query_start - WINDOW)
            piece = self._next_piece(aligned, start, stretch.query_start + 1.0)
            if piece is None or piece.query_start >= stretch.query_start - SHORTEST:
                break
            if piece.query_end < stretch.query_start - GOES_ON:
                break
            stretch = _joined(stretch, piece)
        return stretch

    def _next_piece(self, aligned: Aligned, start: float, end: float) -> Stretch | None:
        """What of a window lies on the same line, or None where nothing of it does."""
        line = aligned.line
        reach = sorted((line.speed * start + line.offset, line.speed * end + line.offset))
        times = self._reference.times
        near = np.flatnonzero((times >= reach[0] - 2.0) & (times <= reach[1] + 2.0))
        if len(near) < 2:
            return None
        view = self._look(start, end, COARSE_STEP)
        if len(view.moments) < 2:
            return None
        pictures = [self._pictures[k] for k in near]
        overlay = lay_over(
            pictures, view.level, view.moments, aligned.track, mirrored=self._mirrored
        )
        if overlay is None:
            return None
        p = products(times[near], view.moments, overlay.reference, overlay.query)
        found = best_line(p, near=line)
        if found is None or max(found.motion, found.likeness - 0.3) < NO_AGREEMENT:
            return None
        return locate(p, found, view.frames, self._duration, self._reference_duration)

    def _from_pairs(self, pose: Pose) -> Stretch:
        """Where features alone put the stretch: the offset that most inliers have, at speed 1."""
        query, reference, duration = self._query, self._reference, self._duration
        moments = query.times[[pair.query for pair in pose.pairs]]
        times = reference.times[[pair.reference for pair in pose.pairs]]
        if duration is None:
            votes = [pair.fit.inliers for pair in pose.pairs]
            # A still has no seconds: it is one moment of the footage, made long enough to be one.
            known = float(times[int(np.argmax(votes))])
            return Stretch(0.0, SHORTEST, known, known + SHORTEST, 1.0)
        offset = _offsets(query, reference, pose)[0]
        chosen = np.abs(times - moments - offset) < 2 * SAME_OFFSET
        step = float(np.median(np.diff(query.times))) if len(query.times) > 1 else 0.0
        start = max(0.0, float(moments[chosen].min()) - step / 2)
        end = max(start + SHORTEST, min(duration, float(moments[chosen].max()) + step / 2))
        length = self._reference_duration
        begin = min(max(0.0, start + offset), max(0.0, length - SHORTEST))
        return Stretch(start, end, begin, max(begin + SHORTEST, min(length, end + offset)), 1.0)


def _offsets(query: Fingerprint, reference: Fingerprint, pose: Pose) -> list[float]:
    """Seconds by which the footage is ahead of the source at normal speed, as the pairs say, most
    voted first.
    """
    moments = query.times[[pair.query for pair in pose.pairs]]
    times = reference.times[[pair.reference for pair in pose.pairs]]
    votes = np.array([pair.fit.inliers for pair in pose.pairs], float)
    offsets = times - moments
    found: list[float] = []
    while votes.any() and len(found) < OFFSETS:
        near = np.abs(offsets[:, None] - offsets[None]) < SAME_OFFSET
        chosen = near[int((near * votes[None]).sum(axis=1).argmax())]
        found.append(float(np.average(offsets[chosen], weights=votes[chosen])))
        votes = np.where(chosen, 0.0, votes)
    return found


def _any_line(p: Products, free: npt.NDArray[np.bool_], pose: Pose) -> Line | None:
    """The line at any speed; backwards only where the features agree and no forward line does."""
    if len(p.moments) == 1:
        return best_still(p)
    line = best_line(p, free=free)
    line = line and settle(p, refine(p, line), free=free)
    if line is not None and line.motion > NO_AGREEMENT:
        step = float(np.median(np.diff(p.times))) if len(p.times) > 1 else np.inf
        expected = float(p.moments[-1] - p.moments[0]) * line.speed / step
        if line.last - line.first + 1 >= min(FORWARDS_PICTURES, EXPLAINED * expected):
            return line
    if pose.support < BACKWARDS_SUPPORT:
        return line
    back = best_line(p, free=free, backwards=True)
    back = back and settle(p, back, free=free)
    if back is None or back.last - back.first + 1 < BACKWARDS_PICTURES:
        return line
    return back if line is None or back.motion > 2 * line.motion else line


def _joined(one: Stretch, other: Stretch) -> Stretch:
    """Both as one stretch; the speed follows from its ends."""
    query = (min(one.query_start, other.query_start), max(one.query_end, other.query_end))
    reference = (
        min(one.reference_start, other.reference_start),
        max(one.reference_end, other.reference_end),
    )
    pace = (reference[1] - reference[0]) / (query[1] - query[0])
    speed = (
        one.speed if abs(pace / abs(one.speed) - 1) < 0.01 else float(np.copysign(pace, one.speed))
    )
    return Stretch(*query, *reference, speed)
