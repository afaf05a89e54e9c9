"""The journal of a watched folder: each thing recorded once, taken by one, reported once."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import archive_factory
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import Archive
from provenance.archive import journal as module
from provenance.archive.durable import put_file
from provenance.archive.journal import MOST_DEATHS, Arrival, Job, Journal, Noted
from provenance.crew import Crew
from provenance.models import SourceError
from provenance.watch.inbox import Seen
from provenance.watch.moving import companions, move_away
from provenance.watch.owners import is_dead, new_owner
from provenance.watch.telling import FailedList

WHY = SourceError("media_unreadable", "It is broken.", "Mend it.", 4)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One for all tests; each has a folder of its own in it."""
    with Archive.open(tmp_path_factory.mktemp("journals") / "archive") as archive:
        archive_factory.store(archive, 1)
        yield archive


@pytest.fixture
def journal(archive: Archive, tmp_path: Path) -> Journal:
    return archive.journal(tmp_path / "inbox")


def arrival(name: str = "a.mp4", mtime: int = 1, **fields: object) -> Arrival:
    values = {"size": 9, "arrived": mtime, "report": name, **fields}
    return Arrival(name, mtime=mtime, **values)  # type: ignore[arg-type]


def note(journal: Journal, *arrivals: Arrival, reports: str = "") -> list[Noted]:
    return journal.note(reports or f"{os.fsdecode(journal._inbox)}/reports", arrivals)


def nobody(owner: str) -> bool:
    return False


def take(journal: Journal, owner: str = "me") -> Job:
    job = journal.take(owner, nobody)
    assert job
    return job


def finish(journal: Journal, sha256: str = "1") -> Job:
    job = take(journal)
    journal.finish(job, "me", sha256, "no_match")
    return job


def test_what_was_noted_is_noted_once(journal: Journal) -> None:
    assert note(journal, arrival()) == [Noted("waiting", True)]
    assert note(journal, arrival(), arrival("b.mp4")) == [
        Noted("waiting", False),
        Noted("waiting", True),
    ]
    finish(journal)
    assert note(journal, arrival()) == [Noted("done", False)]
    assert journal.counts() == {"waiting": 1, "working": 0, "done": 1, "bad": 0}


def test_jobs_are_taken_in_the_order_of_arrival_and_each_by_one(journal: Journal) -> None:
    note(journal, *(arrival(f"{n}.mp4", mtime=n) for n in (3, 1, 2)))
    assert [take(journal, owner).name for owner in ("me", "you", "me")] == [
        *("1.mp4", "2.mp4", "3.mp4")
    ]
    assert journal.take("you", nobody) is None


def test_a_job_of_the_dead_waits_again_behind_what_was_not_tried(journal: Journal) -> None:
    note(journal, arrival("a.mp4", 1), arrival("b.mp4", 2))
    take(journal, "dead")
    assert take(journal).name == "b.mp4"
    assert journal.take("me", nobody) is None
    note(journal, arrival("c.mp4", 3))
    taken = [journal.take("me", lambda owner: owner == "dead") for _ in range(2)]
    assert [job.name for job in taken if job] == ["c.mp4", "a.mp4"]


def test_a_lease_that_ran_out_lets_a_job_wait_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(journal, arrival("a.mp4"), arrival("b.mp4"))
    with monkeypatch.context() as patch:
        patch.setattr(module, "LEASE", -1.0)
        old = take(journal, "away")
        kept = take(journal, "here")
    journal.renew("here")
    assert take(journal).name == old.name
    assert journal.holds(kept, "here")
    assert not journal.holds(old, "away")
    journal.finish(old, "away", "1", "no_match")  # it comes back, and is too late
    journal.fail(old, "away", WHY)
    assert journal.counts()["working"] == 2


