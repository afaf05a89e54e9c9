"""Figures, names and the cleaning of text from outside."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
import report_factory as factory
from hypothesis import given
from hypothesis import strategies as st

from provenance.models import Appearance, ArchiveState, Claim, Coverage, Footage, Segment, Source
from provenance.report import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00.0"),
        (3.04, "0:03.0"),
        (15.45, "0:15.4"),
        (59.96, "1:00.0"),
        (75.4, "1:15.4"),
        (3599.97, "1:00:00.0"),
        (3723.4, "1:02:03.4"),
        (36000, "10:00:00.0"),
        (-0.01, "0:00.0"),
        (-1.5, "-0:01.5"),
    ],
)
def test_times_look_as_a_player_shows_them(seconds: float, text: str) -> None:
    assert wording.clock(seconds) == text


@given(st.floats(0, 1e6))
def test_a_time_never_shows_sixty_seconds_and_is_right_to_a_tenth(seconds: float) -> None:
    parts = [float(part) for part in wording.clock(seconds).split(":")]
    assert all(part < 60 for part in parts[1:])
    total = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert abs(total - seconds) <= 0.0501


def test_a_segment_says_which_seconds_are_which() -> None:
    report = factory.earlier_appearance()
    match = report.matches[0]
    assert wording.alignment(match.segments[0], report.source, match.footage) == (
        "0:03.0–0:15.4 of this clip = 1:20.0–1:32.4 of the footage"
    )


def test_a_picture_has_no_seconds() -> None:
    footage = Footage(1, "a.jpg", "ab" * 32)
    segment = Segment(0, 0.04, 0, 0.04)
    said = wording.alignment(segment, Source("b.jpg"), footage)
    assert said == "this picture = the known picture"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.44, "12.4 s"),
        (59.97, "1 min"),
        (200, "3 min 20 s"),
        (3599.6, "1 h"),
        (3720, "1 h 2 min"),
    ],
)
def test_lengths_are_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert wording.length(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.001, "under 1 %"), (0.7, "70 %"), (0.998, "over 99 %"), (1, "100 %")],
)
def test_a_share_is_never_rounded_into_certainty(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("a\x1b[31mred\x1b[0mb", "aredb"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x9b2Jx", "x"),
        ("a\u202egpj.exe\u202cb", "agpj.exeb"),
        ("a\u2066b\u2069\u200f\u200b\ufeff", "ab"),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("a\x00\x07b", "ab"),
        ("bad \udcff name", "bad \ufffd name"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    ],
)
def test_text_from_outside_loses_what_steers_and_keeps_what_is_written(
    dirty: str, text: str
) -> None:
    assert wording.clean(dirty) == text


@given(st.text(st.characters(), max_size=60))
def test_cleaned_text_is_one_printable_encodable_line(text: str) -> None:
    cleaned = wording.clean(text)
    cleaned.encode("utf-8")
    assert len(cleaned.splitlines()) <= 1
    kept = [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert set(kept) <= {"\u200c", "\u200d"}
    assert wording.clean(cleaned) == cleaned


def test_a_long_title_is_cut_and_says_so() -> None:
    assert wording.cut("x" * 1000, 10) == "x" * 9 + "…"
    assert wording.cut("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://a.example",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "//a.example/",
        "https://",
        "https:///path",
        "https://user@evil.example/",
        "https://good.example:x@evil.example/",
        "https://a.example/\u202egpj",
        " https://a.example/",
        "java\nscript:alert(1)",
        'https://a.example/"onmouseover="x',
        "https://a.example/\\evil",
        "https://[half",
        "",
        None,
    ],
)
def test_an_address_that_could_deceive_or_run_is_no_link(url: str | None) -> None:
    assert wording.safe_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/watch?v=1&t=2#s",
        "HTTP://a.example",
        "https://web.archive.org/web/2020/https://b.example/",
        "https://приклад.укр/відео",
    ],
)
def test_an_ordinary_address_is_a_link(url: str) -> None:
    assert wording.safe_url(url) == url


def test_the_first_date_is_found_and_the_checked_clip_itself_is_not_it() -> None:
    report = factory.earlier_appearance()
    depot = report.matches[0].footage
    backwards = replace(depot, appearances=depot.appearances[::-1])
    first = wording.first_dated(backwards, report.source)
    assert first
    assert first.id == 11
    itself = replace(report.source, url=first.url)
    second = wording.first_dated(backwards, itself)
    assert second
    assert second.id == 12
    assert wording.first_dated(Footage(1, "x", "ab" * 32), report.source) is None


def test_a_clip_that_was_remembered_is_recognised_by_its_bytes() -> None:
    source = factory.source()
    assert wording.is_source_itself(Appearance(remembered_sha256=source.sha256), source)
    assert not wording.is_source_itself(Appearance(remembered_sha256="00" * 32), source)
    assert not wording.is_source_itself(Appearance(), Source("a.mp4"))


def test_the_basis_of_a_date_is_in_plain_words() -> None:
    appearance = factory.earlier_appearance().matches[0].footage.appearances[1]
    assert wording.dated(appearance) == "18 June 2020 (captured by a web archive)"
    assert wording.dated(Appearance()) == "date unknown"


def test_an_empty_archive_says_that_nothing_could_be_found() -> None:
    assert "empty" in wording.archive_sentence(ArchiveState("a", 0, 0.0))
    assert wording.archive_sentence(ArchiveState("a", 1, 0.01)) == (
        "It held 1 piece of footage, 36.0 s in all."
    )


def test_coverage_of_a_picture_has_no_seconds() -> None:
    said = wording.coverage_sentence(Coverage(0, 0.5), Source("a.jpg"))
    assert said == "50 % of the picture is explained by accepted matches."


def test_a_path_is_named_without_its_folders() -> None:
    assert wording.file_name("/home/someone/a b.mp4") == "a b.mp4"
    assert wording.file_name("C:\\clips\\b.mp4") == "b.mp4"
    assert wording.file_name("https://a.example/x/y.mp4") == "https://a.example/x/y.mp4"


def test_without_a_claimed_date_no_claim_seems_contradicted() -> None:
    report = factory.earlier_appearance()
    assert wording.heading(report) == "Appeared earlier than claimed"
    for claim in (None, Claim("a claim without a date")):
        undated = replace(report, claim=claim)
        assert "claim" not in wording.heading(undated) + wording.meaning(undated)
    known = replace(factory.known_footage(), claim=None)
    assert "No claimed date was given" in wording.meaning(known)
