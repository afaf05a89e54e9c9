"""One score for each found footage, comparable between sources, and what it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.matching.edits import Aligned
from provenance.matching.hypotheses import Pose

if TYPE_CHECKING:
    from collections.abc import Mapping


ENOUGH_INLIERS = 24.0
"""Chance fits reach 4 to 10 inliers, copies several dozen."""
PICTURES_WEIGHT = (0.1, 0.55, 0.75, 0.88, 0.95, 1.0)
"""What the motion of 1, 2, 3 ... aligned pictures is worth: few can agree by chance."""
FEATURES_ALONE = 0.45
"""Highest score without pictures: features cannot tell another take of the same scene."""


@dataclass(frozen=True)
class Evidence:
    """Figures of one stretch.

    Attributes:
        inliers: agreeing features of the best pair of each query frame, capped, summed.
        frames: query frames that have an agreeing pair.
        pictures: footage pictures that are aligned with source frames; 0 without pictures.
        motion: correlation of what changes between them.
        change, query_change: how much changes, on either side.
        likeness: correlation of the pictures themselves.
        share: how much of the footage's picture the source shows.
        score: the score of the stretch, 0..1.
    """

    inliers: float
    frames: int
    query_frames: int
    pictures: int = 0
    motion: float = 0.0
    change: float = 0.0
    query_change: float = 0.0
    likeness: float = 0.0
    share: float = 0.0
    score: float = 0.0

    @classmethod
    def of(cls, pose: Pose, query_frames: int, aligned: Aligned | None = None) -> Evidence:
        """Collect the figures; without pixels those of the features alone."""
        frames = len({pair.query for pair in pose.pairs})
        if aligned is None:
            return cls(pose.support, frames, query_frames)
        line = aligned.line
        return cls(
            inliers=pose.support,
            frames=frames,
            query_frames=query_frames,
            pictures=line.last - line.first + 1,
            motion=line.motion,
            change=line.change,
            query_change=line.query_change,
            likeness=line.likeness,
            share=aligned.overlay.share,
        )

    def figures(self) -> Mapping[str, float]:
        """The figures for the report."""
        figures = asdict(self)
        del figures["score"], figures["query_frames"]
        return {name: float(value) for name, value in figures.items()}


def score(e: Evidence) -> float:
    """0..1; see docs/accuracy.md."""
    features = min(1.0, e.inliers / ENOUGH_INLIERS) ** 0.5
    if e.pictures:
        motion = max(0.0, e.motion) * PICTURES_WEIGHT[min(e.pictures, len(PICTURES_WEIGHT)) - 1]
        return float(min(1.0, motion * features))
    return float(min(FEATURES_ALONE, 0.002 * e.inliers * features))
