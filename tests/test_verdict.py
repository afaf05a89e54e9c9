"""The verdict: which label, which words, which reasons, and never more than is known."""

# ruff: noqa: E501  (tables of whole sentences)
from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.dates import When
from provenance.models import (
    Appearance,
    ArchiveState,
    Basis,
    Claim,
    Coverage,
    Finding,
    Footage,
    Linked,
    Match,
    Metadata,
    Segment,
    Source,
    Verdict,
)
from provenance.places import places_differ
from provenance.verdict import wording
from provenance.verdict.judging import coverage, earliest_appearance, is_the_source_itself, judge

DOCS = Path(__file__).parent.parent / "docs" / "verdicts.md"
CLIP = Source("clip.mp4", sha256="c" * 64, duration=30.0)
STILL = Source("still.jpg", sha256="d" * 64)
CLAIM = Claim("x", date="2024-10-29", place="Russia")
_ids = count(1)


def seen(published: str | None = None, basis: Basis | None = "declared", **more: Any) -> Appearance:
    when = When.parse(published) if published else None
    return Appearance(next(_ids), published=when, basis=basis if when else None, **more)


def found(
    *appearances: Appearance,
    at: tuple[tuple[float, float], ...] = ((3.0, 15.4),),
    score: float = 0.9,
    accepted: bool = True,
    commonplace: bool = False,
    edits: tuple[str, ...] = (),
    speed: float = 1.0,
    mirrored: bool | tuple[bool, ...] = False,
    **footage: Any,
) -> Match:
    flips = mirrored if isinstance(mirrored, tuple) else (mirrored,) * len(at)
    return Match(
        Footage(
            next(_ids),
            **{"location": "old.mp4", "sha256": "a" * 64, "duration": 60.0, **footage},
            appearances=appearances,
        ),
        score,
        accepted,
        tuple(
            Segment(start, end, start + 10, start + 10 + (end - start) * speed, speed, flip)
            for (start, end), flip in zip(at, flips, strict=True)
        ),
        commonplace,
        edits,
    )


def verdict(
    *matches: Match, claim: Claim | None = CLAIM, source: Source = CLIP, **more: Any
) -> Verdict:
    return judge(source=source, claim=claim, matches=matches, **{"usable": True, **more})


def kinds(result: Verdict) -> dict[str, str]:
    return {reason.kind: reason.strength for reason in result.reasons}


def edge_rows() -> list[tuple[str, str, bool]]:
    rows = re.findall(r"^\| (\d[^|]*) \| (\d[^|]*) \| (yes|no) \|", DOCS.read_text("utf-8"), re.M)
    return [(published, claimed, earlier == "yes") for published, claimed, earlier in rows]


def test_the_table_of_edges_in_the_manual_is_read() -> None:
    assert len(edge_rows()) >= 30


@pytest.mark.parametrize(("published", "claimed", "earlier"), edge_rows())
def test_the_manual_and_the_program_agree_on_what_is_earlier(
    published: str, claimed: str, earlier: bool
) -> None:
    assert When.parse(published).is_before(When.parse(claimed)) is earlier
    result = verdict(found(seen(published)), claim=Claim(date=claimed))
    assert result.label == ("earlier_appearance" if earlier else "known_footage")
    assert ("earlier_publication" in kinds(result)) is earlier
    if earlier:
        assert re.search(
            r"(\d (years?|days?|hours?|minutes?|seconds?)|just) before", result.summary
        )


def test_the_manual_lists_every_reason_that_the_program_can_give() -> None:
    package = DOCS.parent.parent / "provenance" / "verdict"
    code = "".join(
        (package / f"{name}.py").read_text("utf-8")
        for name in ("judging", "reasons", "contradictions", "credential_reasons")
    )
    given_kinds = set(re.findall(r'(?:Reason|weighed)\(\s*"([a-z_]+)"', code))
    given_kinds |= {"claim_date_found", "claim_place_found"}
    table = DOCS.read_text("utf-8").split("## Reasons")[1]
    listed = {
        kind
        for row in re.findall(r"^\| (`[^|]*) \|", table, re.M)
        for kind in re.findall(r"`([a-z_]+)`", row)
    }
    assert given_kinds == listed


# --- earlier_appearance -------------------------------------------------------------------------


