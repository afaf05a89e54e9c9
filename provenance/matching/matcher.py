"""The whole search for known footage in one source, from fingerprint to scored segments.

    short list by votes of the index
    -> transform of each pair of frames, and the pose that most pairs agree on
    -> pixels laid over each other under that pose, aligned in time by what moves
    -> segments with their figures, and one score a footage

Nothing here reads files: the known footage and the source's frames come through `Known` and `Look`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from provenance.errors import UnknownFootageError
from provenance.matching.alignment import (
    Line,
    Products,
    best_line,
    best_still,
    products,
    refine,
    settle,
)
from provenance.matching.boundaries import Stretch, locate
from provenance.matching.candidates import Candidate, rarity, shortlist
from provenance.matching.edits import Aligned, find_edits
from provenance.matching.geometry import FrameView, fit_pair, frame_view
from provenance.matching.hypotheses import FramePair, Pose, best_pose, support
from provenance.matching.pixels import decode_pictures, halved, lay_over, sharpen_pose
from provenance.matching.scoring import Evidence, score
from provenance.models import Fingerprint, Footage, Segment

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.archive.index import Neighbours

    Gray = npt.NDArray[np.uint8]

NEIGHBOURS = 10
LOOKED_UP_FRAMES = 40
"""Most frames of a source window whose features are looked up; they are spread evenly."""
LOOKED_UP_FEATURES = 250
"""Strongest features a frame that are looked up; geometry uses all of them."""
GLANCED_AT = 40
"""Candidates whose most-voted pairs are tried before the best of them are looked at closely."""
GLANCE_PAIRS = 6
CLOSELY = 8
LEAST_INLIERS = 4
MOST_SEGMENTS = 6
WORTH_GOING_ON = 0.1
"""After two stretches that score less, a footage is not looked for any further."""
STILL_SECONDS = 0.04
"""A still has no length; it is given one to be a segment."""
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
FITS_WELL = 0.9
NO_AGREEMENT = 0.4
BACKWARDS_SUPPORT = 60.0
BACKWARDS_PICTURES = 4
"""Footage played backwards is rare, and trying it gives chance another go: it is tried where many
features agree and nothing moves alike forwards, and believed when so many pictures agree."""


class Known(Protocol):
    """What matching needs of an archive."""

    def search(self, descriptors: npt.NDArray[np.uint8], k: int = 10) -> Neighbours:
        """Nearest known features."""

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """All that is kept of a footage. Raises UnknownFootageError."""

    def footage(self, footage_id: int) -> Footage:
        """What is known of a footage. Raises UnknownFootageError."""


@dataclass(frozen=True, eq=False)
class View:
    """The source's frames over a stretch: moments (K,) in seconds and K gray pictures."""

    moments: npt.NDArray[np.float64]
    frames: Sequence[Gray]
    _levels: dict[int, Sequence[Gray]] = field(default_factory=dict)

    def level(self, halvings: int) -> Sequence[Gray]:
        """The frames, their sides halved so many times; kept for the next candidate."""
        if halvings == 0:
            return self.frames
        if halvings not in self._levels:
            self._levels[halvings] = [halved(frame) for frame in self.level(halvings - 1)]
        return self._levels[halvings]


Look = Callable[[float, float, float], View]
"""look(start, end, every): the source's gray frames over these seconds, `every` seconds apart."""


@dataclass(frozen=True, eq=False)
class Found:
    """A footage found in the source: its segments, in order of time, and its score 0..1."""

    footage: int
    score: float
    segments: tuple[Segment, ...]
    evidence: Evidence
    edits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def find(
    query: Fingerprint,
    duration: float | None,
    known: Known,
    look: Look,
    *,
    banned: frozenset[int] = frozenset(),
) -> list[Found]:
    """Known footages that may be in the source, best first, weak ones included.

    Args:
        query: fingerprint of the source.
        duration: seconds, None for a still.
        banned: footages that must not be reported.
    """
    found = []
    views: dict[tuple[int, bool], FrameView] = {}
    for candidate, reference in _promising(query, known, views, banned):
        result = _examine(query, duration, reference, candidate, look, views)
        if result:
            found.append(result)
    best: dict[int, Found] = {}
    for item in sorted(found, key=lambda f: -f.score):
        best.setdefault(item.footage, item)
    return list(best.values())


