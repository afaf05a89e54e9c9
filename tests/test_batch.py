"""Many questions at once: their order, how far ahead they are asked, what makes them the same."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import make_clip
from web import web_server

from provenance import Archive, Claim
from provenance.batch import AHEAD, check_each, question_key


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive that knows a tiny clip."""
    folder = tmp_path_factory.mktemp("batch")
    with Archive.open(folder / "archive") as archive:
        archive.add(make_clip(folder / "known.mp4"), published="2019")
        yield archive


def test_reports_come_in_the_order_of_the_questions_each_with_its_claim(
    archive: Archive, tmp_path: Path
) -> None:
    clip = str(make_clip(tmp_path / "new.mp4", "life=seed=3:mold=10"))
    questions = [(clip, Claim("first")), ("gone.mp4", Claim("second")), (clip, None)]
    reports = list(check_each(questions, archive=archive, jobs=3, pictures=False))
    assert [number for number, _ in reports] == [0, 1, 2]
    assert [report.claim and report.claim.text for _, report in reports] == [
        "first",
        "second",
        None,
    ]
    assert [bool(report.error) for _, report in reports] == [False, True, False]


def test_as_they_are_done_a_slow_source_holds_up_no_other_and_ends_with_the_work(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with web_server() as web:
        slow = web.stalling("/slow.mp4", b"\0" * 100_000, after=2000)
        questions = [(slow, None), ("gone.mp4", None)]
        reports = check_each(questions, archive=archive, jobs=2, in_order=False)
        number, report = next(reports)
        assert (number, report.error and report.error.kind) == (1, "media_missing")
        reports.close()  # type: ignore[attr-defined]  # a generator: the download's child is ended


def test_questions_are_taken_as_they_are_needed(archive: Archive) -> None:
    taken = itertools.count()
    questions = ((f"gone-{next(taken)}.mp4", None) for _ in itertools.repeat(None))
    answered = list(itertools.islice(check_each(questions, archive=archive, jobs=2), 3))
    assert len(answered) == 3
    assert next(taken) <= AHEAD + 3


def test_the_same_question_has_the_same_key_and_no_other_has(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(source: str, claim: Claim | None = None, *, candidates: bool = False) -> str:
        return question_key(source, claim, archive, candidates=candidates)

    monkeypatch.chdir(tmp_path)
    whole = str(tmp_path / "clip.mp4")
    assert key("clip.mp4") == key(whole) == key(whole, Claim())
    different = [
        key(whole),
        key(str(tmp_path / "other.mp4")),
        key("https://e.org/clip.mp4"),
        key(whole, Claim("text")),
        key(whole, Claim(place="text")),
        key(whole, Claim(url="text")),
        key(whole, Claim(date="2024")),
        key(whole, Claim(date="2024-01-01")),
        key(whole, Claim(date="2024", date_end="2024")),
        key(whole, Claim(published="2024")),
        key(whole, candidates=True),
        question_key(whole, None, Archive.open(tmp_path / "elsewhere"), candidates=False),
        key(os.fsdecode(b"\xff.mp4")),
    ]
    assert len(set(different)) == len(different)
