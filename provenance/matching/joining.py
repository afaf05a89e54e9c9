"""Neighbouring stretches that lie on one line, made one.

A zoom, a shake or a caption that comes and goes can break what is one stretch of footage into
pieces, and the speed of a short piece is little more than a guess: the longer one's is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from provenance.matching.boundaries import SHORTEST, Stretch
from provenance.matching.explaining import Explained
from provenance.matching.scoring import Evidence, score

GAP = 1.0
"""Seconds between two pieces that are one: the pictures of the footage are as far apart."""
OFF_LINE = 0.4
"""Seconds by which the middle of the shorter piece may lie off the longer one's line."""
TELLING = 4
"""Pictures from which a piece has a say about the speed."""
STEADY = 0.03
"""Paces nearer to each other than this are the same: a clip is rarely played 2 % faster."""


def joined(stretches: Sequence[Explained], length: float) -> list[Explained]:
    """The stretches in order of time, neighbours on one line as one.

    Args:
        length: seconds of the footage.
    """
    done: list[Explained] = []
    for one in sorted(stretches, key=lambda one: one.stretch.query_start):
        whole = _one(done[-1], one, length) if done else None
        if whole:
            done[-1] = whole
        else:
            done.append(one)
    return done


def _one(a: Explained, b: Explained, length: float) -> Explained | None:
    """Both as one, or None where they are not on one line."""
    if not a.evidence.pictures or not b.evidence.pictures:
        return None
    if a.stretch.speed * b.stretch.speed < 0:
        return None
    if b.stretch.query_start - a.stretch.query_end > GAP:
        return None
    major, minor = (a, b) if a.evidence.pictures >= b.evidence.pictures else (b, a)
    here, there = _middle(minor.stretch)
    if abs(_known_at(major.stretch, here) - there) > OFF_LINE:
        return None
    speed = major.stretch.speed
    if minor.evidence.pictures >= TELLING:
        (qa, ra), (qb, rb) = _middle(a.stretch), _middle(b.stretch)
        pace = (rb - ra) / (qb - qa) if qb - qa > SHORTEST else speed
        if pace * speed > 0 and abs(pace / speed - 1) > STEADY:
            speed = pace
    middle, known = _middle(major.stretch)
    start = min(a.stretch.query_start, b.stretch.query_start)
    end = max(a.stretch.query_end, b.stretch.query_end)
    ends = sorted(known + speed * (moment - middle) for moment in (start, end))
    begin = min(max(0.0, ends[0]), max(0.0, length - SHORTEST))
    stretch = Stretch(start, end, begin, max(begin + SHORTEST, min(length, ends[1])), speed)
    return Explained(stretch, _evidence(major.evidence, minor.evidence), major.aligned)


def _middle(stretch: Stretch) -> tuple[float, float]:
    return (
        (stretch.query_start + stretch.query_end) / 2,
        (stretch.reference_start + stretch.reference_end) / 2,
    )


def _known_at(stretch: Stretch, moment: float) -> float:
    middle, known = _middle(stretch)
    return known + stretch.speed * (moment - middle)


def _evidence(major: Evidence, minor: Evidence) -> Evidence:
    """The figures of both: more pictures agree than in either alone."""
    pictures = major.pictures + minor.pictures
    both = replace(
        major,
        pictures=pictures,
        telling=major.telling + minor.telling,
        inliers=max(major.inliers, minor.inliers),
        frames=max(major.frames, minor.frames),
        motion=(major.motion * major.pictures + minor.motion * minor.pictures) / pictures,
    )
    return replace(both, score=max(major.score, minor.score, score(both)))
