"""Seconds that many known items share are told apart from reposts of one clip."""

from __future__ import annotations

from provenance.matching.commonplace import mark_commonplace
from provenance.models import Footage, Match, Segment


def make_match(
    number: int, *, query: tuple[float, float] = (0.0, 5.0), duration: float = 60.0
) -> Match:
    footage = Footage(id=number, location=f"{number}.mp4", sha256="0" * 64, duration=duration)
    segment = Segment(*query, 10.0, 10.0 + query[1] - query[0], score=0.9)
    return Match(footage=footage, score=0.9, accepted=True, segments=(segment,))


def flags(matches: list[Match]) -> list[bool]:
    return [match.commonplace for match in mark_commonplace(matches)]


def test_an_opening_that_four_long_items_share_is_commonplace() -> None:
    assert flags([make_match(k) for k in range(4)]) == [True] * 4


def test_three_items_are_not_enough() -> None:
    assert flags([make_match(k) for k in range(3)]) == [False] * 3


def test_reposts_of_the_whole_clip_are_not_commonplace() -> None:
    assert flags([make_match(k, duration=6.0) for k in range(9)]) == [False] * 9


def test_the_original_stands_out_among_items_that_quote_it() -> None:
    matches = [make_match(0, duration=6.0), *(make_match(k) for k in range(1, 5))]
    assert flags(matches) == [False, True, True, True, True]


def test_items_that_hold_other_seconds_do_not_count() -> None:
    matches = [make_match(k, query=(10.0 * k, 10.0 * k + 5.0)) for k in range(6)]
    assert flags(matches) == [False] * 6


def test_candidates_are_never_called_commonplace_nor_counted() -> None:
    weak = [
        Match(m.footage, 0.3, accepted=False, segments=m.segments)
        for m in (make_match(k) for k in range(4))
    ]
    assert flags([*weak, make_match(9)]) == [False] * 5