def test_who_asks_for_work_is_not_dead_however_long_the_machine_slept(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(journal, arrival())
    monkeypatch.setattr(module, "LEASE", -1.0)
    job = take(journal)
    assert journal.take("me", nobody) is None  # another thread of it
    assert journal.holds(job, "me")


def test_what_waits_is_reported_where_reports_go_now(journal: Journal) -> None:
    note(journal, arrival("begun.mp4", 1), arrival("waits.mp4", 2), reports="/first")
    note(journal, arrival("bad.mp4", 3, error=WHY), reports="/first")
    take(journal, "dead")
    given_back = journal.take("me", lambda owner: owner == "dead")
    assert given_back
    journal.release(given_back, "me")
    journal.redirect("/second")
    note(journal, arrival("bad.mp4", 4), reports="/second")
    taken = [take(journal) for _ in range(3)]
    assert [(job.name, job.reports) for job in taken] == [
        ("waits.mp4", "/second"),
        ("bad.mp4", "/second"),
        ("begun.mp4", "/first"),  # where its reports may lie already
    ]


def test_a_file_that_ends_the_program_again_and_again_becomes_bad(journal: Journal) -> None:
    note(journal, arrival("poison.mp4", 1), *(arrival(f"{n}.mp4", n) for n in range(2, 5)))
    tried: list[str] = []
    while job := journal.take(f"{len(tried)}", lambda owner: True):
        if job.name != "poison.mp4":
            journal.finish(job, f"{len(tried)}", job.name, "no_match")
        tried.append(job.name)
    assert tried[:4] == ["poison.mp4", "2.mp4", "3.mp4", "4.mp4"]
    assert tried.count("poison.mp4") == MOST_DEATHS
    (bad,) = journal.jobs("bad")
    assert bad.error
    assert str(MOST_DEATHS) in bad.error.message


def test_what_was_given_back_counts_as_not_tried(journal: Journal) -> None:
    note(journal, arrival("a.mp4", 1), arrival("b.mp4", 2))
    journal.release(take(journal), "me")
    assert take(journal).name == "a.mp4"


def test_a_job_can_be_given_back_when_all_work_is_to_stop(journal: Journal) -> None:
    note(journal, arrival())
    job = take(journal)
    with Crew(1) as crew, crew.joined():
        crew.end()
        journal.release(job, "me")
    assert journal.counts()["waiting"] == 1
    assert take(journal).attempts == 0


def test_a_file_that_changes_while_it_waits_is_one_job(journal: Journal) -> None:
    note(journal, arrival(mtime=1))
    assert note(journal, arrival(mtime=2)) == [Noted("waiting", True)]
    assert finish(journal).mtime == 2
    assert journal.counts()["done"] == 1


def test_a_file_that_changes_while_it_is_checked_is_noted_afterwards(journal: Journal) -> None:
    note(journal, arrival(mtime=1))
    job = take(journal)
    assert note(journal, arrival(mtime=2)) == [Noted("working", False)]
    journal.drop(job, "me")
    assert note(journal, arrival(mtime=2)) == [Noted("waiting", True)]


def test_a_file_that_changes_after_its_report_gets_another_report(journal: Journal) -> None:
    note(journal, arrival(mtime=1))
    assert finish(journal).report == "a.mp4"
    note(journal, arrival(mtime=2))
    assert finish(journal).report == "a.mp4.2"


def test_a_claim_that_comes_late_is_a_job_and_one_that_goes_is_none(journal: Journal) -> None:
    note(journal, arrival())
    finish(journal)
    assert note(journal, arrival(claim="{}")) == [Noted("waiting", True)]
    finish(journal)
    for later in (arrival(), arrival(claim="unreadable", error=WHY), arrival(claim="{}")):
        assert note(journal, later) == [Noted("done", False)]


def test_a_bad_file_waits_again_when_it_or_its_claim_changes(journal: Journal) -> None:
    note(journal, arrival(claim="unreadable", error=WHY))
    assert journal.take("me", nobody) is None
    assert note(journal, arrival(claim="{}")) == [Noted("waiting", True)]
    journal.fail(take(journal), "me", WHY)
    assert note(journal, arrival(claim="{}")) == [Noted("bad", False)]
    assert note(journal, arrival(mtime=2, claim="{}")) == [Noted("waiting", True)]
    journal.fail(take(journal), "me", WHY)
    journal.forget_failed()
    assert note(journal, arrival(mtime=2, claim="{}")) == [Noted("waiting", True)]
    assert finish(journal).report == "a.mp4"
    assert journal.jobs("bad") == []


def test_bytes_that_were_reported_under_the_name_are_known(journal: Journal) -> None:
    note(journal, arrival(mtime=1))
    finish(journal, "same")
    note(journal, arrival(mtime=2))
    job = take(journal)
    assert not journal.is_known(job, "me", "other")
    assert journal.is_known(job, "me", "same")
    assert note(journal, arrival(mtime=2)) == [Noted("done", False)]
    note(journal, arrival(mtime=2, claim="{}"))
    assert not journal.is_known(take(journal), "me", "same")


def test_what_was_moved_away_does_not_stand_for_what_comes_under_its_name(
    journal: Journal,
) -> None:
    note(journal, arrival())
    finish(journal)
    journal.moved("a.mp4")
    assert note(journal, arrival()) == [Noted("waiting", True)]
    assert finish(journal).report == "a.mp4.2"


def test_no_report_has_the_name_of_another(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "a.mp4.report.json").write_text("somebody's")
    reports = str(tmp_path)
    note(archive.journal("/one"), arrival(), reports=reports)
    note(archive.journal("/other"), arrival(), reports=reports)
    jobs = [take(archive.journal(inbox)) for inbox in ("/one", "/other")]
    assert [job.report for job in jobs] == ["a.mp4.2", "a.mp4.3"]


def test_addresses_that_leave_their_list_leave_the_journal_unless_they_are_done(
    journal: Journal,
) -> None:
    addresses = [arrival("l.txt", address=one, report=f"l.txt.{one}") for one in "abc"]
    note(journal, *addresses)
    finish(journal)
    journal.fail(take(journal), "me", WHY)
    journal.forget_others("l.txt", ["x"])
    assert journal.counts() == {"waiting": 0, "working": 0, "done": 1, "bad": 0}


def test_names_that_are_no_utf_8_keep_their_bytes(journal: Journal) -> None:
    name = os.fsdecode(b"\xff\xe9.mp4")
    note(journal, arrival(name), arrival(os.fsdecode(b"\xff\xe8.mp4")))
    assert take(journal).name == name


def test_jobs_of_other_folders_are_left_alone(archive: Archive) -> None:
    note(archive.journal("/one"), arrival())
    assert archive.journal("/other").take("me", nobody) is None


TAKER = """
import sys
from provenance import Archive
with Archive.open(sys.argv[1]) as archive:
    journal = archive.journal(sys.argv[3])
    while job := journal.take(sys.argv[2], lambda owner: False):
        print(job.name)
        journal.finish(job, sys.argv[2], None, "no_match")
"""


def test_threads_and_processes_share_the_jobs_without_doing_one_twice(
    archive: Archive, journal: Journal, tmp_path: Path
) -> None:
    count = 120
    note(journal, *(arrival(f"{n}.mp4", n) for n in range(count)))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, archive.location, f"process {n}", tmp_path / "inbox"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(2)
    ]
    taken: list[str] = []

    def work(owner: str) -> None:
        while job := journal.take(owner, nobody):
            taken.append(job.name)
            journal.finish(job, owner, None, "no_match")

    threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken += [name for process in processes for name in process.communicate()[0].split()]
    assert sorted(taken) == sorted(f"{n}.mp4" for n in range(count))