def test_earlier_footage_is_named_in_one_sentence_that_can_be_quoted() -> None:
    result = verdict(
        found(seen("2019-05-02"), edits=("mirrored", "cropped"), mirrored=True, score=0.93)
    )
    assert result.label == "earlier_appearance"
    assert result.confidence == 0.93
    assert result.summary == (
        "12.4 s of this clip (0:03 to 0:15) match footage published on 2 May 2019, "
        "5 years and 180 days before the claimed date, mirrored and cropped."
    )


@pytest.mark.parametrize(
    ("published", "basis", "claimed", "words"),
    [
        ("2019-05", "declared", "2024-10-29", "published in May 2019, at least 5 years and 151 days before the claimed date"),
        ("2019", "declared", "2024-10-29", "published in 2019, at least 4 years and 303 days before the claimed date"),
        ("2019-05-02", "declared", "2024-10", "published on 2 May 2019, at least 5 years and 152 days before the claimed month"),
        ("2022", "declared", "2024", "published in 2022, at least 1 year and 1 day before the claimed year"),
        ("2019-05-02T10:00:00Z", "platform", "2024-10-29", "published on 2 May 2019, 5 years and 180 days before the claimed date"),
        ("2024-10-27", "declared", "2024-10-29", "published on 27 October 2024, 2 days before the claimed date"),
        ("2023-10-29", "declared", "2024-10-29", "published on 29 October 2023, 1 year before the claimed date"),
        ("2023-10-28", "declared", "2024-10-29", "published on 28 October 2023, 1 year and 1 day before the claimed date"),
        ("2020-02-29", "declared", "2021-02-28", "published on 29 February 2020, 365 days before the claimed date"),
        ("2020-02-29", "declared", "2021-03-01", "published on 29 February 2020, 1 year before the claimed date"),
        ("2024-10-29T05:00:00Z", "platform", "2024-10-29T08:30:00Z", "published on 29 October 2024, 05:00 UTC, 3 hours before the claimed time"),
        ("2024-10-29T08:00:00Z", "platform", "2024-10-29T08:00:01Z", "1 second before the claimed time"),
        ("2024-10-28T08:00:00Z", "platform", "2024-10-29", "published on 28 October 2024, 08:00 UTC, at least 1 hour before the claimed date"),
        ("2024-10-27", "declared", "2024-10-28T12:00:00Z", "published on 27 October 2024, just before the claimed time"),
        ("2024-09-30T09:59:59Z", "platform", "2024-10", "30 September 2024, 09:59 UTC, just before the claimed month"),
        ("2019-05-02", "ingested", "2024-10-29", "that was in this archive by 2 May 2019, 5 years"),
        ("2019-05-02", "archived", "2024-10-29", "captured by a web archive on 2 May 2019, 5 years"),
    ],
)  # fmt: skip
def test_dates_and_differences_are_told_no_more_exactly_than_they_are_known(
    published: str, basis: Basis, claimed: str, words: str
) -> None:
    result = verdict(found(seen(published, basis)), claim=Claim(date=claimed))
    assert result.label == "earlier_appearance"
    assert words in result.summary


@pytest.mark.parametrize(
    ("basis", "strength"),
    [("platform", "strong"), ("archived", "strong"), ("declared", "medium"), ("ingested", "medium"), (None, "weak")],
)  # fmt: skip
def test_an_earlier_publication_weighs_as_much_as_the_basis_of_its_date(
    basis: Basis | None, strength: str
) -> None:
    match = found(Appearance(1, published=When.parse("2019-05-02"), basis=basis))
    assert kinds(verdict(match))["earlier_publication"] == strength


def test_a_date_of_ingestion_is_not_called_a_publication() -> None:
    result = verdict(found(seen("2019-05-02", "ingested")))
    assert "published" not in result.summary
    assert "first published is not known" in result.reasons[0].text


def test_the_better_founded_of_two_earlier_dates_is_a_reason_too() -> None:
    result = verdict(found(seen("2019-05-02", "ingested"), seen("2020-01-01", "platform")))
    told = [r for r in result.reasons if r.kind == "earlier_publication"]
    assert [r.strength for r in told] == ["medium", "strong"]
    assert "2 May 2019" in result.summary
    assert "1 January 2020" in told[1].text


