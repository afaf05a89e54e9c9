"""Fact-checks of others: read from feeds and pages, tied to footage, and met by checked clips."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_factory as factory
from archive_factory import make_fingerprint, store
from command_line import call
from hypothesis import given
from hypothesis import strategies as st

from provenance.archive import Archive
from provenance.dates import When
from provenance.errors import FeedError
from provenance.feeds.fact_checks import read_fact_checks
from provenance.models import Appearance, Footage, Linked, Match, Segment, Source
from provenance.models.fact_check import CheckedMedia, FactCheck, MetFactCheck
from provenance.report import renderer, validate
from provenance.report.json_report import json_ready
from provenance.verdict import judge

CLIP = "https://www.youtube.com/watch?v=abcdefghijk"


def claim_review(**fields: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://facts.example/queue",
        "author": {"@type": "Organization", "name": "Facts Desk"},
        "datePublished": "2024-11-03",
        "claimReviewed": "Troops queue at the border",
        "reviewRating": {"@type": "Rating", "ratingValue": 1, "alternateName": "False"},
        "itemReviewed": {"@type": "Claim", "appearance": {"@type": "VideoObject", "url": CLIP}},
        **fields,
    }


def read(data: Any, name: str = "feed.json") -> tuple[list[FactCheck], list[str]]:
    text = data if isinstance(data, str) else json.dumps(data)
    checks, problems = read_fact_checks(text.encode(), name)
    return checks, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "shape",
    [
        lambda review: review,
        lambda review: [review],
        lambda review: {"@graph": [{"@type": "WebPage"}, review]},
        lambda review: {"@type": "DataFeed", "dataFeedElement": [{"item": [review]}]},
        lambda review: {"@type": "DataFeed", "dataFeedElement": [{"item": review}, {"item": None}]},
        lambda review: {"@type": "NewsArticle", "review": review},
    ],
)
def test_a_review_is_found_wherever_it_stands(shape: Any) -> None:
    (check,), problems = read(shape(claim_review()))
    assert problems == []
    assert (check.publisher, check.rating) == ("Facts Desk", "False")
    assert (check.claim, check.published) == (
        "Troops queue at the border",
        When.parse("2024-11-03"),
    )
    assert check.media == (CheckedMedia(CLIP),)


def test_reviews_are_read_from_the_linked_data_of_a_saved_page() -> None:
    page = f"""<!DOCTYPE html><html><head><title>1 < 2</title>
<script>var x = {{"@type": "ClaimReview"}};</script>
<script type='application/ld+json; charset=utf-8'>
<!-- {json.dumps(claim_review())} -->
</script>
<script type="application/ld+json">{{"@type": "ClaimReview",
 "url": }}</script>
