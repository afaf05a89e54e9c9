"""Reports for other programs: the draft MediaReview, the table, the form of research."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
import report_factory as factory
from hypothesis import given
from hypothesis import strategies as st

from provenance.cells import guarded, unguarded
from provenance.dates import When
from provenance.feeds.fact_checks import read_fact_checks
from provenance.models import (
    Appearance,
    Claim,
    Footage,
    Match,
    Reason,
    Report,
    Segment,
    Source,
    Strength,
)
from provenance.models import Verdict as ModelVerdict
from provenance.models.fact_check import FactCheck, MetFactCheck
from provenance.report import renderer
from provenance.report.csv_report import COLUMNS, SEGMENT_COLUMNS
from provenance.report.mediareview import media_review, propose

# Types and their properties with the kinds of values they take, from schema.org (version 29):
# schema.org/MediaReview, /MediaReviewItem, /VideoObject, /ImageObject, /ClaimReview, /Claim,
# /CreativeWork, /Person. Inherited properties stand with each type that uses them.
TEXT, URL, DATE, DURATION = "Text", "URL", "Date", "Duration"
_WORK = {"creativeWorkStatus": TEXT, "dateCreated": DATE, "citation": URL, "url": URL, "name": TEXT}
_MEDIA = {
    **_WORK,
    **{"uploadDate": DATE, "duration": DURATION, "sha256": TEXT, "width": TEXT, "height": TEXT},
    **{"creator": ("Person",), "contentUrl": URL},
}
VOCABULARY: dict[str, dict[str, Any]] = {
    "MediaReview": {
        **_WORK,
        "mediaAuthenticityCategory": (
            *("DecontextualizedContent", "EditedOrCroppedContent", "OriginalMediaContent"),
            *("SatireOrParodyContent", "StagedContent", "TransformedContent"),
        ),
        "originalMediaContextDescription": TEXT,
        "originalMediaLink": URL,
        "itemReviewed": ("MediaReviewItem",),
        "associatedClaimReview": ("ClaimReview",),
        "reviewBody": TEXT,
    },
    "MediaReviewItem": {"mediaItemAppearance": ("VideoObject", "ImageObject")},
    "VideoObject": _MEDIA,
    "ImageObject": _MEDIA,
    "ClaimReview": {**_WORK, "claimReviewed": TEXT, "itemReviewed": ("Claim",)},
    "Claim": {"appearance": ("CreativeWork",)},
    "CreativeWork": _WORK,
    "Person": {"name": TEXT},
}
_FORMS = {
    TEXT: re.compile(r".+", re.DOTALL),
    URL: re.compile(r"https?://[^/\s]+\S*"),
    DATE: re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ?)?)?)?"),
    DURATION: re.compile(r"PT[\d.]+S"),
}


def against_vocabulary(value: Any, allowed: Any, path: str = "MediaReview") -> list[str]:
    """Everything in a JSON-LD value that schema.org does not know there."""
    if isinstance(value, list):
        assert value, f"{path} is an empty list"
        return [
            wrong for i, v in enumerate(value) for wrong in against_vocabulary(v, allowed, path)
        ]
    if isinstance(value, dict):
        kind = value.get("@type")
        if kind not in allowed:
            return [f"{path}: a {kind}"]
        known = VOCABULARY[str(kind)]
        return [
            wrong
            for name, inner in value.items()
            if not name.startswith("@")
            for wrong in (
                against_vocabulary(inner, known[name], f"{path}.{name}")
                if name in known
                else [f"{path}.{name}"]
            )
        ]
    if isinstance(allowed, tuple):
        return [] if value in allowed else [f"{path}: {value}"]
    fits = isinstance(value, str) and _FORMS[allowed].fullmatch(value)
    return [] if fits else [f"{path}: {value}"]


SAMPLES = {
    "earlier": factory.earlier_appearance,
    "known": factory.known_footage,
    "inconclusive": factory.inconclusive,
    "none": factory.no_match,
    "hostile": factory.hostile,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_draft_is_valid_against_the_vocabulary(name: str) -> None:
    report = replace(
        SAMPLES[name](),
        fact_checks=(MetFactCheck(FactCheck("https://facts.example/1", id=1), "source"),),
    )
    if report.verdict is None:
        pytest.skip("a source that failed has no draft")
    review = media_review(report)
    assert review["@context"] == "https://schema.org"
    assert against_vocabulary(review, ("MediaReview",)) == []


def test_the_vocabulary_check_finds_what_is_wrong() -> None:
    wrong = media_review(factory.earlier_appearance()) | {"rating": "x", "originalMediaLink": "no"}
    assert against_vocabulary(wrong, ("MediaReview",)) == [
        "MediaReview.originalMediaLink: no",
        "MediaReview.rating",
    ]


def report_with(
    *segments: Segment,
    label: str = "known_footage",
    reasons: tuple[tuple[str, Strength], ...] = (),
    **match: Any,
) -> Report:
    footage = Footage(3, "old.mp4", "ab" * 32, duration=60.0)
    verdict = ModelVerdict(
        label,  # type: ignore[arg-type]
        "It is known.",
        0.9,
        tuple(Reason(kind, "text", strength) for kind, strength in reasons),
    )
    found = Match(footage, 0.9, True, segments or (Segment(0, 8, 0, 8),), **match)
    source = Source("clip.mp4", duration=20.0)
    return Report(source, When.parse("2024-11-02T09:15:00Z"), verdict=verdict, matches=(found,))


@pytest.mark.parametrize(
    ("report", "categories"),
    [
        (report_with(), ()),
        (report_with(label="earlier_appearance"), ("DecontextualizedContent",)),
        (report_with(reasons=(("place_differs", "medium"),)), ("DecontextualizedContent",)),
        (report_with(reasons=(("place_differs", "weak"),)), ()),
        (
            report_with(Segment(0, 8, 0, 8, mirrored=True), edits=("mirrored", "cropped")),
            (),
        ),
        (report_with(Segment(0, 8, 0, 12, speed=1.5)), ("TransformedContent",)),
        (report_with(Segment(0, 8, 0, 8, speed=1.02)), ()),
        (report_with(Segment(0, 8, 0, 8, reversed=True)), ("TransformedContent",)),
        (report_with(sound="other"), ("TransformedContent",)),
        (report_with(edits=("overlaid",), edit_details={"overlaid": {"covered": 0.03}}), ()),
        (
            report_with(edits=("overlaid",), edit_details={"overlaid": {"covered": 0.3}}),
            ("TransformedContent",),
        ),
        (
            report_with(Segment(0, 4, 0, 4), Segment(4, 8, 30, 34)),
            ("EditedOrCroppedContent",),
        ),
        (report_with(Segment(0, 4, 0, 4), Segment(6, 8, 6, 8)), ()),
        (
            report_with(
                Segment(0, 4, 0, 6, speed=1.5), Segment(4, 8, 30, 36), label="earlier_appearance"
            ),
            ("DecontextualizedContent", "TransformedContent", "EditedOrCroppedContent"),
        ),
    ],
)
def test_a_category_is_proposed_for_what_the_facts_show(
    report: Report, categories: tuple[str, ...]
) -> None:
    proposal = propose(report)
    assert proposal.categories == categories
    for name in categories:
        assert any(why.startswith(f"{name}, because ") for why in proposal.why)


def test_copies_of_one_footage_are_no_cuts_and_a_compilation_is() -> None:
    report = report_with()
    (match,) = report.matches
    copy = replace(match, footage=replace(match.footage, id=4))
    assert propose(replace(report, matches=(match, copy))).categories == ()
    later = replace(copy, segments=(Segment(8, 16, 0, 8),))
    assert propose(replace(report, matches=(match, later))).categories == (
        "EditedOrCroppedContent",
    )


def test_candidates_and_commonplace_matches_propose_nothing() -> None:
    report = report_with(Segment(0, 8, 0, 12, speed=1.5))
    for change in ({"accepted": False}, {"commonplace": True}):
        weak = replace(report, matches=tuple(replace(m, **change) for m in report.matches))
        assert propose(weak).categories == ()
        assert "mediaAuthenticityCategory" not in media_review(weak)


def test_the_draft_leaves_the_rating_and_the_signature_to_a_person() -> None:
    report = replace(factory.earlier_appearance(), claim=Claim("Troops at the border"))
    review = media_review(report)
    text = json.dumps(review)
    assert "reviewRating" not in text
    assert "author" not in review
    assert review["creativeWorkStatus"] == "Draft"
    assert review["originalMediaLink"].startswith("https://")
    assert review["associatedClaimReview"]["claimReviewed"] == "Troops at the border"


def test_the_draft_can_be_read_back_once_it_is_published() -> None:
    review = media_review(factory.earlier_appearance()) | {"url": "https://desk.example/1"}
    (check,), problems = read_fact_checks(json.dumps(review).encode(), "draft.json")
    assert problems == []
    assert check.categories[0] == "DecontextualizedContent"
    assert {media.role for media in check.media} == {"reviewed", "original"}


def table(form: str, *reports: Report) -> list[dict[str, str]]:
    text = renderer(form).render(list(reports))
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_a_row_for_each_segment_and_one_for_a_source_without_any() -> None:
    earlier, none = factory.earlier_appearance(), factory.no_match()
    rows = table("csv", earlier, none, factory.failed())
    assert tuple(rows[0]) == COLUMNS
    parts = sum(len(match.segments) for match in earlier.matches)
    assert [row["label"] for row in rows[: parts + 1]] == ["earlier_appearance"] * parts + [
        "no_match"
    ]
    assert rows[0]["published"] == earlier.matches[0].footage.appearances[0].published.value  # type: ignore[union-attr]
    assert rows[parts]["footage_id"] == ""
    assert rows[parts + 1]["error"]


def test_the_form_of_research_holds_the_matched_stretches_alone() -> None:
    earlier = factory.earlier_appearance()
    rows = table("segments", earlier, factory.no_match())
    assert tuple(rows[0]) == SEGMENT_COLUMNS
    first = earlier.matches[0]
    part = first.segments[0]
    assert rows[0]["ref_id"] == str(first.footage.id)
    assert float(rows[0]["ref_end"]) == pytest.approx(part.reference_end, abs=0.001)


@given(st.text())
def test_no_cell_from_outside_is_a_formula_or_steers_a_terminal(text: str) -> None:
    footage = Footage(3, text, "ab" * 32, title=text, appearances=(Appearance(1, title=text),))
    match = Match(footage, 0.9, True, (Segment(0, 8, 0, 8),))
    for row in table("csv", replace(report_with(), source=Source(text), matches=(match,))):
        for name in ("source", "footage_location", "title"):
            assert guarded(unguarded(row[name])) == row[name]
            assert "\x1b" not in row[name]
