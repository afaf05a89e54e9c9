"""What a score makes of its evidence: pure figures, no video."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.matching.scoring import Evidence, score

ANOTHER_TAKE = Evidence(
    inliers=400.0,
    frames=10,
    query_frames=10,
    reference_frames=6,
    pictures=5,
    telling=2.0,
    motion=0.64,
    change=0.35,
    query_change=0.3,
    likeness=0.69,
    moving_likeness=0.71,
    surrounding_change=0.22,
    share=0.96,
    area=0.98,
    speed=1.19,
)
"""Two seconds of a man who makes a sign, beside those in which he makes another one: measured."""


def test_another_take_that_agrees_only_at_another_speed_is_not_accepted() -> None:
    assert score(ANOTHER_TAKE) < 0.3
    assert score(replace(ANOTHER_TAKE, speed=1 / 1.19)) < 0.3


@pytest.mark.parametrize("speed", [0.75, 0.87, 1.15, 1.4, 2.0])
def test_a_copy_at_another_speed_is_accepted(speed: float) -> None:
    copy = replace(ANOTHER_TAKE, telling=3.0, motion=0.85, speed=speed)
    assert score(copy) > 0.9


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.4, 2.0])
def test_where_much_is_seen_to_change_speed_costs_nothing(speed: float) -> None:
    much = replace(ANOTHER_TAKE, telling=5.0, motion=0.55)
    assert score(replace(much, speed=speed)) == score(replace(much, speed=1.0))


@pytest.mark.parametrize(("share", "area"), [(1.0, 0.05), (0.2, 1.0), (0.3, 0.6)])
def test_insets_and_crops_are_worth_what_they_agree(share: float, area: float) -> None:
    copy = replace(ANOTHER_TAKE, telling=4.0, motion=0.8, speed=1.0)
    assert score(replace(copy, share=share, area=area)) == score(copy) > 0.9


def test_a_pan_that_goes_on_later_is_no_copy() -> None:
    """What stands still moves alike under it; who walks there is somebody else: measured."""
    later = Evidence(
        inliers=171.0,
        frames=8,
        query_frames=12,
        reference_frames=22,
        pictures=7,
        telling=3.36,
        motion=0.51,
        change=0.97,
        query_change=0.75,
        likeness=0.52,
        moving_likeness=0.17,
        surrounding_change=1.07,
        share=0.54,
        area=0.6,
    )
    assert score(later) < 0.2
    assert score(replace(later, moving_likeness=0.35)) > 0.8


def test_a_sliver_of_both_pictures_proves_nothing() -> None:
    ticker = replace(ANOTHER_TAKE, telling=4.0, motion=0.8, speed=1.0, share=0.19, area=0.19)
    assert score(ticker) < 0.1
