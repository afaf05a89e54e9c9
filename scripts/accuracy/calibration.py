"""What a score means: the share of matches at that score that are true.

Scores of several query sets are pooled, since a score has to mean the same everywhere. The share
depends on how many queries a user asks that the archive does not know; these figures hold for the
benchmark's mixture, which the table's counts show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from accuracy.figures import best_of_pairs
from accuracy.truth import Found, Query

EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Bins are closed below and open above, but for the last."""


@dataclass(frozen=True)
class Point:
    """A reported pair: its score, and whether it is true."""

    score: float
    true: bool


@dataclass(frozen=True)
class Bin:
    """Pairs with scores from `low` to `high`: how many, how many true, their mean score."""

    low: float
    high: float
    count: int
    true: int
    mean_score: float

    @property
    def share(self) -> float:
        return self.true / self.count


def points(queries: Sequence[Query], results: Iterable[Found]) -> list[Point]:
    """The best score of each reported pair of query and footage."""
    truth = {query.query: query.expected for query in queries}
    best = best_of_pairs(found for found in results if found.query in truth)
    return [Point(found.score, found.footage in truth[found.query]) for found in best.values()]


def bins(pool: Sequence[Point], edges: Sequence[float] = EDGES) -> list[Bin]:
    """The pool by score; empty bins are left out."""
    found = []
    for low, high in pairwise(edges):
        inside = [
            point
            for point in pool
            if low <= point.score < high or (point.score == high == edges[-1])
        ]
        if inside:
            mean = sum(point.score for point in inside) / len(inside)
            found.append(Bin(low, high, len(inside), sum(p.true for p in inside), mean))
    return found


def calibration_error(pool: Sequence[Point], edges: Sequence[float] = EDGES) -> float:
    """Expected calibration error: |mean score - share of true ones|, averaged over the pool.

    Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    if not pool:
        return 0.0
    gaps = (part.count * abs(part.mean_score - part.share) for part in bins(pool, edges))
    return sum(gaps) / len(pool)


def curve(pool: Iterable[Point]) -> list[tuple[float, float]]:
    """The share of true pairs as a rising function of the score: (score, share) at each step.

    Isotonic regression by pooling adjacent violators (Ayer et al., 1955).
    """
    by_score: dict[float, tuple[int, int]] = {}
    for point in pool:
        count, true = by_score.get(point.score, (0, 0))
        by_score[point.score] = (count + 1, true + point.true)
    blocks: list[tuple[float, int, int]] = []  # lowest score, count, true ones
    for score in sorted(by_score):
        block = (score, *by_score[score])
        while blocks and blocks[-1][2] * block[1] >= block[2] * blocks[-1][1]:
            low, count, true = blocks.pop()
            block = (low, count + block[1], true + block[2])
        blocks.append(block)
    return [(score, true / count) for score, count, true in blocks]
