"""The transform between two frames from their local features.

Every correspondence of two SIFT features fixes a similarity transform by itself (scale, rotation
and shift), so all hypotheses are tried at once instead of at random; the winner is refined to an
affine transform by least squares. Deterministic, and about a millisecond a pair of frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.fingerprints.local_features import BYTE_SCALE, mirror_descriptors

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.models import Fingerprint

    Array = npt.NDArray[np.float32]

LEAST_SIMILARITY = 0.78
"""Two descriptors below this inner product do not correspond."""
TOLERANCE = 0.016
"""An inlier lands within this share of the query frame's longer side."""
MAX_SCALE_RATIO = 1.6
MAX_ANGLE = np.radians(30.0)
MAX_HYPOTHESES = 160
CELL = 0.03
"""Inliers nearer to each other than this share of a frame's longer side count once."""


@dataclass(frozen=True, eq=False)
class FrameView:
    """The features of one frame, points in shares of the frame's longer side.

    Attributes:
        points: (N, 2) float32.  scales: (N,) float32, in the same unit.
        angles: (N,) float32 radians.  descriptors: (N, 128) float32 of unit length.
    """

    points: Array
    scales: Array
    angles: Array
    descriptors: Array


@dataclass(frozen=True, eq=False)
class PairFit:
    """How a reference frame lies in a query frame.

    Attributes:
        matrix: (2, 3) float64; maps reference points to query points (in shares of the longer
            sides; the query mirrored first where `mirrored`).
        inliers: spatially distinct inliers.
        query_points, reference_points: (M, 2) the inlying correspondences.
    """

    matrix: npt.NDArray[np.float64]
    inliers: int
    query_points: Array
    reference_points: Array


def frame_view(fingerprint: Fingerprint, index: int, *, mirrored: bool = False) -> FrameView:
    """Frame number `index` of a fingerprint, flipped left to right where `mirrored`."""
    first, last = np.searchsorted(fingerprint.frame, [index, index + 1])
    unit = float(max(fingerprint.width, fingerprint.height))
    points = fingerprint.points[first:last] / np.float32(unit)
    angles = fingerprint.angles[first:last]
    descriptors = fingerprint.descriptors[first:last]
    if mirrored:
        points = points * np.array([-1, 1], np.float32)
        points[:, 0] += fingerprint.width / unit
        angles = np.float32(np.pi) - angles
        descriptors = mirror_descriptors(descriptors)
    return FrameView(
        points,
        fingerprint.scales[first:last] / np.float32(unit),
        angles,
        descriptors.astype(np.float32) / np.float32(BYTE_SCALE),
    )


def fit_pair(query: FrameView, reference: FrameView) -> PairFit | None:
    """The transform that most correspondences agree on, or None where fewer than three do."""
    q, r = _correspondences(query, reference)
    if len(q) < 3:
        return None
    qp, rp = query.points[q], reference.points[r]
    scale = query.scales[q] / reference.scales[r]
    turn = query.angles[q] - reference.angles[r]
    size = np.log(scale)
    cos, sin = np.cos(turn), np.sin(turn)
    tried = slice(None, MAX_HYPOTHESES)  # correspondences come best first
    # Arrays are [hypothesis, correspondence]: (dx, dy) is how far a hypothesis misses.
    x, y = (rp[None, :, k] - rp[tried, None, k] for k in (0, 1))
    a, b = (scale * cos)[tried, None], (scale * sin)[tried, None]
    dx = a * x - b * y + qp[tried, None, 0] - qp[None, :, 0]
    dy = b * x + a * y + qp[tried, None, 1] - qp[None, :, 1]
    inlying = dx * dx + dy * dy < (2 * TOLERANCE) ** 2  # one feature's own scale is coarse
    inlying &= np.abs(size[None, :] - size[tried, None]) < np.log(MAX_SCALE_RATIO)
    inlying &= np.outer(cos[tried], cos) + np.outer(sin[tried], sin) > np.cos(MAX_ANGLE)
    votes = inlying.sum(axis=1)
    best = int(votes.argmax())
    if votes[best] < 3:
        return None
    inlying = inlying[best]
    matrix = _least_squares(qp[inlying], rp[inlying], affine=False)
    for affine in (False, True, True):
        error = qp - (rp @ matrix[:, :2].T + matrix[:, 2])
        consistent = np.abs(size - np.log(_scale_of(matrix))) < np.log(MAX_SCALE_RATIO) * 1.5
        again = ((error**2).sum(axis=1) < TOLERANCE**2) & consistent
        if again.sum() < 3:
            break
        inlying = again
        matrix = _least_squares(qp[inlying], rp[inlying], affine=affine and inlying.sum() >= 12)
    if not _plausible(matrix):
        return None
    return PairFit(
        matrix,
        _distinct(qp[inlying], rp[inlying]),
        qp[inlying],
        rp[inlying],
    )