def _promising(
    query: Fingerprint,
    known: Known,
    views: dict[tuple[int, bool], FrameView],
    banned: frozenset[int],
) -> list[tuple[Candidate, _Reference]]:
    """Candidates whose most-voted pairs of frames agree in geometry, best first."""
    chosen = _looked_up(query)
    weight = rarity(query, chosen)
    candidates = []
    for mirrored in (False, True):
        descriptors = query.descriptors[chosen]
        if mirrored:
            from provenance.fingerprints.local_features import mirror_descriptors

            descriptors = np.ascontiguousarray(mirror_descriptors(descriptors))
        neighbours = known.search(descriptors, NEIGHBOURS)
        candidates += shortlist(
            query.frame[chosen], neighbours, weight, mirrored=mirrored, banned=banned
        )
    candidates.sort(key=lambda c: -c.votes)
    rated: list[tuple[float, Candidate, _Reference]] = []
    for candidate in candidates[:GLANCED_AT]:
        reference = _Reference.of(known, candidate.footage)
        if reference is None:
            continue
        glance = candidate.strongest(GLANCE_PAIRS)
        pairs = _fit_pairs(query, reference.fingerprint, candidate, glance, views)
        if pairs:
            rated.append((support(pairs), candidate, reference))
    rated.sort(key=lambda r: -r[0])
    return [(candidate, reference) for _, candidate, reference in rated[:CLOSELY]]