def test_of_several_footages_the_earliest_is_the_sentence_and_the_others_are_reasons() -> None:
    result = verdict(
        found(seen("2021-01-01"), at=((20, 24),), score=0.99),
        found(seen("2019-05-02"), score=0.8),
        found(seen("2025-01-01"), at=((26, 27),), score=0.97, title="Later"),
    )
    assert "2 May 2019" in result.summary
    assert result.confidence == 0.99
    told = [(reason.kind, reason.text) for reason in result.reasons]
    assert [kind for kind, _ in told][:3] == ["earlier_publication"] * 2 + ["other_footage"]
    assert told[2][1] == (
        "1 s of this clip (0:26 to 0:27) matches footage (“Later”) published on 1 January 2025."
    )


def test_confidence_is_that_of_the_matches_that_carry_the_label() -> None:
    result = verdict(found(seen("2019-05-02"), score=0.6), found(seen("2025"), score=0.99))
    assert (result.label, result.confidence) == ("earlier_appearance", 0.6)


def test_dozens_of_footages_are_counted_not_listed() -> None:
    result = verdict(*(found(seen("2025")) for _ in range(9)))
    others = [reason.text for reason in result.reasons if reason.kind == "other_footage"]
    assert len(others) == 4
    assert others[-1] == "5 further pieces of footage match too."


def test_an_interval_is_measured_from_its_first_date() -> None:
    claim = Claim(date="2024-10-29", date_end="2024-11-20")
    within = verdict(found(seen("2024-11-10")), claim=claim)
    assert within.label == "known_footage"
    assert within.summary.endswith("; that lies within the claimed period.")
    assert "too_close_to_tell" in kinds(within)
    assert "not_earlier" in kinds(verdict(found(seen("2024-11-21")), claim=claim))
    result = verdict(found(seen("2024-10-20")), claim=claim)
    assert result.summary.endswith("9 days before the claimed period.")


def test_without_a_claimed_date_the_platforms_own_date_of_the_source_stands_in() -> None:
    source = Source(
        "https://example.org/new",
        duration=30.0,
        published=When.parse("2024-10-29T10:00:00Z"),
        basis="platform",
    )
    for claim in (None, Claim("x", place="Russia")):
        result = verdict(found(seen("2019-05-02")), source=source, claim=claim)
        assert result.label == "earlier_appearance"
        assert result.summary.endswith("5 years and 180 days before this copy was published.")
        assert kinds(result)["claim_date_from_source"] == "medium"


def test_only_a_platforms_date_stands_in() -> None:
    source = Source("x", duration=30.0, published=When.parse("2024-10-29"), basis="declared")
    result = verdict(found(seen("2019-05-02")), source=source, claim=None)
    assert result.label == "known_footage"
    assert "no_claim_date" in kinds(result)


def test_a_claimed_date_goes_before_the_sources_own() -> None:
    source = Source("x", duration=30.0, published=When.parse("2024-10-29"), basis="platform")
    result = verdict(found(seen("2019-05-02")), source=source, claim=Claim(date="2018"))
    assert result.label == "known_footage"
    assert "claim_date_from_source" not in kinds(result)


def test_a_copy_that_is_itself_older_than_the_claim_is_a_reason_and_not_a_label() -> None:
    source = Source("x", duration=30.0, published=When.parse("2019-05-02"), basis="platform")
    result = verdict(source=source)
    assert result.label == "no_match"
    assert kinds(result)["source_predates_claim"] == "strong"
    assert "5 years and 180 days before the claimed date" in result.reasons[-1].text
    said = Source("x", duration=30.0, published=When.parse("2019-05-02"), basis="declared")
    assert kinds(verdict(source=said)) == {}


