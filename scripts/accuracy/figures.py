"""Results against truth: pure computation over rows.

Every pair of a query and a footage that was reported is ranked by its score. micro-AP is the mean
of the precision at each true pair of that ranking, over all pairs that should have been found;
pairs of equal score count their false ones first, so that a constant score earns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accuracy.clips import Piece
from accuracy.truth import Found, Query, Segment

SPEED_TOLERANCE = 0.03
PRECISION = 0.95
Interval = tuple[float, float]


@dataclass(frozen=True)
class EditFigures:
    """Of one edit: pairs to be found, found at all, before the first false pair, accepted."""

    pairs: int
    found: int
    before_false: int
    accepted: int


@dataclass(frozen=True)
class Figures:
    """How well a run went.

    Attributes:
        queries, pairs: queries asked, and (query, footage) pairs that had to be found.
        micro_ap, recall_before_false, recall_at_95, recall: of the ranking, 0..1.
        first_false: the false pair with the highest score.
        accepted: true pairs that were accepted.
        unknown, unknown_accepted: queries without known footage, and how many of those were
            accepted as something.
        accusations: accepted matches that name footage which the query does not show.
        iou_query, iou_reference: mean overlap of the seconds found with the true ones.
        speed_right, mirrored_right, reversed_right: share of the true pieces.
        edits: by edit.
        missed: true pairs that were not accepted, the lowest score (0: not reported) first.
        false_pairs: reported pairs that are not true, highest score first.
    """

    queries: int
    pairs: int
    micro_ap: float
    recall_before_false: float
    recall_at_95: float
    recall: float
    first_false: Found | None
    accepted: int
    unknown: int
    unknown_accepted: int
    accusations: tuple[Found, ...]
    iou_query: float | None
    iou_reference: float | None
    speed_right: float | None
    mirrored_right: float | None
    reversed_right: float | None
    edits: Mapping[str, EditFigures]
    missed: tuple[Found, ...]
    false_pairs: tuple[Found, ...]


def score(queries: Sequence[Query], results: Iterable[Found]) -> Figures:
    """Compare what was said with what is true; results on other queries are passed over."""
    truth = {query.query: query for query in queries}
    best = best_of_pairs(found for found in results if found.query in truth)

    def is_true(found: Found) -> bool:
        return found.footage in truth[found.query].expected

    wanted = [(query.query, name) for query in queries for name in query.expected]
    ranked = sorted(best.values(), key=lambda found: (-found.score, is_true(found)))
    hits, total, at_95, before = 0, 0.0, 0, set[tuple[str, str]]()
    false_pairs = []
    for rank, found in enumerate(ranked, 1):
        if not is_true(found):
            false_pairs.append(found)
            continue
        hits += 1
        total += hits / rank
        if hits / rank >= PRECISION:
            at_95 = hits
        if not false_pairs:
            before.add((found.query, found.footage))
    pairs = max(1, len(wanted))
    accepted = {pair for pair, found in best.items() if found.accepted and is_true(found)}
    unknown = [query.query for query in queries if not query.expected]
    accusations = tuple(found for found in false_pairs if found.accepted)
    named = {found.query for found in accusations}
    missed = [best.get(pair, Found(*pair, 0.0)) for pair in wanted if pair not in accepted]
    agreement = _Agreement()
    for query in queries:
        for name in query.expected:
            if (query.query, name) in best:
                agreement.add(query.of(name), best[query.query, name].segments)
    return Figures(
        queries=len(queries),
        pairs=len(wanted),
        micro_ap=total / pairs,
        recall_before_false=len(before) / pairs,
        recall_at_95=at_95 / pairs,
        recall=hits / pairs,
        first_false=false_pairs[0] if false_pairs else None,
        accepted=len(accepted),
        unknown=len(unknown),
        unknown_accepted=sum(name in named for name in unknown),
        accusations=accusations,
        iou_query=_mean(agreement.iou_query),
        iou_reference=_mean(agreement.iou_reference),
        speed_right=_mean(agreement.speed),
        mirrored_right=_mean(agreement.mirrored),
        reversed_right=_mean(agreement.reversed),
        edits=_by_edit(queries, set(best), before, accepted),
        missed=tuple(sorted(missed, key=lambda found: found.score)),
        false_pairs=tuple(false_pairs),
    )


def best_of_pairs(results: Iterable[Found]) -> dict[tuple[str, str], Found]:
    """The highest score of each query and footage."""
    best: dict[tuple[str, str], Found] = {}
    for found in results:
        pair = (found.query, found.footage)
        if pair not in best or found.score > best[pair].score:
            best[pair] = found
    return best


def iou(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Seconds in both sets of intervals over seconds in either (intersection over union)."""
    both = total(_common(union(some), union(others)))
    either = total(union([*some, *others]))
    return both / either if either > 0 else 0.0


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same seconds as intervals in order that do not overlap."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[1] > interval[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def without(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """The seconds of `intervals` that are in none of `holes`."""
    left = union(intervals)
    for low, high in holes:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, low)), (max(start, high), end))
            if part[1] > part[0]
        ]
    return left


def total(intervals: Iterable[Interval]) -> float:
    """Seconds."""
    return sum(end - start for start, end in intervals)


class _Agreement:
    """How well the segments of true pairs fit their pieces.

    A still has no place in time: its seconds of a query are left out beside moving pieces, and
    where there are stills only, those seconds count and the footage's do not.
    """

    def __init__(self) -> None:
        self.iou_query: list[float] = []
        self.iou_reference: list[float] = []
        self.speed: list[bool] = []
        self.mirrored: list[bool] = []
        self.reversed: list[bool] = []

    def add(self, pieces: Sequence[Piece], segments: Sequence[Segment]) -> None:
        if not segments:
            return
        moving = [piece for piece in pieces if piece.speed is not None]
        stills = [_query_seconds(piece) for piece in pieces if piece.speed is None]
        said = [_query_seconds(segment) for segment in segments]
        if not moving:
            self.iou_query.append(iou(said, stills))
        else:
            true = [_query_seconds(piece) for piece in moving]
            self.iou_query.append(iou(without(said, stills), true))
            self.iou_reference.append(
                iou(
                    [(segment.reference_start, segment.reference_end) for segment in segments],
                    [(piece.source_start, piece.source_end) for piece in moving],
                )
            )
        for piece in moving:
            near = max(segments, key=lambda segment: _overlap(piece, segment))
            if near.speed and piece.speed:
                self.speed.append(abs(near.speed / piece.speed - 1) <= SPEED_TOLERANCE)
            if near.mirrored is not None:
                self.mirrored.append(near.mirrored == piece.mirrored)
            if near.reversed is not None:
                self.reversed.append(near.reversed == piece.reversed)


def _by_edit(
    queries: Sequence[Query],
    found: set[tuple[str, str]],
    before: set[tuple[str, str]],
    accepted: set[tuple[str, str]],
) -> dict[str, EditFigures]:
    pairs: dict[str, list[tuple[str, str]]] = {}
    for query in queries:
        for name in query.expected:
            pairs.setdefault(query.edit, []).append((query.query, name))
    return {
        edit: EditFigures(
            len(wanted),
            *(sum(pair in among for pair in wanted) for among in (found, before, accepted)),
        )
        for edit, wanted in sorted(pairs.items())
    }


def _common(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    return [(max(a, c), min(b, d)) for a, b in some for c, d in others if min(b, d) > max(a, c)]


def _query_seconds(part: Piece | Segment) -> Interval:
    return part.query_start, part.query_end


def _overlap(piece: Piece, segment: Segment) -> float:
    return min(piece.query_end, segment.query_end) - max(piece.query_start, segment.query_start)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
