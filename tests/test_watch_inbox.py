"""What in a watched folder is complete, and in which order it came."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.watch.inbox import EMPTY_SECONDS, Inbox, is_being_written
from provenance.watch.names import is_list, is_passed_over, report_name

SETTLE = 3.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    (tmp_path / "inbox").mkdir()
    return Inbox(tmp_path / "inbox", SETTLE, clock=clock)


def complete(inbox: Inbox) -> list[str]:
    return [seen.name for seen in inbox.look().complete]


def test_a_file_is_complete_when_it_has_not_changed_for_a_while(inbox: Inbox, clock: Clock) -> None:
    clip = inbox.folder / "clip.mp4"
    clip.write_bytes(b"half")
    assert complete(inbox) == []
    clock.now += SETTLE - 0.1
    assert complete(inbox) == []
    clip.write_bytes(b"half, and the other half")
    assert complete(inbox) == []
    clock.now += SETTLE - 0.1
    assert complete(inbox) == []
    clock.now += 0.2
    assert complete(inbox) == ["clip.mp4"]


def test_a_file_that_is_still_open_for_writing_is_not_complete(inbox: Inbox, clock: Clock) -> None:
    clip = inbox.folder / "clip.mp4"
    with clip.open("wb") as file:
        file.write(b"a pause that is longer than any patience")
        file.flush()
        if not is_being_written(clip):
            pytest.skip("this file system grants no leases")
        complete(inbox)
        clock.now += 100 * SETTLE
        assert complete(inbox) == []
    assert complete(inbox) == ["clip.mp4"]


def test_to_be_read_by_others_keeps_no_file_back(inbox: Inbox, clock: Clock) -> None:
    clip = inbox.folder / "clip.mp4"
    clip.write_bytes(b"clip")
    with clip.open("rb"):
        assert not is_being_written(clip)


@pytest.mark.parametrize(
    "name",
    [
        *("clip.mp4.part", "clip.mp4.crdownload", "clip.MP4.PART", "clip.tmp", "clip.mp4.ytdl"),
        *("clip.mp4.part-Frag7", "clip.temp.mp4", "clip.mp4.!qB", "clip.mp4.aria2", ".clip.mp4"),
        *("~$clip.mp4", "clip.mp4~", "clip.partial", "clip.mp4.download", "._clip.mp4"),
        *("clip.claim.json", "clip.info.json", "claims.csv", "clip.en.vtt", "Thumbs.db"),
        *("clip.mp4.report.json", "clip.mp4.report.html"),
    ],
)
def test_what_is_unfinished_or_belongs_to_another_file_is_never_taken(
    inbox: Inbox, clock: Clock, name: str
) -> None:
    (inbox.folder / name).write_bytes(b"data")
    inbox.look()
    clock.now += 100 * SETTLE
    assert complete(inbox) == []


@pytest.mark.parametrize("name", ["clip.mp4", "party.mp4", "notes.pdf", "clip", "a.json", "-.mov"])
def test_all_else_is_taken(name: str) -> None:
    assert not is_passed_over(name)


@pytest.mark.parametrize("ending", [".part", ".aria2", ".crdownload"])
def test_a_file_waits_while_a_control_file_stands_beside_it(
    inbox: Inbox, clock: Clock, ending: str
) -> None:
    (inbox.folder / "clip.mp4").write_bytes(b"all its bytes are there, and none is right")
    control = inbox.folder / f"clip.mp4{ending}"
    control.write_bytes(b"")
    inbox.look()
    clock.now += SETTLE
    assert complete(inbox) == []
    control.unlink()
    assert complete(inbox) == ["clip.mp4"]


def test_a_clip_waits_until_its_claim_has_settled_too(inbox: Inbox, clock: Clock) -> None:
    (inbox.folder / "clip.mp4").write_bytes(b"clip")
    inbox.look()
    clock.now += SETTLE - 1
    for name in ("clip.claim.json", "claims.csv", "clip.info.json"):
        (inbox.folder / name).write_text("a half")
        inbox.look()
        clock.now += SETTLE - 1
        assert complete(inbox) == []
    clock.now += SETTLE
    assert complete(inbox) == ["clip.mp4"]


def test_a_date_that_no_journal_can_hold_is_no_trouble(inbox: Inbox, clock: Clock) -> None:
    clip = inbox.folder / "clip.mp4"
    clip.write_bytes(b"clip")
    os.utime(clip, (0, 10_000_000_000))  # in 2286, where the file system knows that year
    inbox.look()
    clock.now += SETTLE
    (seen,) = inbox.look().complete
    assert seen.mtime < 2**63
    assert inbox.see("clip.mp4") == seen


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_be_listed_and_not_entered_is_told_of(inbox: Inbox, clock: Clock) -> None:
    (inbox.folder / "clip.mp4").write_bytes(b"clip")
    inbox.folder.chmod(0o444)
    problems = inbox.look().problems
    inbox.folder.chmod(0o755)
    assert len(problems) == 1
    assert "clip.mp4 cannot be read: Permission denied" in problems[0]


def test_an_empty_file_waits_long_and_is_then_complete(inbox: Inbox, clock: Clock) -> None:
    (inbox.folder / "clip.mp4").write_bytes(b"")
    inbox.look()
    clock.now += EMPTY_SECONDS - 1
    assert complete(inbox) == []
    clock.now += 2
    assert complete(inbox) == ["clip.mp4"]


def test_files_are_in_the_order_in_which_they_came(inbox: Inbox, clock: Clock) -> None:
    for name in ("c.mp4", "a.mp4", "b.mp4"):
        (inbox.folder / name).write_bytes(b"clip")
        os.utime(inbox.folder / name, (1, 1))  # when it was made says nothing of when it came
        time.sleep(0.02)
    inbox.look()
    clock.now += SETTLE
    assert complete(inbox) == ["c.mp4", "a.mp4", "b.mp4"]


def test_subfolders_are_looked_into_only_where_that_is_wanted(tmp_path: Path, clock: Clock) -> None:
    for name in (
        "a.mp4",
        "sub/b.mp4",
        ".hidden/c.mp4",
        "reports/d.mp4",
        "@eaDir/e.mp4",
        "failed.csv/f",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"clip")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    flat = Inbox(tmp_path, SETTLE, clock=clock)
    deep = Inbox(tmp_path, SETTLE, True, {tmp_path.resolve() / "reports"}, clock)
    flat.look(), deep.look()
    clock.now += SETTLE
    assert complete(flat) == ["a.mp4"]
    assert sorted(complete(deep)) == ["a.mp4", "sub/b.mp4"]


def test_links_that_lead_nowhere_and_pipes_are_passed_over(tmp_path: Path, clock: Clock) -> None:
    inbox = Inbox(tmp_path, SETTLE, True, clock=clock)
    (tmp_path / "a.mp4").write_bytes(b"clip")
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.mp4")
    inbox.look()
    clock.now += SETTLE
    assert complete(inbox) == ["a.mp4"]


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1))
def test_a_report_has_a_name_that_file_systems_take(name: str) -> None:
    for report in (
        report_name(name),
        report_name(f"folder/{name}"),
        report_name(name, 3, f"https://example.org/{name}"),
    ):
        last = report.rpartition("/")[2]
        assert last
        assert len(os.fsencode(f"{last}.12.report.html")) <= 255


def test_long_names_that_begin_alike_have_reports_of_different_names() -> None:
    one, other = (report_name("x" * 240 + end) for end in ("1.mp4", "2.mp4"))
    assert one != other
    assert one.endswith(".mp4")


def test_the_report_of_an_address_is_named_after_list_number_and_address() -> None:
    name = report_name("links.txt", 3, "https://www.example.org/watch?v=a&b=c")
    assert name == "links.txt.03-example-org-watch-v-a-b-c"
    assert is_list("links.TXT")