# --- known_footage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "claimed", "end", "kind"),
    [
        ("2019-05-02", "2018-01-01", "; that is after the claimed date.", "not_earlier"),
        ("2024-10-29", "2024-10-29", "; that is the claimed date itself.", "not_earlier"),
        ("2024-10-30", "2024-10-29", "; that is not before the claimed date.", "not_earlier"),
        ("2024-10-28", "2024-10-29", "; that is too close to the claimed date to be called earlier.", "too_close_to_tell"),
        ("2024-10-28T20:00:00Z", "2024-10-29", "; that is too close to the claimed date to be called earlier.", "too_close_to_tell"),
        ("2024-10-29T05:00:00Z", "2024-10-29", "; that is too close to the claimed date to be called earlier.", "too_close_to_tell"),
        ("2024-10-30T12:00:00Z", "2024-10-29", "; that is after the claimed date.", "not_earlier"),
        ("2024-09", "2024-10-01", "; that is too close to the claimed date to be called earlier.", "too_close_to_tell"),
        ("2024", "2024-10-29", "; that leaves open whether it is older than the claimed date.", "too_close_to_tell"),
        ("2024-06-01", "2024", "; that lies within the claimed year.", "too_close_to_tell"),
    ],
)  # fmt: skip
def test_footage_that_is_not_earlier_is_told_with_its_date_and_why(
    published: str, claimed: str, end: str, kind: str
) -> None:
    result = verdict(found(seen(published), edits=("cropped",)), claim=Claim(date=claimed))
    assert result.label == "known_footage"
    assert result.summary.endswith(", cropped" + end)
    assert kind in kinds(result)


def test_neighbouring_days_come_with_the_reason_why_they_are_not_enough() -> None:
    result = verdict(found(seen("2024-10-28")))
    assert "UTC+14" in next(r.text for r in result.reasons if r.kind == "too_close_to_tell")
    exact = verdict(found(seen("2024-06-01")), claim=Claim(date="2024"))
    assert "UTC+14" not in exact.reasons[0].text


def test_known_footage_without_any_date_says_so() -> None:
    result = verdict(found(seen(None), edits=("recoloured",)))
    assert result.label == "known_footage"
    assert result.summary == (
        "12.4 s of this clip (0:03 to 0:15) match footage that this archive holds without a date "
        "of publication, recoloured."
    )
    assert "undated_footage" in kinds(result)
    assert verdict(found()).label == "known_footage"


def test_without_a_claimed_date_known_footage_is_only_known() -> None:
    result = verdict(found(seen("2019-05-02")), claim=None)
    assert result.label == "known_footage"
    assert result.summary == (
        "12.4 s of this clip (0:03 to 0:15) match footage published on 2 May 2019; no claimed date "
        "was given to compare that with."
    )


def test_the_source_itself_is_known_footage_and_never_earlier() -> None:
    source = Source("https://youtu.be/abc", duration=30.0, sha256="c" * 64)
    itself = seen("2019-05-02", "platform", url="https://www.youtube.com/watch?v=abc&t=3")
    remembered = seen("2020-01-01", "ingested", remembered_sha256="c" * 64)
    match = found(itself, remembered)
    result = verdict(match, source=source)
    assert result.label == "known_footage"
    assert kinds(result)["source_itself"] == "medium"
    assert "only from this very copy" in result.summary
    assert earliest_appearance([match], source) is None
    other = found(itself, seen("2021-01-01"))
    assert verdict(other, source=source).label == "earlier_appearance"
    assert earliest_appearance([other], source) == other.footage.appearances[1]


def test_the_same_file_with_a_date_of_its_own_does_count() -> None:
    result = verdict(found(seen("2019-05-02"), sha256=CLIP.sha256))
    assert result.label == "earlier_appearance"
    assert kinds(result)["same_file"] == "strong"


def test_what_was_remembered_from_another_file_does_count() -> None:
    match = found(seen("2020-01-01", "ingested", remembered_sha256="e" * 64))
    assert verdict(match).label == "earlier_appearance"


def test_a_path_is_never_the_page_of_a_footage() -> None:
    assert not is_the_source_itself(seen(url="clip.mp4"), CLIP)
    assert not is_the_source_itself(seen(), Source("x"))


# --- inconclusive and no_match ------------------------------------------------------------------


def test_a_source_without_anything_usable_is_inconclusive() -> None:
    result = verdict(usable=False)
    assert (result.label, result.confidence) == ("inconclusive", None)
    assert kinds(result) == {"nothing_usable": "medium"}
    assert "picture" in verdict(usable=False, source=STILL).summary


