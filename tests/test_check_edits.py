"""Edits that move, squeeze, cut up or cover footage, and what stations put on all they show."""

from __future__ import annotations

from pathlib import Path

import pytest
from clip_maker import compose, cut, ffmpeg

from provenance import Archive, check
from provenance.models import Match, Report

SHAKE = (
    "crop=iw*0.88:ih*0.88"
    ":'(iw-ow)/2*(1+0.6*sin(9*t)+0.4*sin(23*t+1))':'(ih-oh)/2*(1+0.6*sin(11*t+2)+0.4*sin(19*t))'"
)
ZOOM = (
    "scale=w='trunc(320*(1+0.06*t))*2':h='trunc(180*(1+0.06*t))*2':eval=frame"
    ",crop=640:360:(in_w-640)/2:(in_h-360)/2"
)
PAN = "crop=iw*0.6:ih*0.8:'(iw-ow)*min(1,t/7)':'(ih-oh)*0.3'"
FURNITURE = (
    "scale=640:360"
    ",drawbox=x=20:y=16:w=110:h=44:color=red:t=fill,drawbox=x=34:y=26:w=30:h=24:color=white:t=fill"
    ",drawbox=x=74:y=26:w=44:h=10:color=yellow:t=fill,drawbox=x=74:y=40:w=30:h=10:color=white:t=fill"
    ",drawbox=x=0:y=300:w=640:h=60:color=navy:t=fill"
    ",drawgrid=x=8:y=306:w=23:h=16:t=3:color=white@0.0"
    ",drawbox=x=12:y=308:w=90:h=18:color=white:t=fill"
    + "".join(
        f",drawbox=x={120 + 27 * k}:y={312 + 7 * (k % 4)}:w={9 + 4 * (k % 3)}:h={6 + 3 * (k % 5)}"
        f":color={'white' if k % 2 else 'orange'}:t=fill"
        for k in range(19)
    )
)


def matched(clip: Path, archive: Archive) -> Report:
    return check(clip, archive=archive, candidates=True, pictures=False)


def only_match(report: Report, name: str) -> Match:
    accepted = [match for match in report.matches if match.accepted]
    assert [Path(match.footage.location).name for match in accepted] == [name]
    return accepted[0]


@pytest.mark.parametrize(
    ("filters", "edit", "covered"),
    [
        pytest.param(ZOOM, "zoomed", 0.8, id="slow zoom"),
        pytest.param(PAN, "panned", 0.5, id="a crop that pans"),
        pytest.param(SHAKE, "cropped", 0.7, id="shaking hands"),
    ],
)
def test_footage_is_found_while_the_edit_moves(
    samples: Path,
    sample_archive: Archive,
    tmp_path: Path,
    filters: str,
    edit: str,
    covered: float,
) -> None:
    clip = cut(samples / "footage/market.mp4", tmp_path / "c.mp4", filters, start=2.0, seconds=6.0)
    report = matched(clip, sample_archive)
    match = only_match(report, "market.mp4")
    assert edit in match.edits
    assert report.coverage.share >= covered
    for segment in match.segments:
        assert segment.reference_start - segment.query_start == pytest.approx(2.0, abs=0.6)


