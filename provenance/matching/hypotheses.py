"""From the fits of single pairs of frames to one transform, and the fits that agree with it.

An edit (crop, border, mirror) lies on the whole clip, so the right transform shows up in many
pairs; chance fits scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.matching.geometry import PairFit, fit_pooled

if TYPE_CHECKING:
    import numpy.typing as npt

CORNERS = np.array([[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.1, 0.5], [0.5, 0.1]])
AGREEMENT = 0.06
"""Two transforms agree when they carry these points within this share of the frame."""
FULL_VOTE = 40
"""Inliers beyond this do not make a pair's voice louder."""


@dataclass(frozen=True, eq=False)
class FramePair:
    """A query frame and a reference frame with the transform between them."""

    query: int
    reference: int
    fit: PairFit


@dataclass(frozen=True, eq=False)
class Pose:
    """How the footage lies in the source, and the pairs that say so.

    Attributes:
        matrix: (2, 3), footage to source, in shares of the longer sides.
        pairs: the agreeing pairs.
        support: their capped inliers, summed over query frames (the best pair of each).
    """

    matrix: npt.NDArray[np.float64]
    pairs: tuple[FramePair, ...]
    support: float


def best_pose(pairs: Sequence[FramePair]) -> Pose | None:
    """The transform with the most support, fitted anew to all inliers that agree with it."""
    if not pairs:
        return None
    places = np.stack([_carried(pair.fit.matrix) for pair in pairs])
    votes = np.array([min(pair.fit.inliers, FULL_VOTE) for pair in pairs], float)
    far = np.abs(places[:, None] - places[None]).max(axis=(2, 3))
    best = int(((far < AGREEMENT) * votes[None]).sum(axis=1).argmax())
    chosen = np.flatnonzero(far[best] < AGREEMENT)
    agreeing = tuple(pairs[int(k)] for k in chosen)
    query = np.concatenate([pair.fit.query_points for pair in agreeing])
    reference = np.concatenate([pair.fit.reference_points for pair in agreeing])
    return Pose(fit_pooled(query, reference), agreeing, support(agreeing))


def support(pairs: Sequence[FramePair]) -> float:
    """Capped inliers of the best pair of each query frame, summed."""
    best: dict[int, int] = {}
    for pair in pairs:
        best[pair.query] = max(best.get(pair.query, 0), min(pair.fit.inliers, FULL_VOTE))
    return float(sum(best.values()))


def _carried(matrix: Any) -> npt.NDArray[np.float64]:
    return np.asarray(CORNERS @ matrix[:, :2].T + matrix[:, 2], np.float64)