def test_candidates_alone_are_inconclusive_whatever_their_date() -> None:
    match = found(seen("2001-01-01"), accepted=False, score=0.41)
    result = verdict(match)
    assert (result.label, result.confidence) == ("inconclusive", 0.41)
    assert result.reasons[0].text.startswith("1 candidate stayed")
    assert earliest_appearance([match], CLIP) is None
    assert coverage([match], 30.0) == Coverage(0.0, 0.0)


def test_commonplace_matches_alone_are_inconclusive_whatever_their_date() -> None:
    result = verdict(found(seen("2001"), commonplace=True, score=0.97))
    assert (result.label, result.confidence) == ("inconclusive", 0.97)
    assert kinds(result) == {"commonplace": "weak"}


def test_a_commonplace_match_beside_a_telling_one_makes_nothing_earlier() -> None:
    result = verdict(found(seen("2001"), commonplace=True), found(seen("2025"), score=0.7))
    assert (result.label, result.confidence) == ("known_footage", 0.7)
    assert "commonplace" in kinds(result)


@pytest.mark.parametrize(
    ("archive", "summary", "kind"),
    [
        (
            ArchiveState("a", 123, 45.6, When.parse("2011"), When.parse("2024-01")),
            "None of the 123 pieces of known footage (45.6 hours) in this archive matches this "
            "clip; it may still be old footage that this archive does not hold.",
            "archive_limits",
        ),
        (
            ArchiveState("a", 1, 0.01),
            "The one piece of known footage (less than 0.1 hour) in this archive does not match "
            "this clip; it may still be old footage that this archive does not hold.",
            "archive_small",
        ),
        (
            ArchiveState("a", 0, 0.0),
            "This archive is empty, so that nothing can be said about this clip.",
            "archive_empty",
        ),
        (
            None,
            "Nothing in this archive matches this clip; it may still be old footage that this "
            "archive does not hold.",
            None,
        ),
    ],
)
def test_no_match_speaks_of_the_archive_only(
    archive: ArchiveState | None, summary: str, kind: str | None
) -> None:
    result = verdict(archive=archive)
    assert (result.label, result.confidence, result.summary) == ("no_match", None, summary)
    assert [reason.kind for reason in result.reasons] == ([kind] if kind else [])
    everything = " ".join([result.summary, *(reason.text for reason in result.reasons)]).lower()
    for word in ("genuine", "authentic", "real", "true", "original", "new "):
        assert word not in everything


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (((0.0, 30.0),), "All of this clip (0:00 to 0:30) matches footage"),
        (((0.4, 12.0), (12.0, 29.6)), "All of this clip (0:00 to 0:30) matches footage"),
        (((0.0, 28.0),), "28 s of this clip (0:00 to 0:28) match footage"),
        (((3.0, 9.0), (8.0, 15.4)), "12.4 s of this clip (0:03 to 0:15) match footage"),
        (((20, 24.4), (3, 7), (10, 14)), "12.4 s of this clip in 3 places, the first at 0:03, match"),
        (((3.2, 3.9),), "0.7 s of this clip (0:03.2 to 0:03.9) match footage"),
        (((3.21, 3.24),), "Less than 0.1 s of this clip (at 0:03.2) matches footage"),
        (((3.0, 4.0),), "1 s of this clip (0:03 to 0:04) matches footage"),
        ((), "This clip matches footage"),
    ],
)  # fmt: skip
def test_the_matched_part_is_told_as_a_reader_finds_it(
    at: tuple[tuple[float, float], ...], start: str
) -> None:
    assert verdict(found(seen("2019-05-02"), at=at)).summary.startswith(start)


def test_long_clips_are_told_in_minutes_and_hours() -> None:
    source = Source("film.mp4", duration=9000.0)
    result = verdict(found(seen("2019-05-02"), at=((3500, 3672),)), source=source)
    assert result.summary.startswith("2 min 52 s of this clip (58:20 to 1:01:12) match")
    assert wording.seconds(7500) == "2 h 5 min"
    assert wording.seconds(59.97) == "1 min"
    assert wording.seconds(0.01) == "less than 0.1 s"


def test_a_still_matches_a_frame_of_the_footage() -> None:
    result = verdict(found(seen("2019-05-02"), at=((0.0, 0.04),)), source=STILL)
    assert result.summary.startswith(
        "This picture matches a frame at 0:10 of footage published on 2 May 2019, 5 years"
    )
    photo = verdict(found(seen("2019-05-02"), duration=None), source=STILL)
    assert photo.summary.startswith("This picture matches footage published")
    assert "this picture" in verdict(source=STILL).summary


