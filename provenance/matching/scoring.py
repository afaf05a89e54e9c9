"""One score for each found footage, comparable between sources, and what it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.matching.alignment import Line, Products
from provenance.matching.hypotheses import Pose
from provenance.matching.pixels import Overlay

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    def of(
        cls,
        pose: Pose,
        overlay: Overlay | None,
        line: Line | None,
        p: Products | None,
        query_frames: int,
    ) -> Evidence:
        """Collect the figures."""
        frames = len({pair.query for pair in pose.pairs})
        if overlay is None or line is None or p is None:
            return cls(pose.support, frames, query_frames)
        return cls(
            inliers=pose.support,
            frames=frames,
            query_frames=query_frames,
            pictures=line.last - line.first + 1,
            motion=line.motion,
            change=line.change,
            query_change=line.query_change,
            likeness=line.likeness,
            share=overlay.share,
        )

    def figures(self) -> Mapping[str, float]:
        """The figures for the report."""
        figures = asdict(self)
        del figures["score"], figures["query_frames"]
        return {name: float(value) for name, value in figures.items()}


def score(e: Evidence) -> float:
    """0..1; see docs/accuracy.md."""
    if e.pictures >= 2:
        motion = e.motion * np.sqrt(min(e.pictures, 5) / 5)
        return float(np.clip(motion, 0, 1))
    return float(np.clip(0.002 * e.inliers, 0, 0.3))
