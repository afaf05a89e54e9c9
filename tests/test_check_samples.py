"""The main job on the sample clips: what is found, at which seconds, and what is said of it.

Facts about the samples are in samples/README.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clip_maker import compose, cut, ffmpeg, painted

from provenance import Archive, Claim, check
from provenance.claims import read_claim_file
from provenance.dates import When
from provenance.models import Match, Report
from provenance.report import validate
from provenance.report.json_report import JsonReport
from provenance.report.text_report import TextReport

SECONDS = 0.5
"""How far a boundary may be from the truth."""

SOLDIERS = (
    "Ukraine video claims to show North Korean soldiers lining up to collect Russia military gear"
)
OLD = Claim("It shows what happened on that day.", date="2024-10-29")


def checked(clip: Path, archive: Archive, claim: Claim | None = OLD, **options: bool) -> Report:
    """A report that follows the schema, whatever it says."""
    report = check(clip, claim=claim, archive=archive, **options)
    validate(json.loads(JsonReport().render([report])))
    return report


def accepted(report: Report) -> list[Match]:
    return [match for match in report.matches if match.accepted]


def files(report: Report) -> list[str]:
    return [Path(match.footage.location).name for match in accepted(report)]


def spans(match: Match) -> list[tuple[float, float, float, float]]:
    return [
        (s.query_start, s.query_end, s.reference_start, s.reference_end) for s in match.segments
    ]


def assert_spans(match: Match, *expected: tuple[float, float, float, float]) -> None:
    found = spans(match)
    assert len(found) == len(expected), found
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=SECONDS)


@pytest.fixture
def own_archive(sample_archive: Archive, tmp_path: Path) -> Iterator[Archive]:
    """A copy of the archive of the samples that a test may change."""
    folder = tmp_path / "archive"
    shutil.copytree(sample_archive.location, folder)
    with Archive.open(folder) as archive:
        yield archive


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def market_cut(samples: Path, clips: Path) -> Path:
    """Four seconds of market.mp4 (published 2019), cropped, with a caption band, encoded anew."""
    caption = "drawbox=y=ih-44:h=44:color=white:t=fill"
    filters = f"crop=512:288:64:36,{caption},scale=480:270"
    return cut(
        samples / "footage/market.mp4", clips / "market-cut.mp4", filters, start=3, seconds=4
    )


# The clip that reuses known footage


@pytest.fixture(scope="module")
def reused(samples: Path, sample_archive: Archive) -> Report:
    claim = read_claim_file(samples / "checks/reused.claim.json")
    return checked(samples / "checks/reused.mp4", sample_archive, claim, candidates=True)


def test_the_reused_stretch_is_found_with_its_seconds_on_both_sides(reused: Report) -> None:
    assert reused.verdict
    assert reused.verdict.label == "earlier_appearance"
    assert files(reused) == ["square.mp4"]
    (match,) = accepted(reused)
    assert_spans(match, (5.0, 13.0, 4.0, 12.0))
    (segment,) = match.segments
    assert segment.mirrored
    assert not segment.reversed
    assert segment.speed == pytest.approx(1.0, abs=0.02)


def test_the_edits_of_the_reused_stretch_are_named(reused: Report) -> None:
    edits = set(accepted(reused)[0].edits)
    assert {"mirrored", "cropped"} <= edits
    assert not edits & {"speed_changed", "picture_in_picture", "reversed"}


def test_the_sentence_about_the_reused_clip_can_be_quoted(reused: Report) -> None:
    assert reused.verdict
    assert reused.verdict.summary.startswith("8 s of this clip (0:05 to 0:13) match footage ")
    for words in ("11 November 2021", "2 years and 353 days before the claimed", "mirrored"):
        assert words in reused.verdict.summary


def test_coverage_and_earliest_belong_to_the_reused_stretch(reused: Report) -> None:
    assert reused.coverage.seconds == pytest.approx(8.0, abs=2 * SECONDS)
    assert reused.coverage.share == pytest.approx(8 / 19, abs=0.06)
    assert reused.earliest
    assert reused.earliest.published == When.of("2021-11-11")
    assert reused.earliest.basis == "declared"
    assert reused.earliest.place == "Lviv, Ukraine"


def test_candidates_are_listed_below_and_change_nothing(reused: Report) -> None:
    """The other known clips may be listed; none is accepted and the best match stands first."""
    scores = [match.score for match in reused.matches]
    assert scores == sorted(scores, reverse=True)
    assert reused.matches[0].accepted
    assert all(match.score < 0.25 for match in reused.matches if not match.accepted)


def test_the_report_has_pictures_of_both_sides_of_the_segment(reused: Report) -> None:
    (shown,) = reused.pictures
    assert (shown.match, shown.segment) == (0, 0)
    for ours, known in shown.pairs:
        assert ours
        assert known
        assert known.seconds == pytest.approx(ours.seconds - 1.0, abs=SECONDS)
        assert ours.jpeg[:2] == known.jpeg[:2] == b"\xff\xd8"


# A claim, an edited cut of footage of 2019, and dates


@pytest.fixture(scope="module")
def soldiers(market_cut: Path, sample_archive: Archive) -> Report:
    return checked(market_cut, sample_archive, Claim(SOLDIERS, date="2024-10-29", place="Russia"))


def test_an_edited_cut_of_older_footage_contradicts_the_claim(soldiers: Report) -> None:
    assert soldiers.verdict
    assert soldiers.verdict.label == "earlier_appearance"
    assert "2 May 2019" in soldiers.verdict.summary
    assert "5 years and 180 days before the claimed date" in soldiers.verdict.summary
    assert files(soldiers) == ["market.mp4"]
    assert_spans(accepted(soldiers)[0], (0.0, 4.0, 3.0, 7.0))
    assert {"cropped", "captioned"} <= set(accepted(soldiers)[0].edits)
    assert soldiers.verdict.confidence == pytest.approx(accepted(soldiers)[0].score)


def test_the_place_that_does_not_fit_the_claim_is_a_reason(soldiers: Report) -> None:
    assert soldiers.verdict
    (reason,) = [r for r in soldiers.verdict.reasons if r.kind == "place_differs"]
    assert "Tbilisi" in reason.text
    assert "Russia" in reason.text


def test_the_report_repeats_the_claim(soldiers: Report) -> None:
    claim = soldiers.to_dict()["claim"]
    assert (claim["text"], claim["date"], claim["place"]) == (SOLDIERS, "2024-10-29", "Russia")


def test_the_same_cut_is_only_known_footage_for_a_claim_before_its_publication(
    market_cut: Path, sample_archive: Archive
) -> None:
    report = checked(market_cut, sample_archive, Claim(SOLDIERS, date="2018-01-01"))
    assert report.verdict
    assert report.verdict.label == "known_footage"
    assert files(report) == ["market.mp4"]
    assert report.earliest
    assert report.earliest.published == When.of("2019-05-02")


def test_without_candidates_only_accepted_matches_are_listed(soldiers: Report) -> None:
    assert soldiers.matches
    assert all(match.accepted for match in soldiers.matches)


def test_checking_does_not_change_the_archive(soldiers: Report, sample_archive: Archive) -> None:
    assert soldiers.archive
    assert soldiers.archive.footages == sample_archive.state().footages == 4
    assert soldiers.archive.updated_at == sample_archive.state().updated_at


# What the archive does not know


@pytest.fixture(scope="module")
def unrelated(samples: Path, sample_archive: Archive) -> Report:
    return checked(samples / "checks/unrelated.mp4", sample_archive)


def test_an_unknown_clip_gives_no_match(unrelated: Report) -> None:
    assert unrelated.verdict
    assert unrelated.verdict.label == "no_match"
    assert unrelated.verdict.confidence is None
    assert unrelated.matches == ()
    assert unrelated.earliest is None
    assert (unrelated.coverage.seconds, unrelated.coverage.share) == (0.0, 0.0)


def test_no_match_never_sounds_like_genuine(unrelated: Report) -> None:
    assert unrelated.verdict
    said = [unrelated.verdict.summary, *(reason.text for reason in unrelated.verdict.reasons)]
    for words in ("genuine", "authentic", "real", "original", "new footage", "true"):
        assert words not in " ".join(said).lower().split()
    assert "may still be old footage" in unrelated.verdict.summary
    shown = TextReport().render([unrelated])
    assert "does not say that the footage is genuine" in " ".join(shown.split())


@pytest.mark.parametrize(
    "picture",
    [
        "color=black:size=320x180:rate=10",
        "color=0x808080:size=320x180:rate=10",
        "color=navy:size=320x180:rate=10,drawtext=text=BREAKING NEWS:fontsize=30:fontcolor=white"
        ":x=(w-tw)/2:y=(h-th)/2",
    ],
    ids=["black", "gray", "title"],
)
def test_a_clip_that_shows_nothing_is_inconclusive_and_says_why(
    picture: str, sample_archive: Archive, tmp_path: Path
) -> None:
    report = checked(painted(tmp_path / "nothing.mp4", picture), sample_archive)
    assert report.verdict
    assert report.verdict.label == "inconclusive"
    assert report.verdict.reasons[0].kind == "nothing_usable"
    assert "black" in report.verdict.reasons[0].text
    assert report.matches == ()


def test_a_black_picture_is_inconclusive(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "black.png"
    ffmpeg("-f", "lavfi", "-i", "color=black:size=320x180", "-frames:v", "1", path)
    report = checked(path, sample_archive)
    assert report.verdict
    assert report.verdict.label == "inconclusive"
    assert report.source.duration is None


def test_an_empty_archive_is_named_as_the_reason_for_no_match(
    own_archive: Archive, market_cut: Path
) -> None:
    for footage in list(own_archive.footages()):
        own_archive.remove(footage.id)
    report = checked(market_cut, own_archive)
    assert report.verdict
    assert report.verdict.label == "no_match"
    assert "empty" in report.verdict.summary


# Edited cuts


def test_a_faster_cut_is_found_with_its_speed(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = cut(
        samples / "footage/mountain-road.mp4",
        tmp_path / "fast.mp4",
        "setpts=PTS/1.25,fps=25,scale=480:270",
        start=2,
        seconds=5,
    )
    report = checked(clip, sample_archive)
    assert files(report) == ["mountain-road.mp4"]
    (match,) = accepted(report)
    assert_spans(match, (0.0, 4.0, 2.0, 7.0))
    assert match.segments[0].speed == pytest.approx(1.25, rel=0.02)
    assert not match.segments[0].mirrored
    assert "speed_changed" in match.edits


def test_two_segments_in_swapped_order_are_told_apart(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    square = samples / "footage/square.mp4"
    clip = compose(
        [(square, 9, 3.5), (square, 2, 3.5)],
        tmp_path / "swapped.mp4",
        "[0][1]concat=n=2:v=1,scale=480:270[out]",
    )
    report = checked(clip, sample_archive)
    (match,) = accepted(report)
    assert_spans(match, (0.0, 3.5, 9.0, 12.5), (3.5, 7.0, 2.0, 5.5))
    assert report.coverage.share == pytest.approx(1.0, abs=0.1)


@pytest.mark.slow
def test_a_picture_in_picture_is_found(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = compose(
        [(samples / "checks/unrelated.mp4", 0, 5), (samples / "footage/square.mp4", 5, 5)],
        tmp_path / "inset.mp4",
        "[0]scale=640:360[below];[1]scale=288:162[inset];[below][inset]overlay=320:150[out]",
    )
    report = checked(clip, sample_archive)
    assert files(report) == ["square.mp4"]
    assert_spans(accepted(report)[0], (0.0, 5.0, 5.0, 10.0))
    assert "picture_in_picture" in accepted(report)[0].edits


@pytest.mark.slow
def test_footage_between_bars_of_an_upright_picture_is_found(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = cut(
        samples / "footage/harbour.mp4",
        tmp_path / "upright.mp4",
        "scale=360:-2,pad=360:640:0:(oh-ih)/2",
        start=4,
    )
    report = checked(clip, sample_archive)
    assert files(report) == ["harbour.mp4"]
    assert_spans(accepted(report)[0], (0.0, 5.0, 4.0, 9.0))
    assert "letterboxed" in accepted(report)[0].edits


@pytest.mark.slow
def test_two_footages_in_one_clip_are_both_found_and_the_earliest_is_named(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    clip = compose(
        [(samples / "footage/market.mp4", 2, 4), (samples / "footage/harbour.mp4", 6, 4)],
        tmp_path / "two.mp4",
        "[0]scale=480:270[a];[1]scale=480:270[b];[a][b]concat=n=2:v=1[out]",
    )
    report = checked(clip, sample_archive)
    assert sorted(files(report)) == ["harbour.mp4", "market.mp4"]
    found = {Path(match.footage.location).name: match for match in accepted(report)}
    assert_spans(found["market.mp4"], (0.0, 4.0, 2.0, 6.0))
    assert_spans(found["harbour.mp4"], (4.0, 8.0, 6.0, 10.0))
    assert report.earliest
    assert report.earliest.published == When.of("2017-09-14")
    assert report.coverage.seconds == pytest.approx(8.0, abs=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["harbour", "market", "mountain-road", "square"])
def test_a_known_clip_itself_is_found_whole_and_unedited(
    samples: Path, sample_archive: Archive, name: str
) -> None:
    report = checked(samples / f"footage/{name}.mp4", sample_archive)
    assert files(report) == [f"{name}.mp4"]
    (match,) = accepted(report)
    length = match.footage.duration
    assert length
    assert_spans(match, (0.0, length, 0.0, length))
    assert match.score > 0.9
    assert match.edits == ()


@pytest.mark.slow
def test_footage_kept_without_pictures_is_never_accepted_on_features_alone(
    samples: Path, market_cut: Path, tmp_path: Path
) -> None:
    """Features cannot tell another take of the same scene: it stays a candidate."""
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/market.mp4", published="2019-05-02", thumbnails=False)
        report = checked(market_cut, archive, candidates=True)
    assert report.verdict
    assert report.verdict.label == "inconclusive"
    (match,) = report.matches
    assert not match.accepted
    assert match.score >= 0.25
    assert_spans(match, (0.0, 4.0, 3.0, 7.0))
    assert report.earliest is None
    assert report.coverage.seconds == 0


# Stills


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_still_of_known_footage_is_found_at_its_moment(
    samples: Path, sample_archive: Archive, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"still.{suffix}"
    ffmpeg("-ss", "5.08", "-i", samples / "footage/square.mp4", "-frames:v", "1", path)
    report = checked(path, sample_archive)
    assert report.verdict
    assert report.verdict.label == "earlier_appearance"
    assert report.verdict.summary.startswith("This picture ")
    assert files(report) == ["square.mp4"]
    (segment,) = accepted(report)[0].segments
    assert segment.query_start == 0.0
    assert segment.reference_start == pytest.approx(5.08, abs=0.3)
    assert (report.source.duration, report.source.fps) == (None, None)
    assert (report.coverage.seconds, report.coverage.share) == (0.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["harbour", "market", "mountain-road", "square"])
def test_a_still_from_between_two_kept_pictures_has_its_footage_as_best_candidate(
    samples: Path, sample_archive: Archive, tmp_path: Path, name: str
) -> None:
    """Things have moved on by then, so that it may not be told from another take of the scene."""
    path = tmp_path / "between.png"
    ffmpeg("-ss", "5.52", "-i", samples / f"footage/{name}.mp4", "-frames:v", "1", path)
    report = checked(path, sample_archive, candidates=True)
    assert Path(report.matches[0].footage.location).name == f"{name}.mp4"
    assert report.matches[0].segments[0].reference_start == pytest.approx(5.52, abs=0.8)
    assert set(files(report)) <= {f"{name}.mp4"}


def test_a_still_of_an_unknown_clip_is_no_match(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "unknown.jpg"
    ffmpeg("-ss", "3", "-i", samples / "checks/unrelated.mp4", "-frames:v", "1", path)
    report = checked(path, sample_archive)
    assert report.verdict
    assert report.verdict.label in ("no_match", "inconclusive")
    assert accepted(report) == []


# Remembering and rejecting


@pytest.fixture(scope="module")
def short_unknown(samples: Path, clips: Path) -> Path:
    return cut(
        samples / "checks/unrelated.mp4", clips / "unknown.mp4", "scale=480:270", seconds=3, crf=20
    )


def test_a_remembered_clip_is_no_earlier_appearance_of_itself(
    short_unknown: Path, samples: Path, tmp_path: Path
) -> None:
    """Even for a claim that lies in the future of the day on which it was remembered."""
    later = Claim("It will happen.", date="2199-01-01")
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "checks/unrelated.mp4", published="2020-01-01")
        known = next(archive.footages())
        archive.remove(known.id)
        first = checked(short_unknown, archive, later, remember=True)
        assert first.verdict
        assert first.verdict.label == "no_match"
        (footage,) = archive.footages()
        (appearance,) = footage.appearances
        assert appearance.basis == "ingested"
        assert appearance.remembered_sha256 == footage.sha256 == first.source.sha256

        again = checked(short_unknown, archive, later, remember=True)
        assert again.verdict
        assert again.verdict.label == "known_footage"
        assert files(again) == [short_unknown.name]
        assert again.earliest is None
        assert len(list(archive.footages())) == 1

        copy = cut(short_unknown, tmp_path / "copy.mp4", "scale=320:180", seconds=3, crf=32)
        other = checked(copy, archive, later)
        assert other.verdict
        assert other.verdict.label == "earlier_appearance"
        assert other.earliest
        assert other.earliest.basis == "ingested"


def test_a_rejected_pair_is_reported_no_more(own_archive: Archive, market_cut: Path) -> None:
    report = checked(market_cut, own_archive)
    (match,) = accepted(report)
    assert report.source.sha256
    own_archive.reject(match.footage.id, report.source.sha256)
    again = checked(market_cut, own_archive, candidates=True)
    assert match.footage.id not in [other.footage.id for other in again.matches]
    assert again.verdict
    assert again.verdict.label == "no_match"
