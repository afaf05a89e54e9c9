"""The report in a terminal."""

from __future__ import annotations

import io
import re

import pytest
import report_factory as factory
from rich.console import Console

from provenance.report import renderer
from provenance.report.wording import NO_MATCH_NOTE


def _flat(text: str) -> str:
    return " ".join(text.split())


def _text(report: object, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    return renderer("text", console).render([report])  # type: ignore[list-item]


def test_the_verdict_and_its_sentence_come_first() -> None:
    lines = _text(factory.earlier_appearance()).splitlines()
    assert lines[0] == "APPEARED EARLIER THAN CLAIMED  confidence 98 %"
    assert lines[1].startswith("12.4 s of this clip (0:03 to 0:15) match footage published on")


def test_every_segment_says_seconds_speed_form_and_score() -> None:
    rows = [_flat(line) for line in _text(factory.earlier_appearance()).splitlines()]
    assert "0:03.0–0:15.4 of this clip = 1:20.0–1:32.4 of the footage 1× mirrored 0.97" in rows
    assert (
        "0:19.2–0:24.0 of this clip = 2:00.0–2:06.0 of the footage 1.25× mirrored, reversed 0.91"
        in rows
    )
    assert "0:28.0–0:39.5 of this clip = 30:02.2–30:13.7 of the footage 1× as it is 0.88" in rows


def test_a_match_says_where_when_by_whom_and_how_it_was_edited() -> None:
    text = _flat(_text(factory.earlier_appearance()))
    assert "2 May 2019, 07:00 UTC (date given by the platform), YouTube, Depot TV, Kirovske" in text
    assert "https://www.youtube.com/watch?v=aBcDeFgHiJk" in text
    assert "cropped (left 0.12, top 0.05, width 0.71, height 0.9)" in text
    assert "18 June 2020 (captured by a web archive)" in text
    assert "February 2023 (known to this archive by then)" in text
    assert "the checked clip itself" in text
    assert "Fact-check https://facts.example/uniform-queue" in text


def test_reasons_coverage_archive_and_findings_are_there() -> None:
    text = _flat(_text(factory.earlier_appearance()))
    assert "strong The platform gives 2 May 2019 as the publication date" in text
    assert "28.7 s of 41.0 s (70 %) is explained by accepted matches" in text
    assert "412 pieces of footage, 51 h 15 min in all, published between July 2014 and" in text
    assert "written by ffmpeg, so it is not a camera's original. [container: encoder]" in text


def test_candidates_stand_apart_and_are_called_too_weak() -> None:
    text = _text(factory.earlier_appearance())
    accepted, _, candidates = text.partition("Candidates, not accepted")
    assert "other.mp4" not in accepted
    assert "other.mp4, score 0.31" in candidates
    assert "Too weak to accept" in candidates


def test_a_commonplace_match_carries_its_warning() -> None:
    assert "Proves nothing" in _text(factory.inconclusive())
    assert "Proves nothing" not in _text(factory.earlier_appearance())


@pytest.mark.parametrize("name", ["text", "html"])
def test_no_match_never_sounds_like_genuine(name: str) -> None:
    text = _flat(re.sub(r"<[^>]*>", " ", renderer(name).render([factory.no_match()])))
    assert NO_MATCH_NOTE in text
    assert "412 pieces of footage" in text
    rest = text.replace(NO_MATCH_NOTE, "").lower()
    for word in (
        "genuine",
        "authentic",
        "original",
        "real ",
        "verified",
        "true footage",
        "unedited",
    ):
        assert word not in rest, word


def test_an_error_says_what_happened_and_what_to_do() -> None:
    text = _text(factory.failed())
    assert text.startswith("NOT CHECKED  note.mp4 holds no picture: it is a text file.")
    assert "What to do  Give a video or a picture." in text
    assert "What was asked" not in text


def test_a_picture_has_no_duration_and_no_seconds_of_its_own() -> None:
    text = _flat(_text(factory.still()))
    assert "this picture = 1:20.0 of the footage" in text
    assert "100 % of the picture" in text


def test_there_is_no_ansi_where_there_is_no_terminal() -> None:
    for report in factory.every_report().values():
        assert "\x1b" not in _text(report)
        assert "\x1b" not in renderer("text").render([report])


def test_a_terminal_gets_colour_and_no_color_takes_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    report = factory.earlier_appearance()
    coloured = renderer("text", Console(file=io.StringIO(), force_terminal=True, width=90))
    assert "\x1b[1;31mAPPEARED EARLIER" in coloured.render([report])
    monkeypatch.setenv("NO_COLOR", "1")
    plain = renderer("text", Console(file=io.StringIO(), force_terminal=True, width=90))
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain.render([report]))


def test_nothing_is_written_to_the_console_itself() -> None:
    stream = io.StringIO()
    renderer("text", Console(file=stream)).render([factory.no_match()])
    assert stream.getvalue() == ""


@pytest.mark.parametrize("width", [40, 72, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for report in factory.every_report().values():
        lines = _text(report, width).splitlines()
        assert max(map(len, lines)) <= width


def test_text_from_outside_cannot_steer_the_terminal_or_act_as_markup() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=400, color_system="truecolor")
    for report in (factory.hostile(), factory.hostile_error()):
        text = renderer("text", console).render([report])
        text.encode("utf-8")
        assert "[bold red]rich[/bold red]" in text
        assert ":smile:" in text
        bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800]", bare)
        assert "\x1b[31mred" not in text
        assert "]8;" not in text


def test_a_novel_as_a_title_does_not_bury_the_verdict() -> None:
    assert len(_text(factory.hostile())) < 20_000


def test_several_reports_follow_each_other_in_order() -> None:
    text = renderer("text").render([factory.failed(), factory.no_match()])
    assert text.index("NOT CHECKED") < text.index("─" * 40) < text.index("NOT FOUND")