def fit_pooled(
    query_points: Array, reference_points: Array, weights: Array | None = None
) -> npt.NDArray[np.float64]:
    """One affine transform (2, 3) for the correspondences of many pairs, robust to outliers."""
    matrix = _least_squares(query_points, reference_points, affine=False, weights=weights)
    for _ in range(4):
        error = query_points - (reference_points @ matrix[:, :2].T + matrix[:, 2])
        distance = (error**2).sum(axis=1)
        # Cauchy weights: far points lose their say without a hard edge.
        robust = 1.0 / (1.0 + distance / (TOLERANCE / 2) ** 2)
        if weights is not None:
            robust = robust * weights
        matrix = _least_squares(
            query_points, reference_points, affine=len(query_points) >= 12, weights=robust
        )
    return matrix


def _correspondences(
    query: FrameView, reference: FrameView
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Mutual nearest neighbours that are alike enough, most alike first."""
    if not len(query.points) or not len(reference.points):
        none = np.empty(0, np.intp)
        return none, none
    alike = query.descriptors @ reference.descriptors.T
    nearest = alike.argmax(axis=1)
    back = alike.argmax(axis=0)
    rows = np.arange(len(query.points))
    value = alike[rows, nearest]
    chosen = np.flatnonzero((back[nearest] == rows) & (value >= LEAST_SIMILARITY))
    chosen = chosen[np.argsort(-value[chosen], kind="stable")]
    return chosen, nearest[chosen]


def _least_squares(
    qp: Any, rp: Any, *, affine: bool, weights: Any = None
) -> npt.NDArray[np.float64]:
    """Similarity (4 unknowns) or affine (6 unknowns) transform from rp to qp."""
    w = np.ones(len(qp)) if weights is None else np.asarray(weights, np.float64)
    w = w / max(w.sum(), 1e-12)
    qc, rc = w @ qp, w @ rp
    q, r = qp - qc, rp - rc
    if affine:
        ridge = 1e-7 * np.eye(2)
        linear = np.linalg.solve((r * w[:, None]).T @ r + ridge, (r * w[:, None]).T @ q).T
    else:
        norm = max(float((w * (r**2).sum(axis=1)).sum()), 1e-12)
        cos = float((w * (q * r).sum(axis=1)).sum()) / norm
        sin = float((w * (r[:, 0] * q[:, 1] - r[:, 1] * q[:, 0])).sum()) / norm
        linear = np.array([[cos, -sin], [sin, cos]])
    shift = qc - linear @ rc
    return np.column_stack([linear, shift]).astype(np.float64)


def _determinant(matrix: npt.NDArray[np.float64]) -> float:
    (a, b, _), (c, d, _) = matrix.tolist()
    return float(a * d - b * c)


def _scale_of(matrix: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(max(abs(_determinant(matrix)), 1e-9)))


def _plausible(matrix: npt.NDArray[np.float64]) -> bool:
    """No reflection (mirroring is tried by itself), no squeeze beyond 4 or zoom beyond 8."""
    large, small = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return bool(_determinant(matrix) > 0 and small > 0.08 and large < min(8.0, 4.0 * small))


def _distinct(qp: Array, rp: Array) -> int:
    """Inliers that are apart in both frames: a logo's twenty features are few witnesses."""
    cells = [np.floor(points / CELL).astype(np.int32).tolist() for points in (qp, rp)]
    return min(len({(x, y) for x, y in c}) for c in cells)
