"""Copies of known footage: found when they are added, linked, and followed to the earliest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from clip_maker import compose, cut
from command_line import call
from hypothesis import given
from hypothesis import strategies as st

from provenance import Claim, check
from provenance.archive import Archive
from provenance.chains import follow, through
from provenance.linking import copies, everywhere, link_new
from provenance.models import Link, Segment
from provenance.report.html_report import HtmlReport
from provenance.report.json_report import validate
from provenance.report.text_report import TextReport
from provenance.settings import Settings

SETTINGS = Settings()


@pytest.fixture(scope="module")
def reposts(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three reposts of the square in a row, each made of the one before, and a compilation."""
    folder = tmp_path_factory.mktemp("reposts")
    square, market = (samples / "footage" / f"{name}.mp4" for name in ("square", "market"))
    first = cut(square, folder / "first.mp4", "hflip,scale=480:-2", start=2, seconds=12)
    second = cut(first, folder / "second.mp4", "crop=iw*0.85:ih*0.85", start=1, seconds=10)
    cut(second, folder / "clip.mp4", "eq=brightness=0.05", start=2, seconds=7)
    parts = [(square, 0.0, 5.0), (market, 2.0, 8.0)]
    compose(
        parts,
        folder / "compilation.mp4",
        "[0:v]scale=480:270,setsar=1,fps=25[a];[1:v]scale=480:270,setsar=1,fps=25[b];"
        "[a][b]concat=n=2:v=1[out]",
    )
    return folder


