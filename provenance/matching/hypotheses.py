"""From the fits of single pairs of frames to one pose, and the fits that agree with it.

An edit (crop, border, mirror) lies on the whole clip, so the right transform shows up in many
pairs; chance fits scatter. Where the edit moves (a slow zoom, a crop that pans), the transform of
one moment leads to that of the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.matching.geometry import PairFit, fit_pooled
from provenance.matching.track import Track, carried

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

AGREEMENT = 0.06
"""Two transforms agree when they carry the marks within this share of the frame."""
LOOSELY = 0.1
"""The same for the best pairs alone: a picture may be half a second off, and with it its place."""
FULL_VOTE = 40
"""Inliers beyond this do not make a pair's voice louder."""
MOST_PAIRS = 1500
"""The pairs with the most inliers that have a vote."""
REACH = 1.5
"""Seconds over which a transform that moves leads to the next one."""
STEADY = 0.3
"""Seconds: shorter stretches say little about a drift, so that it is taken for none there."""
GROWTH = 24
"""Times that more pairs are looked for along a drift."""
STANDS_STILL = 0.04
"""A pose that carries the marks about by less than this share of the frame stands still."""
LED_BETTER = 0.6
"""A pose moves where the line through the pairs around each moment is off by less than this share
of what one transform for all of them is off."""
CLEARLY = 1.15
"""The best pairs alone are believed where they gather more inliers than all by this factor."""
KNOT = 1.0
"""Seconds between the transforms of a pose that moves."""


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
        track: footage to source, in shares of the longer sides.
        pairs: the agreeing pairs.
        support: their capped inliers, summed over query frames (the best pair of each).
    """

    track: Track
    pairs: tuple[FramePair, ...]
    support: float


def best_pose(pairs: Sequence[FramePair], times: Floats) -> Pose | None:
    """The transform with the most support, fitted anew to all inliers that agree with it.

    Args:
        times: (F,) seconds of the query's frames.
    """
    if not pairs:
        return None
    votes = np.array([min(pair.fit.inliers, FULL_VOTE) for pair in pairs], float)
    strongest = np.sort(np.argsort(-votes, kind="stable")[:MOST_PAIRS])
    pairs, votes = [pairs[k] for k in strongest], votes[strongest]
    places = carried(np.stack([pair.fit.matrix for pair in pairs])).reshape(len(pairs), -1)
    moments = times[[pair.query for pair in pairs]]
    inliers = np.array([pair.fit.inliers for pair in pairs], float)
    frames = np.array([pair.query for pair in pairs])
    most = np.zeros(frames.max() + 1)
    np.maximum.at(most, frames, inliers)
    # Where both the footage's camera and the crop move, a frame looks like several seconds of the
    # footage, each under another transform; the best of them is the right one.
    agreeing, led = _along(places, moments, votes, np.ones(len(pairs), bool), AGREEMENT)
    best_agreeing, best_led = _along(places, moments, votes, inliers == most[frames], LOOSELY)
    if _heard(frames, inliers, best_agreeing) > CLEARLY * _heard(frames, inliers, agreeing):
        agreeing, led = best_agreeing, best_led
    chosen = tuple(pairs[int(k)] for k in np.flatnonzero(agreeing))
    moves = _moves(places[agreeing], led[agreeing], votes[agreeing])
    return Pose(_fitted(chosen, moments[agreeing], moves=moves), chosen, support(chosen))


def support(pairs: Sequence[FramePair]) -> float:
    """Capped inliers of the best pair of each query frame, summed."""
    best: dict[int, int] = {}
    for pair in pairs:
        best[pair.query] = max(best.get(pair.query, 0), min(pair.fit.inliers, FULL_VOTE))
    return float(sum(best.values()))


def _along(
    places: Floats,
    moments: Floats,
    votes: Floats,
    among: npt.NDArray[np.bool_],
    agreement: float,
) -> tuple[npt.NDArray[np.bool_], Floats]:
    """The pairs among these that most others agree with, those that agree with the ones around
    them in time, and (N, 10) where these lead the marks.
    """
    votes = np.where(among, votes, 0.0)
    near = np.stack([np.abs(places - place).max(axis=1) < agreement for place in places]) & among
    agreeing = near[int(np.where(among, (near * votes[None]).sum(axis=1), -1.0).argmax())]
    led = _led(places, moments, votes, agreeing)
    for _ in range(GROWTH):
        again = among & (np.abs(places - led).max(axis=1) < agreement)
        if votes[again].sum() <= votes[agreeing].sum():
            break
        agreeing = again
        led = _led(places, moments, votes, agreeing)
    return agreeing, led


def _heard(frames: Any, inliers: Floats, agreeing: npt.NDArray[np.bool_]) -> float:
    """Inliers of the best agreeing pair of each query frame, summed."""
    best = np.zeros(frames.max() + 1)
    np.maximum.at(best, frames[agreeing], inliers[agreeing])
    return float(best.sum())


def _led(places: Floats, moments: Floats, votes: Floats, agreeing: npt.NDArray[np.bool_]) -> Floats:
    """(N, 10): a straight line through the agreeing pairs around each moment; infinite where there
    are none.
    """
    apart = moments[None, agreeing] - moments[:, None]
    weight = np.maximum(1.0 - np.abs(apart) / REACH, 0.0) * votes[None, agreeing]
    total = weight.sum(axis=1)
    first, second = (weight * apart).sum(axis=1), (weight * apart**2).sum(axis=1)
    second = second + total * STEADY**2
    value = weight @ places[agreeing]
    slope = (weight * apart) @ places[agreeing]
    known = total * second - first**2 > 1e-12
    led = np.full(places.shape, np.inf)
    determinant = (total * second - first**2)[known, None]
    led[known] = (
        second[known, None] * value[known] - first[known, None] * slope[known]
    ) / determinant
    return led


def _moves(places: Floats, led: Floats, votes: Floats) -> bool:
    if np.ptp(led, axis=0).max() < STANDS_STILL:
        return False
    still = np.average(np.abs(places - np.median(places, axis=0)).max(axis=1), weights=votes)
    moving = np.average(np.abs(places - led).max(axis=1), weights=votes)
    return bool(moving < LED_BETTER * still)


def _fitted(pairs: Sequence[FramePair], moments: Floats, *, moves: bool) -> Track:
    query = np.concatenate([pair.fit.query_points for pair in pairs])
    reference = np.concatenate([pair.fit.reference_points for pair in pairs])
    if not moves:
        return Track.still(fit_pooled(query, reference))
    when = np.repeat(moments, [len(pair.fit.query_points) for pair in pairs])
    knots, matrices = [], []
    for knot in np.arange(moments.min(), moments.max() + KNOT / 2, KNOT):
        weights = np.maximum(1.0 - np.abs(when - knot) / KNOT, 0.0)
        if (weights > 0).sum() >= 6:
            knots.append(float(knot))
            matrices.append(fit_pooled(query, reference, weights))
    if not knots:
        return Track.still(fit_pooled(query, reference))
    return Track(np.array(knots), np.stack(matrices))