def test_upright_video_of_wide_footage_is_found_and_said_to_be_squeezed(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    squeezed = "scale=270:480,setsar=1"
    clip = cut(samples / "footage/market.mp4", tmp_path / "c.mp4", squeezed, start=2.0)
    match = only_match(matched(clip, sample_archive), "market.mp4")
    assert match.edit_details["stretched"]["width_to_height"] == pytest.approx(0.32, abs=0.03)
    (segment,) = match.segments
    assert segment.reference_start == pytest.approx(2.0, abs=0.5)


def test_footage_played_backwards_by_a_moving_camera_is_found(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    road = samples / "footage/mountain-road.mp4"
    clip = cut(road, tmp_path / "c.mp4", "reverse,scale=480:-2", start=1.0, seconds=6.0)
    match = only_match(matched(clip, sample_archive), "mountain-road.mp4")
    assert all(segment.reversed for segment in match.segments)


def test_stills_of_footage_from_a_moving_camera_are_found_in_a_slide_show(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    road = samples / "footage/mountain-road.mp4"
    clip = cut(road, tmp_path / "c.mp4", "fps=1/2,fps=25", start=1.0, seconds=8.0)
    match = only_match(matched(clip, sample_archive), "mountain-road.mp4")
    assert len(match.segments) >= 2


def test_a_clip_that_shows_more_than_known_footage_is_not_said_to_be_edited(
    samples: Path, tmp_path: Path
) -> None:
    """Known is a repost: a mirrored part of the picture with a banner. The clip is the original."""
    clip = cut(samples / "footage/square.mp4", tmp_path / "c.mp4", "null", start=3.0, seconds=7.0)
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "checks/reused.mp4")
        match = only_match(matched(clip, archive), "reused.mp4")
    assert "uncropped" in match.edits
    assert not {"picture_in_picture", "captioned", "overlaid", "cropped"} & set(match.edits)


def test_both_halves_of_a_split_screen_are_reported_with_their_regions(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = compose(
        [(samples / "footage/market.mp4", 2.0, 6.0), (samples / "footage/square.mp4", 5.0, 6.0)],
        tmp_path / "c.mp4",
        "[0:v]scale=360:-2,crop=320:180[l];[1:v]scale=360:-2,crop=320:180[r];[l][r]hstack[out]",
    )
    report = matched(clip, sample_archive)
    accepted = {Path(m.footage.location).name: m for m in report.matches if m.accepted}
    assert set(accepted) == {"market.mp4", "square.mp4"}
    for name, middle in (("market.mp4", 0.25), ("square.mp4", 0.75)):
        region = accepted[name].segments[0].region
        assert region
        assert region.x + region.width / 2 == pytest.approx(middle, abs=0.15)


def test_each_half_of_a_duet_is_reported_as_what_it_shows(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    """Of each footage the middle is shown; what was cut off would lie behind the other half."""
    clip = compose(
        [(samples / "footage/market.mp4", 2.0, 6.0), (samples / "footage/square.mp4", 5.0, 6.0)],
        tmp_path / "c.mp4",
        "[0:v]scale=640:360,crop=320:360[l];[1:v]scale=640:360,crop=320:360[r];[l][r]hstack[out]",
    )
    report = matched(clip, sample_archive)
    accepted = {Path(m.footage.location).name: m for m in report.matches if m.accepted}
    assert set(accepted) == {"market.mp4", "square.mp4"}
    for name, left in (("market.mp4", 0.0), ("square.mp4", 0.5)):
        region = accepted[name].segments[0].region
        assert region
        found = (region.x, region.y, region.width, region.height)
        assert found == pytest.approx((left, 0.0, 0.5, 1.0), abs=0.06)
        assert "picture_in_picture" in accepted[name].edits
        assert "overlaid" not in accepted[name].edits
        assert accepted[name].edit_details["cropped"]["shown"] == pytest.approx(0.5, abs=0.06)


def test_what_moved_since_the_kept_picture_is_not_called_an_overlay_of_a_still(
    samples: Path, tmp_path: Path
) -> None:
    footage = compose(
        [(samples / "footage/market.mp4", 2.0, 6.0)],
        tmp_path / "footage.mp4",
        "[0:v]scale=640:360[b];color=white:s=120x120:d=6,drawgrid=w=24:h=30:t=4[c]"
        ";[b][c]overlay=x=40+80*t:y=120:shortest=1[out]",
    )
    still = tmp_path / "still.png"
    ffmpeg("-ss", "3.5", "-i", footage, "-frames:v", "1", still)
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(footage)
        (match,) = matched(still, archive).matches
    assert match.score > 0.2
    assert not {"overlaid", "captioned"} & set(match.edits)


def test_a_small_inset_is_reported_where_it_lies(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = compose(
        [(samples / "footage/market.mp4", 2.0, 6.0), (samples / "checks/unrelated.mp4", 0.0, 6.0)],
        tmp_path / "c.mp4",
        "[0:v]scale=256:-2[i];[1:v]scale=640:360[b];[b][i]overlay=W-w-16:H-h-16[out]",
    )
    match = only_match(matched(clip, sample_archive), "market.mp4")
    region = match.segments[0].region
    assert region
    found = (region.x, region.y, region.width, region.height)
    assert found == pytest.approx((0.575, 0.556, 0.4, 0.4), abs=0.04)


def test_a_freeze_in_the_middle_leaves_what_moves_before_and_after_it(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    freeze = "fps=25,loop=loop=60:size=1:start=75,setpts=N/25/TB"
    clip = cut(samples / "footage/market.mp4", tmp_path / "c.mp4", freeze, start=2.0, seconds=6.0)
    match = only_match(matched(clip, sample_archive), "market.mp4")
    assert any(s.reference_start < 3.5 for s in match.segments)
    assert any(s.reference_end > 6.5 for s in match.segments)


def test_what_a_station_puts_on_everything_is_no_match(samples: Path, tmp_path: Path) -> None:
    """Logo and lower third are the same on all that the archive knows and on the unknown clip."""
    with Archive.open(tmp_path / "archive") as archive:
        for name in ("market", "square", "harbour"):
            footage = samples / f"footage/{name}.mp4"
            archive.add(cut(footage, tmp_path / f"{name}.mp4", FURNITURE, seconds=8.0))
        road = samples / "footage/mountain-road.mp4"
        unknown = cut(road, tmp_path / "unknown.mp4", FURNITURE, seconds=8.0)
        report = matched(unknown, archive)
        assert [match.score for match in report.matches if match.score > 0.2] == []
        known = cut(samples / "footage/square.mp4", tmp_path / "k.mp4", FURNITURE, start=2.0)
        only_match(matched(known, archive), "square.mp4")
