"""The library for programs that run on asyncio.

    async with aio.Archive.open("newsroom") as archive:
        await archive.add("old.mp4", published="2022-03-01")
        report = await archive.check("clip.mp4", claim=Claim("...", date="2024-10-29"))

Work runs in threads, a few at a time; what is asked for beyond that waits for its turn. The event
loop is never blocked. When a task is cancelled (or times out), its work is stopped, its child
processes are ended, and only then does the cancellation go on to whoever waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import provenance.archive as known
from provenance.archive import Added
from provenance.checker import check as check_now
from provenance.crew import cores
from provenance.dates import DateLike
from provenance.errors import UsageError
from provenance.models import Claim, Report
from provenance.progress import Callback, Cancellable, Progress, Task
from provenance.settings import Settings

T = TypeVar("T")


class Archive:
    """An archive for one event loop at a time. Use `Archive.open`.

    Args:
        archive: the archive itself, which others may use meanwhile.
        at_once: works at a time; None: as many as there are processors. Each may use several
            processors itself, and some hundred MB of memory.
    """

    def __init__(self, archive: known.Archive, *, at_once: int | None = None) -> None:
        self._archive = archive
        self._threads = ThreadPoolExecutor(at_once or cores(), "provenance-aio")

    @classmethod
    def open(
        cls,
        location: str | Path | None = None,
        *,
        settings: Settings | None = None,
        at_once: int | None = None,
    ) -> Self:
        """As `provenance.Archive.open`. Raises UsageError."""
        return cls(known.Archive.open(location, settings=settings), at_once=at_once)

    async def check(
        self,
        source: str | Path,
        *,
        claim: Claim | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
        candidates: bool = False,
        remember: bool = False,
        pictures: bool = True,
        evidence: bool = False,
    ) -> Report:
        """As `provenance.check`; `progress` is called from another thread than the event loop's.

        Raises:
            ProvenanceError: as `provenance.check` does.
            CancelledError: the task was cancelled; its work has ended by now.
        """
        return await self.run(
            lambda archive, told: check_now(
                source,
                claim=claim,
                archive=archive,
                settings=settings,
                progress=told,
                candidates=candidates,
                remember=remember,
                pictures=pictures,
                evidence=evidence,
            ),
            progress,
        )

    async def add(
        self,
        source: str | Path,
        *,
        published: DateLike | None = None,
        url: str | None = None,
        title: str | None = None,
        place: str | None = None,
        uploader: str | None = None,
        note: str | None = None,
        thumbnails: bool = True,
        progress: Progress | None = None,
    ) -> Added:
        """As `provenance.Archive.add`; see `check` for progress and cancelling."""
        return await self.run(
            lambda archive, told: archive.add(
                source,
                published=published,
                url=url,
                title=title,
                place=place,
                uploader=uploader,
                note=note,
                thumbnails=thumbnails,
                progress=told,
            ),
            progress,
        )

    async def run(
        self, work: Callable[[known.Archive, Progress], T], progress: Progress | None = None
    ) -> T:
        """Anything else with the archive, in one of the threads.

        footages = await archive.run(lambda archive, progress: list(archive.footages()))

        Args:
            work: gets the archive, and a progress to hand on to whatever takes one, so that it can
                be stopped.
            progress: told of what is reported to that one.

        Raises:
            UsageError: it is closed.
        """
        stop = threading.Event()
        try:
            job = self._threads.submit(_done, work, self._archive, _Stoppable(progress, stop))
        except RuntimeError as error:
            raise UsageError(
                f"The archive {self._archive.location} was closed.",
                "Ask within its `async with`, or open it again.",
            ) from error
        result = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            stop.set()
            if not job.cancel():  # it runs: nobody may go on before it has ended
                await _ended(result)
            raise

    async def close(self) -> None:
        """Wait for the work that is running, and let go of all files. Nothing can be asked of it
        any more."""
        await asyncio.to_thread(self._threads.shutdown)
        self._archive.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def check(
    source: str | Path,
    *,
    claim: Claim | None = None,
    archive: Archive | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    candidates: bool = False,
    remember: bool = False,
    pictures: bool = True,
    evidence: bool = False,
) -> Report:
    """As `provenance.check`; without an archive the default one is opened for this call alone."""
    async with contextlib.AsyncExitStack() as stack:
        if archive is None:
            archive = await stack.enter_async_context(Archive.open(settings=settings, at_once=1))
        return await archive.check(
            source,
            claim=claim,
            settings=settings,
            progress=progress,
            candidates=candidates,
            remember=remember,
            pictures=pictures,
            evidence=evidence,
        )


class _Stoppable:
    """The caller's progress, or a silent one, that can be stopped from here, too."""

    def __init__(self, told: Progress | None, stop: threading.Event) -> None:
        self._told = told or Callback()
        self._stop = stop

    def task(self, description: str, total: float | None = None) -> Task:
        return self._told.task(description, total)

    def cancelled(self) -> bool:
        if self._stop.is_set():
            return True
        return isinstance(self._told, Cancellable) and self._told.cancelled()


def _done(
    work: Callable[[known.Archive, Progress], T], archive: known.Archive, progress: Progress
) -> T:
    """What the work gives. A StopIteration (of a bare `next`) is none that asyncio can hand on:
    whoever waits would wait for ever."""
    try:
        return work(archive, progress)
    except StopIteration as error:
        raise RuntimeError("The work raised StopIteration.") from error


async def _ended(result: asyncio.Future[T]) -> None:
    """Wait for the end of work that was stopped, however often the waiting is cancelled."""
    while not result.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([result])
    result.exception()  # so that nobody complains that it was never looked at