STEPS = st.lists(
    st.tuples(st.sampled_from(["change", "note", "take", "end", "die"]), st.integers(0, 1)),
    min_size=8,
    max_size=24,
)


@given(STEPS)
@settings(max_examples=200)
def test_each_version_of_a_file_is_reported_once_however_things_interleave(
    archive: Archive, steps: list[tuple[str, int]]
) -> None:
    journal = archive.journal(f"/{uuid.uuid4().hex}")
    owners, held = [uuid.uuid4().hex for _ in range(2)], dict[str, Job]()
    dead: set[str] = set()
    version, reported, names = 1, Counter[int](), list[str]()

    def end(owner: str) -> None:
        job = held.pop(owner)
        if job.mtime != version:  # as the handler does when the file is another one by now
            journal.drop(job, owner)
        elif journal.holds(job, owner):
            journal.finish(job, owner, str(version), "no_match")
            reported[job.mtime] += 1
            names.append(job.report)

    for what, who in [*steps, ("end", 0), ("end", 1), ("note", 0)]:
        owner = owners[who]
        if what == "change":
            version += 1
        elif what == "note":
            note(journal, arrival(mtime=version))
        elif what == "take" and owner not in held:
            job = journal.take(owner, dead.__contains__)
            held |= {owner: job} if job else {}
        elif what == "end" and owner in held:
            end(owner)
        elif what == "die":
            dead.add(owner)
            held.pop(owner, None)
            owners[who] = uuid.uuid4().hex
    while not reported[version]:
        note(journal, arrival(mtime=version))
        job = journal.take(owners[0], dead.__contains__)
        assert job
        held[owners[0]] = job
        end(owners[0])
    assert set(reported.values()) == {1}
    assert len(set(names)) == len(names)
    assert journal.counts() == {"waiting": 0, "working": 0, "done": len(names), "bad": 0}