def _looked_up(query: Fingerprint) -> npt.NDArray[np.intp]:
    """Indices of the query features that go to the index: a spread of frames, strongest first."""
    frames = len(query.times)
    spread = np.unique(np.linspace(0, frames - 1, min(frames, LOOKED_UP_FRAMES)).round())
    first = np.searchsorted(query.frame, np.arange(frames))
    rank = np.arange(len(query.frame)) - first[query.frame]
    share = max(40, LOOKED_UP_FEATURES * 14 // max(14, len(spread)))
    return np.flatnonzero(np.isin(query.frame, spread) & (rank < share))


@dataclass(frozen=True, eq=False)
class _Reference:
    """A known footage as matching sees it; `duration` is in seconds."""

    fingerprint: Fingerprint
    duration: float

    @classmethod
    def of(cls, known: Known, footage_id: int) -> _Reference | None:
        try:
            fingerprint = known.fingerprint(footage_id)
            duration = known.footage(footage_id).duration
        except UnknownFootageError:  # removed by somebody else since the index was asked
            return None
        return cls(fingerprint, duration or float(fingerprint.times[-1]) + STILL_SECONDS)


def _fit_pairs(
    query: Fingerprint,
    reference: Fingerprint,
    candidate: Candidate,
    pairs: npt.NDArray[np.int32],
    views: dict[tuple[int, bool], FrameView],
) -> list[FramePair]:
    fitted = []
    reference_views: dict[int, FrameView] = {}
    for i, j in pairs.tolist():
        key = (i, candidate.mirrored)
        if key not in views:
            views[key] = frame_view(query, i, mirrored=candidate.mirrored)
        if j not in reference_views:
            reference_views[j] = frame_view(reference, j)
        fit = fit_pair(views[key], reference_views[j])
        if fit and fit.inliers >= LEAST_INLIERS:
            fitted.append(FramePair(i, j, fit))
    return fitted


def _examine(
    query: Fingerprint,
    duration: float | None,
    reference: _Reference,
    candidate: Candidate,
    look: Look,
    views: dict[tuple[int, bool], FrameView],
) -> Found | None:
    """Segments of one footage, found one after the other until nothing is left to explain."""
    pairs = _fit_pairs(query, reference.fingerprint, candidate, candidate.pairs, views)
    pictures = decode_pictures(reference.fingerprint.pictures)
    stretches: list[_Explained] = []
    while pairs and len(stretches) < MOST_SEGMENTS:
        pose = best_pose(pairs)
        if pose is None:
            break
        taken = [done.stretch for done in stretches]
        explained = _explain(query, duration, reference, pictures, candidate, pose, look, taken)
        stretches.append(explained)
        if sum(done.evidence.score < WORTH_GOING_ON for done in stretches) > 1:
            break
        stretch = explained.stretch
        left = [
            pair
            for pair in pairs
            if not stretch.query_start - 0.5 <= query.times[pair.query] <= stretch.query_end + 0.5
        ]
        if len(left) == len(pairs) or support(left) < 2 * LEAST_INLIERS:
            break
        pairs = left
    if not stretches:
        return None
    best = max(stretches, key=lambda done: done.evidence.score)
    kept = [
        done
        for done in stretches
        if done is best or done.evidence.score >= max(0.05, 0.5 * best.evidence.score)
    ]
    kept.sort(key=lambda done: done.stretch.query_start)
    return Found(
        footage=candidate.footage,
        score=best.evidence.score,
        segments=tuple(_segment(done, candidate.mirrored) for done in kept),
        evidence=best.evidence,
        edits=find_edits(best.aligned) if best.aligned else _bare_edits(candidate),
    )


@dataclass(frozen=True, eq=False)
class _Explained:
    """One stretch with what it rests on; `aligned` is None where features alone placed it."""

    stretch: Stretch
    evidence: Evidence
    aligned: Aligned | None


def _bare_edits(candidate: Candidate) -> dict[str, dict[str, float]]:
    return {"mirrored": {}} if candidate.mirrored else {}


def _explain(
    query: Fingerprint,
    duration: float | None,
    reference: _Reference,
    pictures: list[Gray],
    candidate: Candidate,
    pose: Pose,
    look: Look,
    taken: Sequence[Stretch],
) -> _Explained:
    """The best stretch under this pose."""
    moments = query.times[[pair.query for pair in pose.pairs]]
    start, end = _window(moments, duration)
    near = _near_pictures(reference, pose, end - start)
    if pictures and len(near):
        view = look(start, end, FINE_STEP if end - start <= WINDOW / 2 else COARSE_STEP)
        shown = [pictures[k] for k in near]
        aligned = _align(
            reference.fingerprint.times[near], shown, view, pose, candidate.mirrored, taken
        )
        if aligned:
            stretch = locate(
                aligned.products, aligned.line, view.frames, duration, reference.duration
            )
            evidence = Evidence.of(pose, len(query.times), aligned)
            return _Explained(stretch, replace(evidence, score=score(evidence)), aligned)
    evidence = Evidence.of(pose, len(query.times))
    stretch = _from_pairs(query, reference, pose, duration)
    # Pictures that were at hand and do not agree anywhere speak against the features.
    rated = 0.0 if pictures else score(evidence)
    return _Explained(stretch, replace(evidence, score=rated), None)


def _align(
    times: Any,
    pictures: list[Gray],
    view: View,
    pose: Pose,
    mirrored: bool,
    taken: Sequence[Stretch],
) -> Aligned | None:
    """Time alignment by pixels; the transform is fitted anew to the pixels once."""
    free = np.ones(len(view.moments), bool)
    for stretch in taken:
        free &= ~((view.moments >= stretch.query_start) & (view.moments <= stretch.query_end))
    if not free.any():
        return None
    matrix = pose.matrix
    best: Aligned | None = None
    line: Line | None = None
    for attempt in range(SHARPENED + 1):
        overlay = lay_over(pictures, view.level, matrix, mirrored=mirrored)
        if overlay is None:
            break
        p = products(times, view.moments, overlay.reference, overlay.query)
        line = _best_line(p, free, pose) if attempt < 2 else best_line(p, free=free, near=line)
        if line is None:
            break
        if best and line.gain <= best.line.gain:
            break
        best = Aligned(pictures, view.frames, matrix, mirrored, overlay, p, line)
        if line.motion > FITS_WELL or pose.support < 2 * LEAST_INLIERS:
            break
        sharper = sharpen_pose(pictures, view.frames, matrix, p, line, mirrored=mirrored)
        if sharper is None:
            break
        matrix = sharper
    return best


def _best_line(p: Products, free: npt.NDArray[np.bool_], pose: Pose) -> Line | None:
    """The line at any speed; backwards only where the features agree and no forward line does."""
    if len(p.moments) == 1:
        return best_still(p)
    line = best_line(p, free=free)
    line = line and settle(p, refine(p, line), free=free)
    agrees = line is not None and line.motion > NO_AGREEMENT
    if agrees or pose.support < BACKWARDS_SUPPORT:
        return line
    back = best_line(p, free=free, backwards=True)
    back = back and settle(p, back, free=free)
    if back is None or back.last - back.first + 1 < BACKWARDS_PICTURES:
        return line
    return back if line is None or back.motion > 2 * line.motion else line


def _window(moments: Any, duration: float | None) -> tuple[float, float]:
    """Seconds of the source to look at: all of a short one, else around where most pairs are."""
    if duration is None:
        return 0.0, 0.0
    if duration <= WINDOW:
        return 0.0, duration
    moments = np.sort(moments)
    counts = np.searchsorted(moments, moments + WINDOW - 2 * PADDING) - np.arange(len(moments))
    first = int(counts.argmax())
    last = moments[first + counts[first] - 1]
    return max(0.0, float(moments[first]) - PADDING), min(duration, float(last) + PADDING)


def _near_pictures(reference: _Reference, pose: Pose, length: float) -> npt.NDArray[np.intp]:
    """Indices of the footage's pictures around the frames that the pairs name."""
    if not reference.fingerprint.pictures:
        return np.empty(0, np.intp)
    named = np.unique([pair.reference for pair in pose.pairs])
    times = reference.fingerprint.times
    near = np.zeros(len(times), bool)
    for index in named:
        near |= np.abs(times - times[index]) <= 2.0 * length + 1.0
    chosen = np.flatnonzero(near)
    if len(chosen) > MOST_PICTURES:
        middle = int(np.median(np.searchsorted(chosen, named)))
        first = max(0, min(middle - MOST_PICTURES // 2, len(chosen) - MOST_PICTURES))
        chosen = chosen[first : first + MOST_PICTURES]
    return chosen


def _from_pairs(
    query: Fingerprint, reference: _Reference, pose: Pose, duration: float | None
) -> Stretch:
    """Where features alone put the stretch: the offset on which most inliers agree, at speed 1."""
    moments = query.times[[pair.query for pair in pose.pairs]]
    times = reference.fingerprint.times[[pair.reference for pair in pose.pairs]]
    votes = np.array([pair.fit.inliers for pair in pose.pairs], float)
    offsets = times - moments
    near = np.abs(offsets[:, None] - offsets[None]) < 1.0
    centre = int((near * votes[None]).sum(axis=1).argmax())
    chosen = near[centre]
    offset = float(np.average(offsets[chosen], weights=votes[chosen]))
    start, end = float(moments[chosen].min()), float(moments[chosen].max())
    step = float(np.median(np.diff(query.times))) if len(query.times) > 1 else 0.0
    if duration is None:
        # A still has no seconds: it is one moment of the footage, given a length to be a segment.
        moment = float(times[votes.argmax()])
        return Stretch(0.0, 0.04, moment, moment + 0.04, 1.0)
    start, end = max(0.0, start - step / 2), min(duration, end + step / 2)
    length = reference.duration
    begin = min(max(0.0, start + offset), max(0.0, length - 0.04))
    return Stretch(
        start, max(end, start + 0.04), begin, max(begin + 0.04, min(length, end + offset)), 1.0
    )


def _segment(explained: _Explained, mirrored: bool) -> Segment:
    stretch, evidence = explained.stretch, explained.evidence
    return Segment(
        query_start=stretch.query_start,
        query_end=stretch.query_end,
        reference_start=stretch.reference_start,
        reference_end=stretch.reference_end,
        speed=abs(stretch.speed),
        mirrored=mirrored,
        reversed=bool(stretch.speed < 0),
        score=evidence.score,
        evidence=evidence.figures(),
    )