@pytest.fixture(scope="module")
def archive(samples: Path, reposts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The square (1), its reposts (2, 3), the compilation (4) and the market (5)."""
    folder = tmp_path_factory.mktemp("linked") / "archive"
    for path, published, title in (
        (samples / "footage" / "square.mp4", "2017-03-04", "Rehearsal"),
        (reposts / "first.mp4", "2019-05-02", "Again"),
        (reposts / "second.mp4", "2021-06-07", "And again"),
        (reposts / "compilation.mp4", "2023-01-01", "Best of"),
        (samples / "footage" / "market.mp4", "2022-01-01", "Market"),
    ):
        called = call("add", path, "--published", published, "--title", title, "--archive", folder)
        assert called.code == 0, called.err
    return folder


def linked_ids(archive: Archive, footage_id: int) -> list[int]:
    return sorted(link.other for link in archive.links.of(footage_id))


def test_a_repost_is_linked_to_what_it_is_a_copy_of_when_it_is_added(archive: Path) -> None:
    with Archive.open(archive) as known:
        assert linked_ids(known, 1) == [2, 3, 4]
        assert 1 in linked_ids(known, 3)
        assert known.links.waiting() == []
        (link,) = [link for link in known.links.of(2) if link.other == 1]
        (part,) = link.segments
        assert part.mirrored
        assert part.query_start < 1.5
        assert part.reference_start - part.query_start == pytest.approx(2.0, abs=0.6)


def test_show_prints_the_timeline_of_all_copies(archive: Path) -> None:
    shown = call("show", "3", "--archive", archive)
    assert shown.code == 0
    assert "copy of footage 1" in shown.out
    timeline = shown.out.split("Appearances, earliest first")[1]
    dates = [timeline.index(date) for date in ("4 March 2017", "2 May 2019", "7 June 2021")]
    assert dates == sorted(dates)
    assert "as footage 1" in timeline
    as_json = call("show", "3", "--json", "--archive", archive).json
    assert {link["footage"] for link in as_json["copy_of"]} >= {1, 2}


def test_what_else_a_compilation_holds_does_not_come_along(archive: Path) -> None:
    with Archive.open(archive) as known:
        assert {1, 5} <= set(linked_ids(known, 4))
        # The market is in the compilation, the square is too, and they are not the same footage.
        reached = {one.footage.id for one in everywhere(known, known.footage(5))}
        assert reached == {4}


def test_footage_that_matches_by_itself_is_not_told_as_a_link_too(
    archive: Path, reposts: Path
) -> None:
    with Archive.open(archive) as known:
        report = check(
            reposts / "clip.mp4", claim=Claim(date="2024-10-29"), archive=known, pictures=False
        )
    assert report.earliest
    assert report.earliest.title == "Rehearsal"
    matched = {match.footage.id for match in report.matches}
    assert matched >= {1, 2, 3}
    assert not any(one.footage.id in matched for m in report.matches for one in m.linked)


def test_a_check_that_finds_a_copy_reports_the_earliest_appearance_and_by_which_link(
    archive: Path, samples: Path, tmp_path: Path
) -> None:
    harbour = samples / "footage" / "harbour.mp4"
    market = samples / "footage" / "market.mp4"
    clip = cut(market, tmp_path / "clip.mp4", start=4, seconds=6)
    with Archive.open(shutil.copytree(archive, tmp_path / "archive")) as known:
        # As if the market had once been recognised as a heavily edited copy of the harbour.
        old = known.add(harbour, published="2014-07-01", title="Harbour", place="Odesa").footage.id
        known.links.settle(old, [Link(old, 5, 0.8, (segment(1, 9, 2, mirrored=True),))])
        claim = Claim(date="2024-10-29")
        report = check(clip, claim=claim, archive=known, pictures=False)
        known.reject(old, str(report.source.sha256))
        after = check(clip, claim=claim, archive=known, pictures=False)
    assert report.verdict
    assert report.earliest
    assert report.earliest.title == "Harbour"
    assert report.verdict.label == "earlier_appearance"
    assert "a copy of footage published on 1 July 2014" in report.verdict.summary
    assert report.verdict.summary.endswith("mirrored.")
    (why,) = [r for r in report.verdict.reasons if r.kind == "through_link"]
    assert f"which holds the same seconds as footage {old}" in why.text
    (match,) = [match for match in report.matches if match.footage.id == 5]
    (reached,) = [one for one in match.linked if one.footage.id == old]
    assert reached.through == (5,)
    # The clip is seconds 4 to 10 of the market; 4 to 10 there are 3 to 9 of the harbour.
    assert reached.segments[0].reference_start == pytest.approx(3.0, abs=0.6)
    for render in (TextReport(), HtmlReport()):
        assert "1 July 2014" in render.render([report])
    validate(report.to_dict())
    assert after.earliest
    assert after.earliest.title != "Harbour"


def test_rejecting_cuts_the_link_and_removing_drops_it(archive: Path, tmp_path: Path) -> None:
    with Archive.open(shutil.copytree(archive, tmp_path / "archive")) as known:
        known.reject(3, 1)
        assert 1 not in linked_ids(known, 3)
        # 3 is still linked to 2, and 2 to 1; but 1 was said to be none of 3.
        assert 1 not in {one.footage.id for one in everywhere(known, known.footage(3))}
        assert copies(known, known.footage(3), SETTINGS)[0].other == 2
        known.remove(2)
        assert 2 not in linked_ids(known, 3)
        assert linked_ids(known, 1) == [4]


def test_what_was_not_linked_is_linked_by_the_next_call(
    samples: Path, reposts: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    square = samples / "footage" / "square.mp4"
    left = call("add", square, reposts / "first.mp4", "--no-link", "--archive", folder)
    assert "copy of" not in left.out
    with Archive.open(folder) as known:
        assert known.links.waiting() == [1, 2]
        assert linked_ids(known, 1) == []
    again = call("add", square, "--archive", folder)
    assert again.code == 0
    assert "Footage 1 holds the same seconds as footage 2." in again.err
    with Archive.open(folder) as known:
        assert known.links.waiting() == []
        assert linked_ids(known, 1) == [2]
        assert list(link_new(known, settings=SETTINGS)) == []


def segment(low: float, high: float, to: float, speed: float = 1.0, **more: bool) -> Segment:
    return Segment(low, high, to, to + (high - low) * speed, speed, score=0.9, **more)


SEGMENTS = st.builds(
    segment,
    st.floats(0, 50),
    st.floats(51, 90),
    st.floats(0, 50),
    st.floats(0.5, 2.0),
    mirrored=st.booleans(),
    reversed=st.booleans(),
)


@given(SEGMENTS, SEGMENTS)
def test_seconds_followed_through_a_link_stay_within_both(one: Segment, two: Segment) -> None:
    joined = through(one, two)
    if joined is None:
        return
    slack = 1e-6
    assert one.query_start - slack <= joined.query_start < joined.query_end <= one.query_end + slack
    assert two.reference_start - slack <= joined.reference_start
    assert joined.reference_start < joined.reference_end <= two.reference_end + slack
    assert joined.speed == pytest.approx(one.speed * two.speed, rel=1e-6)
    assert joined.mirrored == (one.mirrored != two.mirrored)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), SEGMENTS), max_size=15), SEGMENTS)
def test_links_in_circles_come_to_an_end_and_reach_nothing_that_is_not_linked(
    edges: list[tuple[int, int, Segment]], start: Segment
) -> None:
    links = [Link(a, b, 0.9, (part,)) for a, b, part in edges if a != b]

    def of(footage: int) -> list[Link]:
        return [link for link in links if link.footage == footage]

    for reached, way, score, segments in follow(1, [start], of):
        assert way[0] == 1
        assert reached not in way
        assert score == 0.9
        assert segments
        steps = list(zip(way, (*way[1:], reached), strict=True))
        assert all(any((k.footage, k.other) == step for k in links) for step in steps)


def test_a_chain_leads_to_its_far_end_and_tells_the_way() -> None:
    links = {
        3: [Link(3, 2, 0.8, (segment(0, 10, 5, mirrored=True),))],
        2: [Link(2, 3, 0.8, (segment(5, 15, 0),)), Link(2, 1, 0.9, (segment(8, 30, 100),))],
    }
    (two, one) = follow(3, [segment(20, 26, 2)], lambda number: links.get(number, []))
    assert (two[0], two[1]) == (2, (3,))
    assert (one[0], one[1], one[2]) == (1, (3, 2), 0.8)
    (part,) = one[3]
    assert (part.query_start, part.query_end) == (21.0, 26.0)
    assert (part.reference_start, part.reference_end) == (100.0, 105.0)
    assert part.mirrored
    assert [
        item[0]
        for item in follow(
            3, [segment(20, 26, 2)], lambda n: links.get(n, []), lambda reached, way: reached == 2
        )
    ] == []


def test_seconds_that_the_link_does_not_hold_lead_nowhere() -> None:
    assert through(segment(0, 5, 0), segment(6, 12, 0)) is None
    assert through(segment(0, 5, 0), segment(4.8, 12, 0)) is None
    still = Segment(0.0, 0.04, 7.0, 7.04)
    joined = through(still, segment(5, 12, 0))
    assert joined
    assert joined.reference_start == pytest.approx(2.0)