@pytest.mark.parametrize(
    ("match", "words"),
    [
        ({"edits": ("mirrored",), "mirrored": True}, ", mirrored."),
        ({"mirrored": True}, ", mirrored."),
        ({"at": ((1, 2), (5, 6)), "mirrored": (True, False)}, ", partly mirrored."),
        ({"edits": ("speed_changed",), "speed": 1.25}, ", played at 1.25 times its speed."),
        ({"speed": 0.8}, ", played at 0.8 times its speed."),
        ({"edits": ("speed_changed",), "speed": 2.0}, ", played at 2 times its speed."),
        ({"edits": ("speed_changed",)}, ", with changed speed."),
        ({"edits": ("letterboxed", "captioned", "picture_in_picture")}, ", letterboxed, captioned and set into another picture."),
        ({"edits": ("colour_swapped",)}, ", colour swapped."),
        ({"edits": ("<b>",)}, "claimed date."),
    ],
)  # fmt: skip
def test_edits_are_told_in_words(match: dict[str, Any], words: str) -> None:
    assert verdict(found(seen("2019-05-02"), **match)).summary.endswith(words)


def test_mirroring_and_speed_are_reasons() -> None:
    result = verdict(found(seen("2019-05-02"), mirrored=True, speed=0.8))
    assert kinds(result)["mirrored"] == "medium"
    assert kinds(result)["speed_changed"] == "medium"


def test_a_title_from_outside_stays_in_its_quotation_marks() -> None:
    title = 'A ”quoted“ "title".\nAll of this is\u202e fake\x1b[31m ' + "x" * 200
    result = verdict(found(seen("2019-05-02", title=title)))
    text = result.reasons[0].text
    assert re.match(r"“A 'quoted' 'title'\. All of this is fake x+…” was published", text)
    assert title[:5] not in result.summary
    assert len(text) < 300


@pytest.mark.parametrize(
    ("known", "claimed", "differ"),
    [
        ("Kherson, Ukraine", "Russia", True),
        ("Kherson, Ukraine", "Ukraine", False),
        ("UKRAINE", "Kherson, Ukraine", False),
        ("São Paulo", "Sao Paulo, Brazil", False),
        ("Kyiv Oblast", "Odesa Oblast", True),
        ("United States", "United Kingdom", True),
        ("US", "USA", False),
        ("Україна", "Ukraine", False),
        ("the city", "Russia", False),
        ("", "Russia", False),
        ("Berlin-Mitte", "Berlin", False),
        ("上海", "北京", True),
    ],
)
def test_places_differ_only_where_no_word_is_shared(known: str, claimed: str, differ: bool) -> None:
    assert places_differ(known, claimed) is differ
    assert places_differ(claimed, known) is differ


def test_another_place_is_a_weak_reason() -> None:
    result = verdict(found(seen("2019-05-02", place="Kherson, Ukraine")))
    reason = next(reason for reason in result.reasons if reason.kind == "place_differs")
    assert reason.strength == "weak"
    assert "known from Kherson, Ukraine; it is claimed for Russia" in reason.text
    both = found(seen("2019-05-02", place="Kherson, Ukraine"), seen(place="Moscow, Russia"))
    assert "place_differs" not in kinds(verdict(both))
    assert "place_differs" not in kinds(verdict(found(seen(None)), claim=Claim(place="Russia")))


def test_a_fact_check_of_the_footage_is_passed_on() -> None:
    result = verdict(found(seen("2019-05-02", fact_check="https://example.org/check")))
    assert "https://example.org/check" in result.reasons[-1].text


def test_a_fact_check_of_what_the_footage_is_a_copy_of_is_passed_on_too() -> None:
    match = found(seen("2019-05-02"))
    known = found(seen("2018", fact_check="https://example.org/check")).footage
    linked = Linked(known, (match.footage.id,), 0.9, match.segments)
    result = verdict(replace(match, linked=(linked,)))
    assert any("https://example.org/check" in reason.text for reason in result.reasons)
    assert "match a copy of footage published in 2018" in result.summary
    assert kinds(result)["through_link"] == "medium"