def test_the_journal_waits_for_its_turn_while_others_write(
    archive: Archive, journal: Journal
) -> None:
    note(journal, arrival("a.mp4", 1), arrival("b.mp4", 2))
    job = take(journal)
    other = sqlite3.connect(Path(archive.location, "catalogue.sqlite"), check_same_thread=False)
    try:
        for act in (
            lambda: journal.renew("me"),
            lambda: journal.forget_others("l.txt", []),
            lambda: journal.moved("c.mp4"),
            lambda: journal.drop(job, "me"),
            lambda: take(journal),
        ):
            other.execute("BEGIN IMMEDIATE")
            done = threading.Timer(0.8, other.rollback)  # longer than SQLite itself waits
            done.start()
            act()
            done.join()
    finally:
        other.close()
    assert journal.counts()["working"] == 1


TELLER = """
from provenance.watch.owners import new_owner
print(new_owner(), flush=True)
input()
"""


def test_a_process_is_dead_when_it_was_killed_and_not_when_its_number_is_used_anew() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", TELLER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    owner = child.stdout.readline().strip()
    assert not is_dead(owner)
    assert not is_dead(new_owner())
    machine, process, started, number = owner.split(" ")
    assert is_dead(" ".join((machine, process, str(int(started) - 1), number)))
    host, boot, space = machine.split("/")
    assert not is_dead(" ".join((f"another/{boot}/{space}", process, "0", number)))
    assert not is_dead(" ".join((f"{host}/{boot}/another", process, "0", number)))
    assert is_dead(" ".join((f"{host}/before/{space}", process, started, number)))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert is_dead(owner)


def test_the_list_of_failures_says_what_the_journal_says(journal: Journal, tmp_path: Path) -> None:
    inbox, path = tmp_path / "inbox", tmp_path / "failed.csv"
    inbox.mkdir()
    failed = FailedList(journal, inbox, path)
    failed.write()
    assert not path.exists()
    for name in ("=1+1.mp4", "gone.mp4"):
        (inbox / name).write_bytes(b"")
        note(journal, arrival(name, error=WHY))
    (inbox / "gone.mp4").unlink()
    failed.write()
    lines = path.read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=1+1.mp4,,")
    assert lines[1].endswith(",media_unreadable,It is broken.,Mend it.,4")
    note(journal, arrival("=1+1.mp4", mtime=2))
    failed.write()
    assert not path.exists()


