"""Watches a folder: whatever arrives is checked, once, and its report written.

    options = WatchOptions(reports=Path("reports"))
    with Archive.open() as archive:
        Watcher(Path("inbox"), options, archive, settings, tell).run()

One thread looks into the folder, notes what is complete in the journal and keeps the books; others
take jobs from the journal and handle them. Any number of watchers, in processes of their own, may
work on one folder with one archive.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from provenance.archive import Archive
from provenance.archive.durable import LEFTOVER
from provenance.crew import Crew, checkpoint
from provenance.errors import (
    ArchiveNotFoundError,
    InterruptedWorkError,
    ProvenanceError,
    UsageError,
)
from provenance.settings import Settings
from provenance.watch.arrivals import Arrivals
from provenance.watch.handling import Handled, Handler
from provenance.watch.inbox import Inbox, Seen, Sight
from provenance.watch.moving import move_away
from provenance.watch.names import FAILED, STATUS
from provenance.watch.noting import Noter, Notes
from provenance.watch.owners import is_dead, new_owner
from provenance.watch.telling import FailedList, Status

SETTLE = 3.0
"""Seconds without a change after which a file is complete, unless told otherwise."""
POLL = 10.0
"""Seconds between two looks where the system cannot tell of changes, unless told otherwise."""
RESCAN = 30.0
"""Seconds between two looks in any case: the system may lose what it should tell."""
SOONEST = 0.25
"""Seconds between two looks at least, however much the system has to tell."""
TICK = 5.0
"""Seconds between two writings of the state."""
RENEW = 60.0
"""Seconds after which leases are renewed, and all files noted anew."""
IDLE = 2.0
"""Seconds after which a worker without work asks the journal again: others may have let go."""
OLD_LEFTOVER = 900.0
"""Seconds after which nobody can be writing a file any more."""


@dataclass(frozen=True)
class WatchOptions:
    """How a folder is watched.

    Attributes:
        reports: the folder where reports go.
        status: the file of its state; None: status.json there.
        move: the folder where files go that are reported; None: they stay.
        settle: seconds without a change after which a file, or its claim, is complete.
        poll: seconds between two looks, where the system cannot tell of changes; None: it can.
        recursive: subfolders too.
        jobs: how many are checked at once.
        once: end when everything that is complete has been handled.
        retry_failed: begin with what failed before.
        require_claim: leave alone whatever nothing is claimed of.
    """

    reports: Path
    status: Path | None = None
    move: Path | None = None
    settle: float = SETTLE
    poll: float | None = None
    recursive: bool = False
    jobs: int = 1
    once: bool = False
    retry_failed: bool = False
    require_claim: bool = False


@dataclass
class Summary:
    """What a run came to.

    Attributes:
        labels: verdict -> how many reports.
        failed: how many could not be checked.
        waiting: how many wait for their turn still.
        postponed: what is tried again later, and why.
        unfinished: files that are not complete yet.
        unclaimed: files that wait for a claim.
    """

    labels: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    waiting: int = 0
    postponed: list[tuple[str, str]] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)


class Watcher:
    """See the module.

    Args:
        tell: called in the thread of `run` with whatever was handled.
        complain: called there with what else went wrong.

    Attributes:
        summary: what it has come to so far; None before it has begun.
    """

    def __init__(
        self,
        inbox: Path,
        options: WatchOptions,
        archive: Archive,
        settings: Settings,
        tell: Callable[[Handled], None],
        complain: Callable[[str], None],
    ) -> None:
        self._folder = inbox
        self._options = options
        self._archive = archive
        self._tell = tell
        self._complain = complain
        self.summary: Summary | None = None
        self._sum = Summary()
        self._reports = options.reports.resolve()
        excluded = {p.resolve() for p in (options.reports, options.move) if p}
        self._inbox = Inbox(inbox, options.settle, options.recursive, excluded)
        self._journal = archive.journal(inbox.resolve())
        self._noter = Noter(
            self._journal, inbox, self._reports, require_claim=options.require_claim
        )
        self._over = threading.Event()
        self._owner = new_owner()
        self._handler = Handler(
            archive, self._journal, self._inbox, settings, self._owner, self._over
        )
        self._failed = FailedList(self._journal, inbox, self._reports / FAILED)
        self._status = Status(
            options.status or self._reports / STATUS,
            {"inbox": str(inbox.resolve()), "reports": str(self._reports), "jobs": options.jobs},
        )
        self._work_to_do = threading.Condition()
        self._handled: SimpleQueue[Handled] = SimpleQueue()
        self._current: dict[int, tuple[str, float]] = {}
        self._arrivals = Arrivals(inbox, recursive=options.recursive, events=options.poll is None)
        self._said: set[str] = set()

    def run(self) -> Summary:
        """Watch until everything is handled (`once`), or until an error, as Ctrl-C is one, ends it.

        Raises:
            ArchiveError: the archive cannot be used; nothing is lost.
            ToolError: ffmpeg cannot be used.
            UsageError: there is no such folder, it cannot be read (`once`), or reports cannot be
                written.
        """
        self._prepare()
        self.summary = self._sum
        state = "failed"
        try:
            with self._arrivals, Crew(self._options.jobs) as crew:
                try:
                    workers = [crew.submit(self._work) for _ in range(self._options.jobs)]
                    self._watch(workers)
                finally:  # before the crew ends the children: what they leave is then no result
                    self._end_workers()
            state = "ended"
        except Exception:
            raise
        except BaseException:  # Ctrl-C, and being told to end
            state = "ended"
            raise
        finally:
            self._close_the_books(state)
        return self._sum

    def _prepare(self) -> None:
        options = self._options
        if not self._folder.is_dir():
            raise UsageError(
                f"There is no folder {self._folder}.", "Make it, or name the one to be watched."
            )
        if options.status and self._inbox.is_watched(options.status.resolve().parent):
            raise UsageError(
                f"--status names a file in the watched folder: {options.status}.",
                "Name one in another folder, or it would be taken for something that arrives.",
            )
        for folder, option in ((options.reports, "--reports"), (options.move, "--move")):
            if folder is None:
                continue
            if folder.resolve() == self._folder.resolve():
                raise UsageError(
                    f"{option} names the watched folder itself: {folder}.", "Name another folder."
                )
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(
                    f"The folder {folder} cannot be made: {error.strerror or error}.",
                    f"Name another one with {option}.",
                ) from error
        if not self._archive.exists:
            raise ArchiveNotFoundError(
                f"There is no archive at {self._archive.location}.",
                "Learn some known footage first: `provenance add FILE --published DATE`.",
            )
        for folder in filter(None, (options.reports, options.move)):
            _sweep(folder)
        self._journal.redirect(str(self._reports))
        if options.retry_failed:
            self._journal.forget_failed()

    def _watch(self, workers: list[Future[None]]) -> None:
        look_at = tick_at = renew_at = 0.0
        sight: Sight | None = None
        to_move = False
        while True:
            moment = time.monotonic()
            if moment >= renew_at:
                self._journal.renew(self._owner)
                self._noter.forget()
                renew_at = moment + RENEW
            if moment >= look_at:
                sight, to_move = self._look(), False
                look_at = time.monotonic() + self._pause(sight)
            if self._report_handled() and self._options.move:
                to_move, look_at = True, min(look_at, moment + SOONEST)
            if moment >= tick_at:
                self._keep_the_books("watching")
                tick_at = moment + TICK
            for worker in workers:
                if worker.done():
                    worker.result()
            if self._options.once and not to_move and self._is_through(sight):
                return
            if self._arrivals.wait(min(look_at, tick_at) - time.monotonic()):
                look_at = min(look_at, moment + SOONEST)

    def _look(self) -> Sight | None:
        """Note what is there; None where the folder cannot be read now."""
        try:
            sight = self._inbox.look()
            notes = self._noter.note(sight)
        except OSError as error:
            problem = f"{self._folder} cannot be read: {error.strerror or error}."
            if self._options.once:
                raise UsageError(problem, "Is it there, and may this user list it?") from error
            self._say(problem)  # a share that is away for a while comes back
            return None
        self._said.difference_update({text for text in self._said if "cannot be read" in text})
        for problem in (*sight.problems, self._arrivals.problem):
            self._say(problem)
        self._sum.unfinished = sorted(sight.unsettled)
        self._sum.unclaimed = notes.unclaimed
        self._take_in(notes, sight)
        return sight

    def _take_in(self, notes: Notes, sight: Sight) -> None:
        for one in notes.failed:
            self._handled.put(Handled(one.name, one.address, "failed", error=one.error))
        if notes.new:
            with self._work_to_do:
                self._work_to_do.notify_all()
        for seen in notes.finished:
            self._move(seen, sight)

    def _move(self, seen: Seen, sight: Sight) -> None:
        if self._options.move is None:
            return
        try:
            if move_away(self._folder, seen, sight.names, self._options.move):
                self._journal.moved(seen.name)
            self._noter.forget(seen.name)
        except OSError as error:
            self._say(f"{self._folder / seen.name} cannot be moved: {error.strerror or error}.")

    def _pause(self, sight: Sight | None) -> float:
        """Seconds until the next look, if nothing happens."""
        options = self._options
        pause = RESCAN if options.poll is None else options.poll
        soon = max(SOONEST, options.settle / 2)
        if sight and any(watched < self._patience for watched in sight.unsettled.values()):
            return min(pause, soon)
        return pause

    @property
    def _patience(self) -> float:
        """Seconds after which a file that is not complete is not waited for any more."""
        return 3 * self._options.settle + 1.0

    def _is_through(self, sight: Sight | None) -> bool:
        if sight is None or any(watched < self._patience for watched in sight.unsettled.values()):
            return False
        # In the order in which a job goes its way, or it could slip through between two questions.
        through = self._journal.is_through(self._owner)
        return through and not self._current and self._handled.empty()

    def _work(self) -> None:
        """What each worker does."""
        try:
            while not self._over.is_set():
                checkpoint()
                job = self._journal.take(self._owner, is_dead)
                if job is None:
                    with self._work_to_do:
                        self._work_to_do.wait(IDLE)
                    continue
                self._current[job.id] = (job.title, time.monotonic())
                try:
                    self._handled.put(self._handler.handle(job))
                finally:
                    del self._current[job.id]
                self._arrivals.wake()
        except InterruptedWorkError:
            if not self._over.is_set():
                raise
        finally:
            self._arrivals.wake()

    def _report_handled(self) -> bool:
        """Tell of what was handled; whether there was anything."""
        any_at_all = False
        while not self._handled.empty():
            one = self._handled.get()
            any_at_all = True
            self._noter.forget(one.name)
            if one.outcome == "reported":
                self._sum.labels[one.label or ""] += 1
                self._status.count(failed=False)
            elif one.outcome == "failed":
                assert one.error
                self._sum.failed += 1
                self._status.count(failed=True)
                self._status.trouble(one.title, one.error.message)
                self._failed.write()
            elif one.outcome == "postponed":
                assert one.error
                self._status.trouble(one.title, one.error.message)
            self._tell(one)
        return any_at_all

    def _say(self, problem: str) -> None:
        """Complain of something that stays so, once."""
        if problem and problem not in self._said:
            self._said.add(problem)
            self._status.trouble(str(self._folder), problem)
            self._complain(problem)

    def _end_workers(self) -> None:
        self._over.set()
        with self._work_to_do:
            self._work_to_do.notify_all()

    def _keep_the_books(self, state: str) -> None:
        counts = self._journal.counts()
        counts["bad"] = self._failed.write()
        postponed = self._journal.postponed()
        counts["postponed"] = len(postponed)
        # Another watcher may have put one off between the two.
        self._sum.waiting = max(0, counts["waiting"] - counts["postponed"])
        self._sum.postponed = [(job.title, job.error.message) for job in postponed if job.error]
        counts["unfinished"] = len(self._sum.unfinished)
        counts["unclaimed"] = len(self._sum.unclaimed)
        self._status.write(state, counts, list(self._at_work()), postponed)

    def _at_work(self) -> Iterator[dict[str, Any]]:
        moment = time.monotonic()
        for title, since in list(self._current.values()):
            yield {"file": title, "seconds": round(moment - since, 1)}

    def _close_the_books(self, state: str) -> None:
        """Leave everything as it is now. What ends the run is told by whoever raised it."""
        with contextlib.suppress(ProvenanceError):
            self._report_handled()
            self._keep_the_books(state)


def _sweep(folder: Path) -> None:
    """Delete what processes that were killed had begun to write."""
    oldest = time.time() - OLD_LEFTOVER
    for path in folder.rglob(".*.part"):
        with contextlib.suppress(OSError):
            if LEFTOVER.fullmatch(path.name) and path.stat().st_mtime < oldest:
                path.unlink()
