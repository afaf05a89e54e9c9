"""Which seconds are which seconds; part of the vocabulary of `models`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Region:
    """Where in the source's frame something shows, in shares of its width and height.

    `x` and `y` are those of the upper left corner.
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Segment:
    """Seconds of the source that are seconds of a footage.

    Attributes:
        query_start, query_end: seconds in the source, start < end.
        reference_start, reference_end: seconds in the footage, start < end also when reversed.
        speed: reference seconds per query second: 1.25 plays the footage a quarter faster.
        evidence: named figures (inliers, frames, pixel agreement) that the score rests on.
        region: where in the source's frame the footage shows, in the middle of the segment; None
            where that is unknown.
    """

    query_start: float
    query_end: float
    reference_start: float
    reference_end: float
    speed: float = 1.0
    mirrored: bool = False
    reversed: bool = False
    score: float = 0.0
    evidence: Mapping[str, float] = field(default_factory=dict)
    region: Region | None = None


@dataclass(frozen=True)
class Link:
    """Two known footages hold the same seconds, as was found when the later one was added.

    Attributes:
        footage: id of the footage that is a copy, as seen from here.
        other: id of the footage that it is a copy of; which of them was first is not known here.
        score: of the match that the link rests on, 0..1.
        segments: query seconds are those of `footage`, reference seconds those of `other`.
    """

    footage: int
    other: int
    score: float
    segments: tuple[Segment, ...]
