"""One job from the moment it is taken until it is done or bad.

The order is what makes a report come exactly once, whatever is killed when:

1. the reports are written under the names that the journal gave them, and made durable,
2. the journal says that the job is done,
3. the file is moved away, where that is wanted (by the watcher, when it next looks).

Killed before 2, the job is done again and writes the same names; killed before 3, the next look
finds a file that is done and moves it.
"""

from __future__ import annotations

import contextlib
import errno
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from provenance.archive import Archive
from provenance.archive.durable import put_file
from provenance.archive.journal import REPORT_ENDINGS, Job, Journal, titled
from provenance.checker import check
from provenance.crew import apart
from provenance.errors import (
    ArchiveError,
    DownloadError,
    InterruptedWorkError,
    MediaError,
    ProvenanceError,
    ToolError,
    UsageError,
)
from provenance.media import file_sha256
from provenance.models import Report, SourceError
from provenance.progress import SilentProgress
from provenance.report import renderer
from provenance.settings import Settings
from provenance.urls import without_login
from provenance.watch.claims import claim_from
from provenance.watch.inbox import Inbox

FORMATS = ("html", "json")
"""What is written, in the order of `REPORT_ENDINGS`."""
PAUSES = (300.0, 1800.0, 7200.0, 28800.0)
"""Seconds before a download is tried again that failed for a reason that may pass: after the first
failure, the second and so on. After the last it is given up."""
_NO_NAME = {
    *(errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
}


@dataclass(frozen=True)
class Handled:
    """What became of a job.

    Attributes:
        name, address: the file, and the address in it, "" where the file itself was checked.
        outcome: "reported"; "failed": it is bad; "postponed": it is tried again later; "known": it
            was reported before, unchanged; "gone": it has left the folder or is another one by now.
        label: of the verdict, where it was reported.
        page: the report as a page.
    """

    name: str
    address: str
    outcome: Literal["reported", "failed", "postponed", "known", "gone"]
    label: str | None = None
    page: Path | None = None
    error: SourceError | None = None

    @property
    def title(self) -> str:
        """What it is called among people."""
        return titled(self.name, self.address)


class Handler:
    """Handles jobs; threads may share it.

    Args:
        over: set when everything is to end; what is being checked then waits again.
    """

    def __init__(
        self,
        archive: Archive,
        journal: Journal,
        inbox: Inbox,
        settings: Settings,
        owner: str,
        over: threading.Event,
    ) -> None:
        self._archive = archive
        self._journal = journal
        self._inbox = inbox
        self._settings = settings
        self._owner = owner
        self._over = over

    def handle(self, job: Job) -> Handled:
        """Check and report.

        Raises:
            ArchiveError, ToolError, UsageError: nothing would fare better: the archive, ffmpeg or
                the folder of reports cannot be used. The job waits again.
            InterruptedWorkError: everything is to end. The job waits again.
        """
        try:
            try:
                return self._handle(job)
            except ProvenanceError:
                raise
            except Exception as error:  # a fault of ours with one file must not stop the others
                self._go_on()
                return self._fault(job, error)
        except BaseException:
            # Where it cannot be released, its lease ends with this process.
            with apart(), contextlib.suppress(ArchiveError):
                self._journal.release(job, self._owner)
            raise

    def _handle(self, job: Job) -> Handled:
        if not self._is_there(job):
            return self._gone(job)
        if self._was_reported(job):
            return Handled(job.name, job.address, "known")
        report, error = self._check(job)
        self._go_on()
        if not self._is_there(job):
            return self._gone(job)
        if report is None:
            assert error
            return self._fail(job, error)
        if not self._journal.holds(job, self._owner):  # we were thought dead, and another has it
            return Handled(job.name, job.address, "gone")
        return self._report(job, report)

    def _go_on(self) -> None:
        """Where everything is to end, children were ended, and what came of them is worth nothing:
        raises InterruptedWorkError."""
        if self._over.is_set():
            raise InterruptedWorkError("The work was stopped.")

    def _report(self, job: Job, report: Report) -> Handled:
        try:
            page = write_reports(Path(job.reports), job.report, report)
        except MediaError as error:
            return self._fail(job, error)
        assert report.verdict
        label = report.verdict.label
        self._journal.finish(job, self._owner, report.source.sha256, label)
        return Handled(job.name, job.address, "reported", label, page)

    def _fault(self, job: Job, fault: Exception) -> Handled:
        about = without_login(job.address) or job.name
        error = ProvenanceError(
            f"{about} could not be reported because of a fault in the program "
            f"({type(fault).__name__}: {fault}).",
            "Please report it, if you can with the clip.",
        )
        return self._fail(job, error)

    def _fail(self, job: Job, error: ProvenanceError) -> Handled:
        if error.kind == ToolError.kind:
            raise error
        told = SourceError.of(error)
        if isinstance(error, DownloadError) and error.may_pass and job.tries < len(PAUSES):
            self._journal.postpone(job, self._owner, told, PAUSES[job.tries])
            return Handled(job.name, job.address, "postponed", error=told)
        self._journal.fail(job, self._owner, told)
        return Handled(job.name, job.address, "failed", error=told)

    def _check(self, job: Job) -> tuple[Report, None] | tuple[None, ProvenanceError]:
        """A report, or why there is none."""
        try:
            report = check(
                job.address or str(self._inbox.folder / job.name),
                claim=claim_from(job.claim),
                archive=self._archive,
                settings=self._settings,
                progress=SilentProgress(self._over.is_set),
            )
        except (ArchiveError, InterruptedWorkError):
            raise
        except ProvenanceError as error:
            return None, error
        return report, None

    def _is_there(self, job: Job) -> bool:
        """Whether the file is what it was when it was noted. An address has no such thing."""
        seen = self._inbox.see(job.name)
        return seen is not None and (bool(job.address) or seen.stamp == (job.size, job.mtime))

    def _gone(self, job: Job) -> Handled:
        self._journal.drop(job, self._owner)
        return Handled(job.name, job.address, "gone")

    def _was_reported(self, job: Job) -> bool:
        """Whether only the time of the file has changed since it was reported."""
        if job.address or not self._journal.has_done(job.name):
            return False
        try:
            sha256 = file_sha256(self._inbox.folder / job.name)
        except MediaError:
            return False  # checking it will say so
        return self._journal.is_known(job, self._owner, sha256)


def write_reports(folder: Path, name: str, report: Report) -> Path:
    """Write a report in all its forms, each whole or not at all; the page's path.

    Raises:
        MediaError: there can be no such name: it is too long, or not of this file system, or a file
            is where it wants a folder. Others can be written.
        UsageError: they cannot be written there.
    """
    paths = [folder / f"{name}{ending}" for ending in REPORT_ENDINGS]
    texts = [renderer(form).render([report]) for form in FORMATS]
    for path, text in zip(paths, texts, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            put_file(path, text.encode("utf-8", "replace"))
        except OSError as error:
            problem = f"{path} cannot be written: {error.strerror or error}."
            if error.errno in _NO_NAME and folder.is_dir():
                raise MediaError(problem, "Give the file, or its folder, another name.") from error
            raise UsageError(
                problem,
                "Make room, or let the folder be written to, and start again; nothing is lost.",
            ) from error
    return paths[0]