<p>unclosed <b>tags"""
    (check,), problems = read(page, "page.html")
    assert check.url == "https://facts.example/queue"
    assert check.origin == "page.html, line 3"
    assert problems == ["page.html, line 7, column 9: not JSON: Expecting value."]


def test_a_media_review_gives_category_original_and_the_rating_of_its_claim_review() -> None:
    review = {
        "@type": ["schema:MediaReview"],
        "url": "https://facts.example/media",
        "publisher": "Facts Desk",
        "mediaAuthenticityCategory": ["https://schema.org/DecontextualizedContent"],
        "originalMediaLink": "https://web.archive.org/web/20200101000000/https://old.example/v/1",
        "itemReviewed": {
            "@type": "MediaReviewItem",
            "mediaItemAppearance": [{"@type": "VideoObject", "contentUrl": CLIP}],
        },
        "associatedClaimReview": claim_review(),
    }
    (check,), problems = read(review)
    assert problems == []
    assert check.kind == "MediaReview"
    assert (check.rating, check.categories) == ("False", ("DecontextualizedContent",))
    assert CheckedMedia("https://old.example/v/1", "original") in check.media
    assert CheckedMedia(CLIP) in check.media


def test_what_is_wrong_is_told_with_its_field_and_the_rest_is_read() -> None:
    feed = {
        "dataFeedElement": [
            {"item": [claim_review()]},
            {"item": ["nonsense"]},
            {"item": [claim_review(url=None)]},
            {"item": [claim_review(url=17)]},
            {"item": [claim_review(datePublished="soon", url="https://facts.example/2")]},
            5,
        ]
    }
    checks, problems = read(feed)
    assert [check.url for check in checks] == [
        "https://facts.example/queue",
        "https://facts.example/2",
    ]
    assert checks[1].published is None
    assert sorted(problems) == [
        "feed.json: dataFeedElement[1].item[0]: not an object but a text.",
        "feed.json: dataFeedElement[2].item[0].url: missing: the address of the fact-check.",
        "feed.json: dataFeedElement[3].item[0].url: not a text but a number.",
        "feed.json: dataFeedElement[4].item[0].datePublished: no date: “soon”; it is left open.",
        "feed.json: dataFeedElement[5]: not an object but a number.",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b": ]}', "feed.json, line 2, column 7: not JSON"),
        ("[]", "holds no ClaimReview"),
        ("<html><p>nothing</html>", "holds no ClaimReview"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_without_any_review_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(FeedError, match=message.replace("[", r"\[")):
        read(text)


def test_halves_of_characters_are_read_as_unknown_ones(archive: Archive) -> None:
    text = json.dumps(claim_review(claimReviewed="a\ud800b \U0001f600", url="https://f.example/h"))
    checks, _ = read(text)
    assert checks[0].claim == "a\ufffdb \U0001f600"
    assert archive.fact_checks.put(checks).new == 1


KEYS = st.sampled_from(
    (
        *("@type", "url", "item", "dataFeedElement", "@graph", "itemReviewed", "appearance"),
        *("author", "reviewRating", "datePublished", "mediaAuthenticityCategory", "x"),
        "associatedClaimReview",
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["ClaimReview", CLIP, "", "a\0b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_no_feed_however_shaped_breaks_the_reader(value: Any) -> None:
    try:
        checks, problems = read([value, claim_review()])
    except FeedError:
        return
    assert checks[-1].url == "https://facts.example/queue"
    assert all(problem.startswith("feed.json: ") for problem in problems)


def footage_at(url: str | None, **fields: Any) -> Footage:
    return Footage(3, "old.mp4", "ab" * 32, appearances=(Appearance(1, url, **fields),))


def found(footage: Footage, **fields: Any) -> Match:
    return Match(footage, 0.9, True, (Segment(0, 4, 0, 4),), **fields)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive.open(tmp_path / "archive")
    checks, _ = read(claim_review())
    archive.fact_checks.put(checks)
    return archive


def met(archive: Archive, source: Source, *matches: Match) -> list[tuple[str, int | None]]:
    return [(one.met_by, one.footage) for one in archive.fact_checks.met(source, matches)]


def test_a_clip_meets_the_fact_check_of_its_own_page_however_that_is_written(
    archive: Archive,
) -> None:
    assert met(archive, Source("https://youtu.be/abcdefghijk?si=x")) == [("source", None)]
    assert met(archive, Source("a.mp4", url=f"{CLIP}&t=5")) != []
    assert met(archive, Source("https://web.archive.org/web/20240101000000/" + CLIP)) != []
    assert met(archive, Source("a.mp4")) == []


def test_a_clip_meets_the_fact_check_of_footage_that_was_accepted_and_tells(
    archive: Archive,
) -> None:
    footage, source = footage_at(CLIP), Source("a.mp4")
    assert met(archive, source, found(footage)) == [("footage", 3)]
    assert met(archive, source, replace(found(footage), accepted=False)) == []
    assert met(archive, source, found(footage, commonplace=True)) == []


def test_a_fact_check_of_what_the_found_footage_is_a_copy_of_is_met_and_said_to_be_that(
    archive: Archive,
) -> None:
    linked = Linked(replace(footage_at(CLIP), id=8), (3,), 0.8, (Segment(0, 4, 0, 4),))
    match = found(footage_at(None), linked=(linked,))
    (known,) = archive.fact_checks.met(Source("a.mp4"), [match])
    assert (known.met_by, known.footage, known.linked) == ("footage", 8, True)
    report = replace(factory.no_match(), fact_checks=(known,))
    assert "footage 8, of which footage in this clip is a copy" in renderer("text").render([report])


def test_a_link_that_a_person_recorded_is_met_with_all_that_is_known_of_it(
    archive: Archive,
) -> None:
    (known,) = archive.fact_checks.met(
        Source("a.mp4"), [found(footage_at(None, fact_check="http://facts.example/queue/"))]
    )
    assert known.check.publisher == "Facts Desk"
    (bare,) = archive.fact_checks.met(
        Source("a.mp4"), [found(footage_at(None, fact_check="https://unknown.example/1"))]
    )
    assert (bare.check.url, bare.check.publisher) == ("https://unknown.example/1", None)


def test_footage_gets_its_fact_check_whichever_of_the_two_comes_first(archive: Archive) -> None:
    later = store(archive, 1, Appearance(url="https://m.youtube.com/watch?v=abcdefghijk")).footage
    assert archive.footage(later.id).appearances[0].fact_check == "https://facts.example/queue"

    store(archive, 2, Appearance(url="https://old.example/v/2"))
    own = Appearance(url="https://old.example/v/2", fact_check="https://mine.example")
    store(archive, 3, own)
    review = claim_review(
        url="https://facts.example/b", itemReviewed={"url": "https://old.example/v/2"}
    )
    assert archive.fact_checks.put(read(review)[0]).linked == 1
    assert archive.footage(2).appearances[0].fact_check == "https://facts.example/b"
    assert archive.footage(3).appearances[0].fact_check == "https://mine.example"


def test_a_feed_that_is_imported_again_renews_what_it_said(archive: Archive) -> None:
    again = claim_review(reviewRating={"alternateName": "Half true"}, itemReviewed=None)
    done = archive.fact_checks.put(read(again)[0])
    assert (done.new, done.known, done.without_media) == (0, 1, 1)
    assert archive.fact_checks.count() == 1
    assert met(archive, Source(CLIP)) == []


def test_the_fact_check_is_the_first_reason_and_moves_no_label() -> None:
    check = FactCheck("https://facts.example/q", id=1, publisher="Desk", rating="False")
    footage = footage_at(None, fact_check="https://facts.example/q")
    verdict = judge(
        source=Source("a.mp4", duration=9.0),
        claim=None,
        matches=[found(footage)],
        usable=True,
        fact_checks=[MetFactCheck(check, "footage", 3)],
    )
    assert verdict.label == "known_footage"
    assert verdict.reasons[0].kind == "fact_checked"
    assert verdict.reasons[0].text == (
        "Footage in this clip was fact-checked by Desk, rated “False”: https://facts.example/q"
    )
    assert "fact_check_known" not in [reason.kind for reason in verdict.reasons]


@pytest.mark.parametrize("form", ["text", "html"])
def test_fact_checks_stand_before_the_verdict_and_hostile_ones_stay_text(form: str) -> None:
    check = FactCheck(
        "https://facts.example/q",
        "MediaReview",
        1,
        publisher="The Desk" + factory.HOSTILE,
        published=When.parse("2024-11-03"),
        rating="Misleading",
        categories=("DecontextualizedContent",),
    )
    report = replace(factory.earlier_appearance(), fact_checks=(MetFactCheck(check, "footage", 7),))
    validate(json_ready(report))
    text = renderer(form).render([report])
    start = text.index("<main>") if form == "html" else 0
    places = [
        text.lower().index(word.lower(), start)
        for word in ("already fact-checked", "The Desk", "Misleading", "appeared earlier")
    ]
    assert places == sorted(places)
    assert "3 November 2024" in text
    assert "real footage shown in a wrong context" in text
    assert "<script>alert" not in text or form == "text"
    assert "\x1b" not in text


def test_import_tells_of_each_file_what_became_of_it(tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    feed.write_text(json.dumps([claim_review(), claim_review(url="")]), "utf-8")
    there = ("--archive", tmp_path / "archive")
    done = call("import", feed, *there)
    assert done.code == 11
    assert "1 new fact-checks, 0 known" in done.out
    assert f"Error: {feed}: [1].url: missing" in done.err

    again = call("import", "--json", feed, tmp_path / "none.json", *there)
    assert again.code == 11
    assert [one["known"] for one in again.json] == [1, 0]
    assert again.json[1]["error"]["kind"] == "feed"
    alone = call("import", tmp_path / "none.json", *there)
    assert (alone.code, "There is no file" in alone.err) == (4, True)


def test_a_review_that_was_cut_off_is_told_by_its_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    feed.write_text(json.dumps(claim_review(), indent=1)[:-20], "utf-8")
    done = call("import", feed, "--archive", tmp_path / "archive")
    assert done.code == 4
    assert f"{feed}, line " in done.err
    assert "Traceback" not in done.err


def test_removed_footage_takes_no_fact_check_with_it(archive: Archive) -> None:
    footage = store(archive, 1, Appearance(url=CLIP), make_fingerprint(1)).footage
    archive.remove(footage.id)
    assert met(archive, Source(CLIP)) == [("source", None)]
