"""Openings, idents and stock footage: seconds that many known items share.

Such seconds are found like any others, but say nothing about where a clip comes from. They are told
by two things at once: several footages hold the same seconds of the source, and in each of them
these seconds are a small part. A repost of the whole clip is a large part of its own footage, so
that even a clip that was reposted a hundred times is not commonplace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from provenance.models import Match

SHARED_BY = 4
"""So many footages, each with the same seconds as a small part of it, make them commonplace."""
SMALL_PART = 0.5
"""A match that explains less than this share of its footage is a small part of it."""
SAME_SECONDS = 0.5
"""Two matches hold the same seconds when they share this much of the shorter one."""


def mark_commonplace(matches: Sequence[Match]) -> list[Match]:
    """The matches, with `commonplace` set on the accepted ones that it is true of."""
    small = [match for match in matches if match.accepted and _part(match) < SMALL_PART]
    return [
        replace(match, commonplace=True)
        if any(match is one for one in small)
        and sum(_shared(match, other) >= SAME_SECONDS for other in small) >= SHARED_BY
        else match
        for match in matches
    ]


def _part(match: Match) -> float:
    """Share of the footage that the match explains; 1 where its length is unknown (a still)."""
    duration = match.footage.duration
    if not duration:
        return 1.0
    return _covered([(s.reference_start, s.reference_end) for s in match.segments]) / duration


def _shared(one: Match, other: Match) -> float:
    """Share of the shorter match's source seconds that both hold; 1 for a match with itself."""
    a = [(s.query_start, s.query_end) for s in one.segments]
    b = [(s.query_start, s.query_end) for s in other.segments]
    common = _covered(a) + _covered(b) - _covered([*a, *b])
    return common / max(min(_covered(a), _covered(b)), 1e-9)


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds that the union of these spans holds."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