def test_the_files_own_data_never_moves_the_label() -> None:
    finding = Finding("recorded", "recorded in 2011", "strong", "container: creation_time")
    metadata = Metadata(findings=(finding,))
    result = verdict(metadata=metadata)
    assert result.label == "no_match"
    assert kinds(result) == {"file_data": "weak"}
    assert "1 finding besides" in result.reasons[0].text


# --- earliest and coverage ----------------------------------------------------------------------


def test_the_earliest_appearance_is_the_one_that_was_over_first() -> None:
    year, day, later = seen("2019"), seen("2019-05-02"), seen("2020-01-01", "platform")
    assert earliest_appearance([found(year, later), found(day)], CLIP) == day
    late_2018 = seen("2018-12")
    assert earliest_appearance([found(later, late_2018, year)], CLIP) == late_2018
    assert earliest_appearance([], CLIP) is None


def test_of_equal_dates_the_better_founded_one_is_the_earliest() -> None:
    said, platform = seen("2019-05-02", "declared"), seen("2019-05-02", "platform")
    assert earliest_appearance([found(said), found(platform)], CLIP) == platform


def test_of_equal_dates_and_bases_the_better_match_is_named() -> None:
    weak = found(seen("2019-05-02"), at=((20, 25),), score=0.6)
    strong = found(seen("2019-05-02"), score=0.9)
    assert verdict(weak, strong).summary.startswith("12.4 s")


def test_spans_that_touch_are_one() -> None:
    assert wording.united([(1.0, 2.0), (0.0, 1.0), (3.0, 3.0), (4.0, 5.0)]) == [(0, 2), (4, 5)]


def test_coverage_counts_overlaps_once_and_stays_within_the_source() -> None:
    matches = [found(at=((-1.0, 10.0), (8.0, 12.0))), found(at=((11.0, 13.0), (28.0, 31.0)))]
    assert coverage(matches, 30.0) == Coverage(15.0, 0.5)
    assert coverage([found()], None) == Coverage(0.0, 1.0)
    assert coverage([], None) == Coverage(0.0, 0.0)
    assert coverage([], 30.0) == Coverage(0.0, 0.0)


SPANS = st.lists(
    st.tuples(st.floats(-5, 40), st.floats(-5, 40)).filter(lambda span: span[0] < span[1]),
    max_size=8,
)


@given(SPANS)
def test_coverage_is_a_share_and_grows_with_every_match(spans: list[tuple[float, float]]) -> None:
    whole = coverage([found(at=tuple(spans))], 30.0)
    part = coverage([found(at=tuple(spans[:-1]))], 30.0)
    assert 0.0 <= part.share <= whole.share <= 1.0
    assert whole.seconds <= sum(end - start for start, end in spans) + 1e-6


DATES = st.none() | st.dates().map(lambda day: day.isoformat()).flatmap(
    lambda text: st.sampled_from([text[:4], text[:7], text, f"{text}T12:00:00Z", f"{text}T12:00:00"])
)  # fmt: skip
MATCHES = st.lists(
    st.builds(
        lambda dates, at, accepted, commonplace: found(
            *(seen(date) for date in dates),
            at=tuple(at),
            accepted=accepted,
            commonplace=commonplace,
        ),
        st.lists(DATES, max_size=3),
        SPANS,
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
)


@given(MATCHES, DATES, st.sampled_from([CLIP, STILL]))
def test_every_verdict_is_one_sentence_and_only_an_earlier_date_accuses(
    matches: list[Match], claimed: str | None, source: Source
) -> None:
    claim = Claim(date=claimed)
    result = verdict(*matches, claim=claim, source=source)
    assert re.fullmatch(r"[A-Z0-9].*\.", result.summary)
    assert not re.search(r"  | ,|,,|\.\.|None|before before|[{}]", result.summary)
    earlier = any(
        match.accepted and not match.commonplace and seen_.published.is_before(claim.date)
        for match in matches
        for seen_ in match.footage.appearances
        if seen_.published and claim.date
    )
    assert (result.label == "earlier_appearance") is earlier
    assert (result.confidence is None) == (not matches)
    if earlier:
        assert earliest_appearance(matches, source)
