"""What speaks against a claim, what speaks for it, and how much: the manual's table, row by row."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_factory import earlier_appearance, known_footage

from provenance.claims import completed
from provenance.dates import When
from provenance.models import (
    Appearance,
    Claim,
    ContentCredentials,
    Footage,
    Linked,
    Match,
    Metadata,
    Reason,
    Segment,
    Source,
    Verdict,
)
from provenance.report.html_report import HtmlReport
from provenance.report.json_report import validate
from provenance.report.text_report import TextReport
from provenance.verdict import judge
from provenance.verdict.rules import RULES, lowered

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "verdicts.md"
CLAIM = {"date": "2024-10-29"}
SAID = ("place", "title", "uploader")


def rows() -> list[tuple[str, str, str, str]]:
    table = DOCS.read_text("utf-8").split("## What weighs how much")[1]
    found = re.findall(
        r"^\| ([^|`]+) \| ([^|]*?) ?\| `(\w+)` \| (strong|medium|weak) \|", table, re.M
    )
    return [(a.strip(), b.strip(), kind, strength) for a, b, kind, strength in found]


def told(cell: str) -> dict[str, str]:
    """ "place Lviv; clip title X" as {"place": "Lviv", "clip title": "X"}."""
    parts = {}
    for part in filter(None, cell.split("; ")):
        two = re.match(r"(?:clip|file) \w+|sound", part)
        name = two[0] if two else part.split(" ")[0]
        parts[name] = part[len(name) :].strip()
    return parts


def verdict_of(footage: dict[str, str], claimed: dict[str, str]) -> Verdict:
    published, _, basis = footage.get("published", "").partition(" (")
    basis = basis.rstrip(")")
    appearance = Appearance(
        7,
        published=When.parse(published) if published else None,
        basis=None if basis in ("", "unrecorded") else basis,  # type: ignore[arg-type]
        **{name: footage[name] for name in SAID if name in footage},
    )
    speed = 1.25 if "faster" in footage else 1.0
    part = Segment(
        *(3.0, 15.0, 4.0, 4.0 + 12 * speed, speed),
        mirrored="mirrored" in footage,
        reversed="reversed" in footage,
    )
    known = Footage(1, "old.mp4", "a" * 64, duration=60.0, appearances=(appearance,))
    match = Match(known, 0.9, True, (part,), sound=footage.get("sound"))  # type: ignore[arg-type]
    if "linked" in footage:
        copy = Footage(2, "copy.mp4", "b" * 64, duration=60.0)
        match = Match(copy, 0.9, True, (part,), linked=(Linked(known, (2,), 0.8, (part,)),))
    container = {}
    if "file date" in footage:
        container["creation_time"] = footage["file date"]
    if "file position" in footage:
        container["location"] = footage["file position"]
    own = footage.get("clip published")
    source = Source(
        "clip.mp4",
        duration=30.0,
        title=footage.get("clip title"),
        uploader=footage.get("clip uploader"),
        published=When.parse(own) if own else None,
        basis="platform" if own else None,
    )
    claim = completed(Claim(**claimed) if claimed else None, source)  # type: ignore[arg-type]
    return judge(
        source=source,
        claim=claim,
        matches=[] if own else [match],
        usable=True,
        metadata=Metadata(container=container),
        credentials=credentials_of(footage.get("credentials", "")),
    )


def credentials_of(cell: str) -> ContentCredentials | None:
    """ "trusted: generated" as credentials; "valid: stamped DATE" are by an unknown authority."""
    state, _, said = cell.partition(": ")
    if not state:
        return None
    stamp = said.removeprefix("stamped ") if said.startswith("stamped ") else None
    return ContentCredentials(
        state=state,  # type: ignore[arg-type]
        generated=said if "generated" in said else None,  # type: ignore[arg-type]
        source_types=("trainedAlgorithmicMedia",) if "generated" in said else (said,),
        signed_at=When.parse(stamp) if stamp else None,
        time_basis="trusted_authority" if state == "trusted" else "authority",
    )


def reasons(kind: str, footage: str, claimed: str) -> list[Reason]:
    result = verdict_of(told(footage), told(claimed))
    return [reason for reason in result.reasons if reason.kind == kind]


@pytest.mark.parametrize(("footage", "claimed", "kind", "strength"), rows())
def test_the_manual_and_the_program_agree_on_what_weighs_how_much(
    footage: str, claimed: str, kind: str, strength: str
) -> None:
    found = reasons(kind, footage, claimed)
    assert [reason.strength for reason in found] == [strength]
    assert (
        found[0].source
        or kind
        in (
            "mirrored",
            "reversed",
            "speed_changed",
            "sound_differs",
            "source_predates_claim",
        )
        or kind.startswith("credentials_")
    )


def test_the_manual_has_an_example_of_everything_that_speaks_for_or_against() -> None:
    shown = {(kind, strength) for _, _, kind, strength in rows()}
    weighing = [rule for rule in RULES if rule.bearing != "neutral"]
    assert {(rule.kind, rule.strength) for rule in weighing} <= shown
    assert len(rows()) > 40


def test_every_reason_in_the_code_weighs_what_the_table_says() -> None:
    table = {(rule.kind, rule.strength) for rule in RULES}
    for name in ("judging", "reasons", "credential_reasons"):
        code = (ROOT / "provenance" / "verdict" / f"{name}.py").read_text("utf-8")
        literal = re.findall(r'Reason\(\s*"(\w+)",[^()]*?"(strong|medium|weak)"', code)
        assert set(literal) <= table
    listed = DOCS.read_text("utf-8").split("## Reasons")[1]
    assert {rule.kind for rule in RULES} == {
        kind
        for row in re.findall(r"^\| (`[^|]*) \|", listed, re.M)
        for kind in re.findall(r"`([a-z_]+)`", row)
    }


def test_bearings_are_those_of_the_table() -> None:
    result = verdict_of({"published": "2019-05-02 (platform)", "mirrored": ""}, CLAIM)
    bears = {reason.kind: reason.bearing for reason in result.reasons}
    assert bears["earlier_publication"] == bears["mirrored"] == "against"
    fits = verdict_of(
        {"published": "2024-11-05 (platform)", "place": "Kyiv"}, {**CLAIM, "place": "Kiev"}
    )
    bears = {reason.kind: reason.bearing for reason in fits.reasons}
    assert bears["not_earlier"] == bears["place_agrees"] == "for"
    assert lowered("weak") == "weak"


@pytest.mark.parametrize(
    ("footage", "claimed", "words"),
    [
        ("place Lviv, Ukraine", "place Khabarovsk", "different countries (Ukraine; Russia), 7,"),
        ("place Odesa, Ukraine", "place Kharkiv, Ukraine", "different regions of one country, 56"),
        ("place Bucha", "place Irpin", "neighbouring places, or parts of one town, 4 km apart"),
        ("place Kherson, Ukraine", "place Russia", "both states call the place theirs"),
        ("place Karpatenhof", "place Sumy", "Only the words were compared"),
    ],
)  # fmt: skip
def test_a_difference_of_place_is_told_with_its_level_and_distance(
    footage: str, claimed: str, words: str
) -> None:
    (reason,) = reasons("place_differs", footage, claimed)
    assert words in reason.text
    assert reason.source == "archive: appearance 7"


@pytest.mark.parametrize(
    ("footage", "claimed"),
    [
        ("place the city", "place Russia"),
        ("place Georgia", "place Atlanta"),
        ("place Sevastopol, Russia", "place Ukraine"),
        ("place Karpatenhof, Ukraine", "place Ukraine"),
        ("place Gaza", "place Israel"),
    ],
)
def test_places_that_may_be_one_are_never_said_to_differ(footage: str, claimed: str) -> None:
    assert reasons("place_differs", footage, claimed) == []


def test_one_place_of_several_that_agrees_silences_the_others() -> None:
    two = tuple(Appearance(n, place=p) for n, p in ((1, "Lviv, Ukraine"), (2, "Moscow, Russia")))
    match = Match(
        Footage(1, "old.mp4", "a" * 64, duration=60.0, appearances=two),
        *(0.9, True, (Segment(3.0, 15.0, 4.0, 16.0),)),
    )
    claim = Claim(place="Russia")
    result = judge(source=Source("c.mp4", duration=30.0), claim=claim, matches=[match], usable=True)
    assert not {"place_differs", "place_agrees"} & {reason.kind for reason in result.reasons}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Parade rehearsal on the square", "A parade rehearsal, on our square"),
        ("Parade", "PARADE!!"),
        ("12:30", "Soldiers queue"),
    ],
)
def test_descriptions_that_share_their_words_are_not_called_other_ones(
    one: str, other: str
) -> None:
    footage = {"published": "2019-05-02 (platform)", "title": one}
    result = verdict_of(footage, {**CLAIM, "text": other})
    assert "other_description" not in {reason.kind for reason in result.reasons}


@pytest.mark.parametrize(
    "container",
    [
        {"creation_time": "2025-01-01T00:00:00Z"},  # written later, as every copy is
        {"creation_time": "1904-01-01T00:00:00Z"},
        {"creation_time": "2024-10-28T15:00:00Z"},  # a day before, by clocks that nobody checked
        {"date": "20170304"},
        {"location": "+00.0000+000.0000/"},
        {"location": "+10.0000-040.0000/"},  # the open sea
    ],
)
def test_a_files_own_data_that_proves_nothing_is_not_held_against_the_claim(
    container: dict[str, Any],
) -> None:
    result = judge(
        source=Source("clip.mp4", duration=30.0),
        claim=Claim(date="2024-10-29", place="Kharkiv"),
        matches=[],
        usable=True,
        metadata=Metadata(container=container),
    )
    assert [reason.kind for reason in result.reasons if reason.bearing == "against"] == []


def test_what_was_found_in_words_is_named_with_its_words_and_all_meanings() -> None:
    claim = completed(
        Claim("Explosion in Paris on Tuesday", published="2024-10-29"), Source("x", duration=30.0)
    )
    assert claim
    assert (claim.date, claim.date_end) == (When.parse("2024-10-22"), When.parse("2024-10-29"))
    assert claim.place == "Paris"
    date, place = claim.found
    assert date.values == ("2024-10-22", "2024-10-29")
    assert date.counted_from == "2024-10-29"
    assert "Paris, Texas, United States" in place.values
    (reason,) = [
        r
        for r in judge(
            source=Source("x", duration=30.0),
            claim=claim,
            matches=[Match(Footage(1, "o", "a" * 64, duration=9.0), 0.9, True, ())],
            usable=True,
        ).reasons
        if r.kind == "claim_date_found"
    ]
    assert (
        "“on Tuesday” in the words of the claim was read as 22 October 2024 or 29 October 2024"
        in reason.text
    )
    assert "counted from 29 October 2024" in reason.text


def test_what_is_given_overrules_what_the_words_say() -> None:
    given = Claim("Explosion in Paris on 29 October 2024", date="2019", place="Berlin")
    claim = completed(given, Source("x"))
    assert claim == given


def test_a_downloads_own_words_stand_for_a_claim_that_nobody_gave() -> None:
    source = Source(
        "https://example.org/1",
        title="Flood in Valencia, Spain",
        description="Filmed yesterday.\n\nSubscribe! Live since 1 January 2011 in Berlin, Germany",
        published=When.parse("2024-10-30T23:00:00Z"),
        basis="platform",
    )
    claim = completed(None, source)
    assert claim
    assert claim.text == source.title
    assert claim.place == "Valencia, Spain"
    assert (claim.date, claim.date_end) == (When.parse("2024-10-29"), When.parse("2024-10-30"))
    assert [one.source for one in claim.found] == ["title", "description", "title"]
    assert completed(None, Source("clip.mp4")) is None
    bare = completed(None, Source("clip.mp4", title="Flood yesterday"))
    assert bare
    assert bare.date is None  # nobody knows when that was said


def test_reports_show_the_words_that_something_of_the_claim_was_found_in() -> None:
    source = Source("clip.mp4", title="Explosion in Paris, yesterday", duration=30.0)
    claim = completed(Claim("Explosion in Paris, yesterday", published="2024-10-30"), source)
    report = replace(known_footage(), claim=claim)
    validate(report.to_dict())
    for render in (TextReport(), HtmlReport()):
        text = " ".join(render.render([report]).split())
        assert "“yesterday” = 29 October 2024, counted from 30 October 2024" in text
        assert "“Paris” = Paris, France or" in text
    dated = replace(source, title="Explosion in Paris, 29 October 2024")
    earlier = replace(earlier_appearance(), claim=completed(None, dated))
    shown = TextReport().render([earlier])
    assert "APPEARED EARLIER ELSEWHERE" in shown  # nobody claimed anything but the uploader
    untold = replace(report, claim=completed(None, source))
    assert "the title of the download stands for it" in TextReport().render([untold])
