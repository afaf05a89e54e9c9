"""The whole search for known footage in one source, from fingerprint to scored segments.

    short list by votes of the index
    -> transform of each pair of frames, and the pose that most pairs agree on
    -> pixels laid over each other under that pose, aligned in time by what moves
    -> segments with their figures, and one score a footage

Nothing here reads files: the known footage and the source's frames come through `Known` and `Look`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from provenance.crew import Crew, checkpoint
from provenance.errors import UnknownFootageError
from provenance.fingerprints.local_features import mirror_descriptors
from provenance.matching.candidates import SHORT_LIST, Candidate, Proposal, rarity, shortlist
from provenance.matching.edits import STRETCH, find_edits, region
from provenance.matching.explaining import Explained, Explainer, Look
from provenance.matching.geometry import FrameView, fit_pair, frame_view
from provenance.matching.hypotheses import FramePair, best_pose, support
from provenance.matching.joining import joined
from provenance.matching.scoring import Evidence
from provenance.models import Fingerprint, Footage, Segment

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.archive.index import Neighbours

    Gray = npt.NDArray[np.uint8]

THREADS = 2
"""Candidates that are looked at closely at a time; most of it is done by OpenCV, which lets others
run meanwhile."""
NEIGHBOURS = 40
"""Known features that each feature of the source is compared with: in an archive of 1,000 hours the
nearest ten are often strangers, or one picture that stands still for minutes."""
PIECE = 60.0
"""Seconds of the source that have a short list of their own."""
LOOKED_UP_FRAMES = 60
"""Most frames of a piece whose features are looked up; they are spread evenly."""
LOOKED_UP_FEATURES = 250
"""Strongest features a frame that are looked up in short sources; geometry uses all of them."""
LEAST_LOOKED_UP = 60
GLANCED_AT = 28
"""Candidates whose most-voted pairs are tried before the best of them are looked at closely."""
GLANCE_PAIRS, MORE_PAIRS, MORE_FOR = 6, 18, 12
"""Pairs that are tried of each; of the first candidates more, where these do not agree: under
captions and stickers the pairs with most votes are not always right ones."""
CLOSELY, MOST_CLOSELY, STRONG = 8, 20, 40.0
"""Candidates of a piece that are looked at closely: the first ones always, the others where so many
features agree. A piece of a compilation holds a dozen footages."""
LEAST_INLIERS = 4
LEAST_SUPPORT = 8.0
"""A pose with fewer inliers could not be accepted however well its pixels agreed. At a glance three
of four chance candidates have fewer; of 89 copies, heavily edited, the least had 17."""
MOST_SEGMENTS = 24
WORTH_GOING_ON = 0.1
"""After two stretches that score less, a footage is not looked for any further."""
STILL_SECONDS = 0.04
"""A still has no length; it is given one to be a segment."""


class Known(Protocol):
    """What matching needs of an archive."""

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int = 10, without: Set[int] = frozenset()
    ) -> Neighbours:
        """Nearest known features, but for those of some footages."""

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """All that is kept of a footage. Raises UnknownFootageError."""

    def footage(self, footage_id: int) -> Footage:
        """What is known of a footage. Raises UnknownFootageError."""


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
    proposals: Sequence[Proposal] = (),
    most: int = SHORT_LIST,
) -> list[Found]:
    """Known footages that may be in the source, best first, weak ones included.

    Args:
        query: fingerprint of the source.
        duration: seconds, None for a still.
        look: gives the source's frames; called by several threads.
        banned: footages that must not be reported.
        proposals: footages that are looked at besides those that the index names.
        most: footages that it may name for a minute of the source and a side.
    """
    views: dict[tuple[int, bool], FrameView] = {}
    promising = _promising(query, known, views, banned, most)
    named = {(candidate.footage, candidate.mirrored) for candidate, _ in promising}
    promising += _proposed(query, known, views, [p for p in proposals if p.key not in named])
    with Crew(THREADS) as crew:
        tasks = [
            crew.submit(_examine, query, duration, reference, candidate, look, views)
            for candidate, reference in promising
        ]
        examined = [result for task in tasks if (result := task.result())]
    best: dict[int, Found] = {}
    for item in sorted(examined, key=lambda f: -f.score):
        best.setdefault(item.footage, item)
    return list(best.values())


def as_squeezed(found: Found, factor: float) -> Found:
    """What was found in frames made `factor` times as wide, as it is in the frames as they are."""
    edits = {name: dict(figures) for name, figures in found.edits.items()}
    ratio = edits.pop("stretched", {}).get("width_to_height", 1.0) / factor
    if abs(ratio - 1) > STRETCH:
        edits["stretched"] = {"width_to_height": ratio}
    return replace(found, edits=edits)


def _promising(
    query: Fingerprint,
    known: Known,
    views: dict[tuple[int, bool], FrameView],
    banned: frozenset[int],
    most: int,
) -> list[tuple[Candidate, _Reference]]:
    """Candidates whose most-voted pairs of frames agree in geometry.

    A long source is gone through in pieces, so that a few known seconds of it need not compete with
    the votes of all the others.
    """
    references: dict[int, _Reference | None] = {}
    promising: dict[tuple[int, bool], Candidate] = {}
    for piece in _pieces(query):
        for candidate in _of_piece(query, piece, known, references, views, banned, most):
            key = (candidate.footage, candidate.mirrored)
            before = promising.get(key)
            promising[key] = before.joined(candidate) if before else candidate
        for footage in set(references) - {footage for footage, _ in promising}:
            del references[footage]
    return [
        (candidate, reference)
        for candidate in promising.values()
        if (reference := references[candidate.footage])
    ]


def _proposed(
    query: Fingerprint,
    known: Known,
    views: dict[tuple[int, bool], FrameView],
    proposals: Sequence[Proposal],
) -> list[tuple[Candidate, _Reference]]:
    """Proposed footages whose frames agree in geometry, as those of the index have to."""
    kept = []
    for proposal in proposals if len(query.times) else ():
        reference = _Reference.of(known, proposal.footage)
        if reference is None or not len(reference.fingerprint.times):
            continue
        candidate = proposal.candidate(query, reference.fingerprint)
        if _glance(query, reference, candidate, MORE_PAIRS, views) is not None:
            kept.append((candidate, reference))
    return kept


def _of_piece(
    query: Fingerprint,
    frames: npt.NDArray[np.intp],
    known: Known,
    references: dict[int, _Reference | None],
    views: dict[tuple[int, bool], FrameView],
    banned: frozenset[int],
    most: int,
) -> list[Candidate]:
    """The candidates of a few frames, best first."""
    chosen = _looked_up(query, frames)
    if not len(chosen):
        return []
    weight = rarity(query, chosen)

    def listed(mirrored: bool) -> list[Candidate]:
        descriptors = query.descriptors[chosen]
        if mirrored:
            descriptors = np.ascontiguousarray(mirror_descriptors(descriptors))
        return shortlist(
            query.frame[chosen],
            known.search(descriptors, NEIGHBOURS, banned),
            weight,
            query.times[query.frame[chosen]],
            mirrored=mirrored,
            most=most,
        )

    with Crew(THREADS) as crew:
        lists = [crew.submit(listed, mirrored) for mirrored in (False, True)]
        candidates = [candidate for one in lists for candidate in one.result()]
        candidates.sort(key=lambda c: -c.votes)
        glances = []
        for rank, candidate in enumerate(candidates[:GLANCED_AT]):
            if candidate.footage not in references:
                references[candidate.footage] = _Reference.of(known, candidate.footage)
            if reference := references[candidate.footage]:
                count = MORE_PAIRS if rank < MORE_FOR else GLANCE_PAIRS
                task = crew.submit(_glance, query, reference, candidate, count, views)
                glances.append((candidate, task))
        rated = [(agreeing, c) for c, task in glances if (agreeing := task.result()) is not None]
    rated.sort(key=lambda r: -r[0])
    return [
        candidate
        for rank, (agreeing, candidate) in enumerate(rated[:MOST_CLOSELY])
        if rank < CLOSELY or agreeing >= STRONG
    ]


def _glance(
    query: Fingerprint,
    reference: _Reference,
    candidate: Candidate,
    count: int,
    views: dict[tuple[int, bool], FrameView],
) -> float | None:
    """How much the most-voted pairs agree, the first few of them or so many; None where they do
    not.
    """
    strongest = candidate.strongest(count)
    pairs: list[FramePair] = []
    for part in (strongest[:GLANCE_PAIRS], strongest[GLANCE_PAIRS:]):
        pairs += _fit_pairs(query, reference.fingerprint, candidate, part, views)
        pose = best_pose(pairs, query.times)
        if pose and pose.support >= LEAST_SUPPORT:
            return support(pairs)
    return None


def _pieces(query: Fingerprint) -> list[npt.NDArray[np.intp]]:
    """The frames of the source, piece by piece."""
    number = (query.times // PIECE).astype(np.intp)
    return [np.flatnonzero(number == k) for k in np.unique(number)]


def _looked_up(query: Fingerprint, frames: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Indices of the features that go to the index: a spread of frames, strongest first."""
    places = np.linspace(0, len(frames) - 1, min(len(frames), LOOKED_UP_FRAMES)).round()
    spread = frames[np.unique(places).astype(np.intp)]
    first = np.searchsorted(query.frame, np.arange(len(query.times)))
    rank = np.arange(len(query.frame)) - first[query.frame]
    share = max(LEAST_LOOKED_UP, LOOKED_UP_FEATURES * 14 // max(14, len(spread)))
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
        checkpoint()
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
    explainer = Explainer(
        query,
        duration,
        reference.fingerprint,
        reference.duration,
        mirrored=candidate.mirrored,
        look=look,
    )
    stretches: list[Explained] = []
    while pairs and len(stretches) < MOST_SEGMENTS:
        pose = best_pose(pairs, query.times)
        if pose is None or pose.support < LEAST_SUPPORT:
            break
        taken = [done.seen for done in stretches]
        explained = explainer.explain(pose, taken)
        stretches.append(explained)
        if sum(done.evidence.score < WORTH_GOING_ON for done in stretches) > 1:
            break
        since, until = explained.seen
        left = [p for p in pairs if not since - 0.5 <= query.times[p.query] <= until + 0.5]
        if len(left) == len(pairs) or support(left) < 2 * LEAST_INLIERS:
            break
        pairs = left
    if not stretches:
        return None
    stretches = joined(stretches, reference.duration)
    best = max(stretches, key=lambda done: done.evidence.score)
    kept = [
        done
        for done in stretches
        if done is best or done.evidence.score >= max(0.05, 0.5 * best.evidence.score)
    ]
    return Found(
        footage=candidate.footage,
        score=best.evidence.score,
        segments=tuple(_segment(done, candidate.mirrored) for done in kept),
        evidence=best.evidence,
        edits=find_edits(best.aligned) if best.aligned else _bare_edits(candidate),
    )


def _bare_edits(candidate: Candidate) -> dict[str, dict[str, float]]:
    return {"mirrored": {}} if candidate.mirrored else {}


def _segment(explained: Explained, mirrored: bool) -> Segment:
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
        region=region(explained.aligned) if explained.aligned else None,
    )