def test_a_file_that_is_written_anew_is_the_old_one_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    put_file(path, b"old")
    with pytest.raises(TypeError):
        put_file(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    put_file(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"new"


def seen(path: Path) -> Seen:
    found = path.stat()
    return Seen(path.name, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def other_disk(tmp_path: Path) -> Path | None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        return None
    return memory / f"provenance-test-{os.getpid()}"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_moving_writes_over_nothing_and_can_be_done_again(tmp_path: Path, elsewhere: bool) -> None:
    inbox, to = tmp_path / "inbox", tmp_path / "done"
    if elsewhere:
        found = other_disk(tmp_path)
        if found is None:
            pytest.skip("there is only one disk here")
        to = found
    inbox.mkdir()
    to.mkdir()
    try:
        (to / "a.mp4").write_bytes(b"somebody's")
        (inbox / "a.mp4").write_bytes(b"mine")
        assert move_away(inbox, seen(inbox / "a.mp4"), {"a.mp4"}, to)
        assert (to / "a.mp4").read_bytes() == b"somebody's"
        assert (to / "a.2.mp4").read_bytes() == b"mine"
        (inbox / "a.mp4").write_bytes(b"mine")  # as if it had not been unlinked yet
        assert move_away(inbox, seen(inbox / "a.mp4"), {"a.mp4"}, to)
        assert sorted(path.name for path in to.iterdir()) == ["a.2.mp4", "a.mp4"]
        assert list(inbox.iterdir()) == []
        assert not move_away(inbox, Seen("a.mp4", 4, 1, 1), (), to)
    finally:
        shutil.rmtree(to)


def test_a_file_that_changed_is_not_moved_nor_is_its_claim(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    before = seen(tmp_path / "a.mp4")
    (tmp_path / "a.mp4").write_bytes(b"newer")
    (tmp_path / "a.claim.json").write_bytes(b"of the newer")
    assert not move_away(tmp_path, before, {"a.mp4", "a.claim.json"}, tmp_path / "done")
    assert (tmp_path / "a.mp4").read_bytes() == b"newer"
    assert (tmp_path / "a.claim.json").exists()


def test_no_claim_comes_to_lie_beside_another_clip_than_its_own(tmp_path: Path) -> None:
    done = tmp_path / "done"
    names = {"a.mp4", "a.claim.json", "a.mp4.claim.json", "b.mp4", "b.claim.json"}
    for name in ("done/a.mp4", "done/b.claim.json", *names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"this is {name}")
    for name in ("a.mp4", "b.mp4"):
        assert move_away(tmp_path, seen(tmp_path / name), names, done)
    assert {path.name for path in done.iterdir()} == {
        *("a.mp4", "a.2.mp4", "a.2.claim.json", "a.2.mp4.claim.json"),
        *("b.claim.json", "b.2.mp4", "b.2.claim.json"),
    }


def test_a_claim_goes_along_unless_another_clip_needs_it() -> None:
    names = {"a.mp4", "a.claim.json", "a.info.json", "a.mp4.claim.json", "b.mp4"}
    assert set(companions("a.mp4", names)) == names - {"a.mp4", "b.mp4"}
    assert companions("a.mp4", names | {"a.mov"}) == ["a.mp4.claim.json"]


def test_what_is_to_be_tried_again_is_taken_when_it_is_due_and_keeps_nobody_waiting(
    journal: Journal,
) -> None:
    note(journal, arrival("first.txt", address="https://example.org/1"), arrival("b.mp4"))
    first = journal.take("me", nobody)
    assert first and first.tries == 0
    journal.postpone(first, "me", WHY, 3600.0)
    assert [(job.error, job.tries) for job in journal.postponed()] == [(WHY, 1)]
    assert journal.counts()["waiting"] == 2 and not journal.is_through("me")
    other = journal.take("me", nobody)
    assert other and other.name == "b.mp4"
    journal.finish(other, "me", None, "no_match")
    assert journal.take("me", nobody) is None and journal.is_through("me")
    journal.forget_failed()
    again = journal.take("me", nobody)
    assert again and (again.name, again.tries) == ("first.txt", 1)
    journal.release(again, "me")  # it was stopped: that is no try
    again = journal.take("me", nobody)
    assert again and again.tries == 1
    journal.postpone(again, "me", WHY, -1.0)  # the catalogue's clock has milliseconds only
    again = journal.take("me", nobody)
    assert again and again.tries == 2
    assert journal.take("you", lambda owner: True).tries == 2  # type: ignore[union-attr]  # it died


def test_what_is_due_in_days_was_noted_by_a_wrong_clock_and_is_due(journal: Journal) -> None:
    note(journal, arrival())
    job = journal.take("me", nobody)
    assert job
    journal.postpone(job, "me", WHY, 3 * 86400.0)
    assert journal.take("me", nobody)
