"""One score for each found footage, comparable between sources, and what it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.matching.alignment import (
    aligned_pairs,
    change_around,
    standing_span,
    telling_steps,
)
from provenance.matching.edits import Aligned, extent
from provenance.matching.hypotheses import Pose
from provenance.matching.pixels import likeness_where_it_moves

if TYPE_CHECKING:
    from collections.abc import Mapping


ENOUGH_INLIERS = 16.0
"""Chance fits reach 4 to 10 inliers, copies several dozen."""
TELLING_WEIGHT = (0.1, 0.55, 0.8, 1.0, 1.1, 1.15)
"""What motion is worth where the source changes in 0, 1, 2 ... steps from picture to picture: few
can agree by chance. Of 572 false pairs of the development split, other takes in the same room among
them, 84 had two pictures in line with a motion of up to 0.68, two had three (up to 0.45), one had
four (0.01), none had more."""
TELLING_STEP = 0.5
"""Seconds; steps between pictures that are nearer to each other tell less."""
ENOUGH_TELLING = 4.0
PACE_TOLL, PACE_CHOSEN = 0.3, 0.25
"""Share of its strength that another speed costs a match with few telling steps, and how far from
the footage's own it must be, in octaves, to cost all of that: speed is one more thing that chance
can choose. Two takes of one gesture by one man, 2 s each, agree at 1.19 times the speed (a quarter
of an octave) with a motion of 0.64 in two steps."""
SLIVER, WHOLE_ENOUGH = 0.3, 0.5
"""Up to which share of the footage's picture and of the source's frame, the larger of both, what
overlaps is a sliver that proves nothing, and from which it costs nothing. A crop fills the frame,
an inset shows its footage whole; in 304 true stretches of the development split the larger share
was at least 0.72. A ticker laid upside down over the same station's ticker has 0.19 of both."""
UNLIKE, ALIKE_ENOUGH, UNLIKE_TOLL = 0.15, 0.3, 0.5
"""Likeness where the footage moves up to which a match loses this share of its strength, and from
which it loses nothing. A camera that pans on at one speed moves what stands still alike for ever,
and only people and cars tell that these are later seconds: such a pan agrees with a motion of 0.52
and a likeness of 0.17 there. Of 356 copies the least had 0.35."""
NOTHING_MOVES = 0.03
"""Below this change on both sides there is no motion to compare, only a picture."""
STILL_TRUST = 0.92
"""A still shows no motion: however alike, it is never as sure as a clip."""
STILL_FIXED, STILL_MOVING = 0.93, 0.62
"""The likeness (where the footage moves) at which a still is as likely the same as not: people who
sit down before a fixed camera look alike up to 0.89; a moving one never frames the same again."""
SHOWN_FOR = 0.6
"""Seconds for which a clip must stand still to show a still."""
STILL_INLIERS = 20.0
"""Inliers a frame that a still within a clip needs; lines of text reach 6."""
STILL_LOOKALIKE = 0.25
"""What the same view alone is worth: a candidate, never a match."""
CAMERA_STANDS, CAMERA_MOVES = 0.6, 1.2
"""Change between neighbouring pictures of footage up to which its camera stands still (people who
move before it reach 0.45), and from which it surely moves."""
STILL_SOFTNESS = 0.05
EVEN_STRENGTH, SOFTNESS = 0.44, 0.05
"""The strength at which a match is as likely true as false, and how quickly that changes. On the
development split other takes of the same scene reach 0.37 and copies begin at 0.39, where 97 % of
them lie above 0.5; the score means that share (docs/accuracy.md)."""
CEILING = 0.99
"""Nothing that was measured on some hundred clips can speak of more."""
FEATURES_ALONE = 0.45
"""Highest score without pictures: features cannot tell another take of the same scene."""


@dataclass(frozen=True)
class Evidence:
    """Figures of one stretch.

    Attributes:
        inliers: agreeing features of the best pair of each query frame, capped, summed.
        frames: query frames that have an agreeing pair.
        query_frames, reference_frames: frames of the source that were fingerprinted, and pictures
            of the footage that were compared; 1 for a still.
        pictures: footage pictures that are aligned with source frames; 0 without pictures.
        telling: steps from one of these pictures to the next in which the source changes; those of
            less than half a second count for less.
        standing: seconds for which the source stands still there; 0 but for one picture.
        motion: correlation of what changes between them.
        change, query_change: how much changes, on either side.
        likeness: correlation of the pictures themselves.
        moving_likeness: the same where the footage moves.
        surrounding_change: change between the footage's pictures before and behind the stretch.
        share: how much of the footage's picture the source shows.
        area: how much of the source's frame the footage's picture takes.
        speed: seconds of the footage in a second of the source.
        score: the score of the stretch, 0..1.
    """

    inliers: float
    frames: int
    query_frames: int
    reference_frames: int = 0
    pictures: int = 0
    telling: float = 0.0
    standing: float = 0.0
    motion: float = 0.0
    change: float = 0.0
    query_change: float = 0.0
    likeness: float = 0.0
    moving_likeness: float = 0.0
    surrounding_change: float = 0.0
    share: float = 0.0
    area: float = 0.0
    speed: float = 1.0
    score: float = 0.0

    @classmethod
    def of(cls, pose: Pose, query_frames: int, aligned: Aligned | None = None) -> Evidence:
        """Collect the figures; without pixels those of the features alone."""
        frames = len({pair.query for pair in pose.pairs})
        if aligned is None:
            return cls(pose.support, frames, query_frames)
        line = aligned.line
        shown = extent(aligned)
        span = standing_span(aligned.products, line)
        return cls(
            inliers=pose.support,
            frames=frames,
            query_frames=query_frames,
            reference_frames=len(aligned.products.times),
            pictures=line.last - line.first + 1,
            telling=telling_steps(aligned.products, line, TELLING_STEP),
            standing=span[1] - span[0] if span else 0.0,
            motion=line.motion,
            change=line.change,
            query_change=line.query_change,
            likeness=line.likeness,
            moving_likeness=likeness_where_it_moves(
                aligned.overlay, aligned_pairs(aligned.products, line)
            ),
            surrounding_change=change_around(aligned.products, line),
            share=aligned.overlay.share,
            area=shown.width * shown.height if shown else 0.0,
            speed=abs(line.speed),
        )

    def figures(self) -> Mapping[str, float]:
        """The figures for the report."""
        figures = asdict(self)
        for name in ("score", "speed", "query_frames", "reference_frames"):
            del figures[name]
        return {name: float(value) for name, value in figures.items()}


def score(e: Evidence) -> float:
    """The calibrated score of one stretch, 0..1; docs/accuracy.md tells how it was set."""
    features = min(1.0, e.inliers / ENOUGH_INLIERS)
    if not e.pictures:
        return float(min(FEATURES_ALONE, 0.002 * e.inliers * features))
    features *= float(np.interp(max(e.share, e.area), (SLIVER, WHOLE_ENOUGH), (0.0, 1.0)))
    still = 1 in (e.query_frames, e.reference_frames)
    nothing_moves = e.pictures > 1 and max(e.change, e.query_change) < NOTHING_MOVES
    if still or nothing_moves:
        return float(_still_score(e) * features)
    if e.pictures == 1 and e.standing >= SHOWN_FOR:
        # Somebody who sits still for a second does so in every take.
        sure = _still_score(e) * min(1.0, e.inliers / max(e.frames, 1) / STILL_INLIERS)
        return float(max(sure * _camera(e), STILL_LOOKALIKE * min(1.0, max(0.0, e.likeness))))
    weight = float(np.interp(e.telling, np.arange(len(TELLING_WEIGHT)), TELLING_WEIGHT))
    if e.telling < ENOUGH_TELLING:
        octaves = abs(float(np.log2(max(e.speed, 1e-3))))
        weight *= 1.0 - PACE_TOLL * min(1.0, octaves / PACE_CHOSEN)
    toll = (UNLIKE_TOLL, 0.0)
    weight *= 1.0 - float(np.interp(e.moving_likeness, (UNLIKE, ALIKE_ENOUGH), toll))
    return _calibrated(max(0.0, e.motion) * weight * features)


def _calibrated(strength: float) -> float:
    return float(CEILING / (1.0 + np.exp((EVEN_STRENGTH - strength) / SOFTNESS)))


def _camera(e: Evidence) -> float:
    """How surely the footage's camera moves, 0..1."""
    return float(np.interp(e.surrounding_change, (CAMERA_STANDS, CAMERA_MOVES), (0.0, 1.0)))


def _still_score(e: Evidence) -> float:
    """What likeness alone is worth: little where a fixed camera could have filmed another day."""
    middle = STILL_FIXED + _camera(e) * (STILL_MOVING - STILL_FIXED)
    alike = e.moving_likeness
    if 1 not in (e.query_frames, e.reference_frames):  # within a clip there is less of it to see
        alike = min(alike, e.likeness)
    sure = STILL_TRUST / (1.0 + np.exp((middle - alike) / STILL_SOFTNESS))
    # A moment between two kept pictures differs where it moves; the rest makes it a candidate.
    return float(max(sure, STILL_LOOKALIKE * min(1.0, max(0.0, e.likeness))))
