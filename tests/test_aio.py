"""Checks on asyncio: so many at once, never in the way of the event loop, stopped at once."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from leftovers import children, nothing_left
from web import web_server

from provenance import (
    Archive,
    Callback,
    Claim,
    MissingMediaError,
    Progress,
    ProgressEvent,
    Settings,
    UsageError,
    aio,
)

T = TypeVar("T")


@pytest.fixture
def folder(sample_archive: Archive, tmp_path: Path) -> Path:
    """A copy of the sample archive that may be written."""
    return Path(shutil.copytree(sample_archive.location, tmp_path / "archive"))


async def while_the_loop_is_watched(work: Awaitable[T]) -> tuple[T, int]:
    """What the work gives, and how often the event loop had a turn meanwhile."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    result = await work
    counting.cancel()
    return result, turns


def test_a_check_gives_its_report_and_leaves_the_event_loop_free(
    folder: Path, samples: Path
) -> None:
    async def main() -> None:
        async with aio.Archive.open(folder) as archive:
            claim = Claim("...", date="2024-10-29")
            report, turns = await while_the_loop_is_watched(
                aio.check(samples / "checks/reused.mp4", claim=claim, archive=archive)
            )
            assert report.verdict
            assert report.verdict.label == "earlier_appearance"
            assert turns > 100
            added = await archive.add(samples / "checks/unrelated.mp4", title="New")
            titles = await archive.run(lambda a, _: [a.footage(n).title for n in (5,)])
            assert (added.new, titles) == (True, ["New"])
            with pytest.raises(MissingMediaError):
                await archive.check("missing.mp4")

    asyncio.run(main())


def test_without_an_archive_the_default_one_is_asked(folder: Path, samples: Path) -> None:
    report = asyncio.run(
        aio.check(samples / "checks/reused.mp4", settings=Settings(archive=str(folder)))
    )
    assert report.matches[0].accepted


def test_so_many_works_run_at_once_and_no_more(folder: Path) -> None:
    running: list[int] = []
    most: list[int] = []

    def work(archive: Archive, progress: object) -> int:
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()
        return archive.state().footages

    async def main() -> None:
        async with aio.Archive.open(folder, at_once=3) as archive:
            assert await asyncio.gather(*(archive.run(work) for _ in range(12))) == [4] * 12
        assert max(most) == 3

    asyncio.run(main())


def stopped(work: Callable[[aio.Archive, Callback], Awaitable[object]], folder: Path) -> None:
    """Cancel this work once it has begun; it has ended by the time that its task has."""

    before = children()  # of other tests: what multiprocessing has once started stays

    async def main() -> None:
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def see(event: ProgressEvent) -> None:
            loop.call_soon_threadsafe(begun.set)

        async with aio.Archive.open(folder) as archive:
            task = asyncio.ensure_future(work(archive, Callback(see)))
            await begun.wait()
            task.cancel()
            for _ in range(3):  # whoever is impatient does not shorten it
                await asyncio.sleep(0)
                task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert children() == before

    asyncio.run(main())


def test_a_cancelled_check_has_ended_when_its_task_has(
    folder: Path, samples: Path, tmp_path: Path
) -> None:
    with nothing_left(tmp_path):
        stopped(lambda a, told: a.check(samples / "checks/reused.mp4", progress=told), folder)


def test_a_cancelled_download_has_ended_when_its_task_has(folder: Path, tmp_path: Path) -> None:
    settings = Settings(download_stall=600.0)
    with nothing_left(tmp_path), web_server() as web:
        url = web.stalling("/clip.mp4", b"\0" * 5000, after=1000)
        stopped(lambda a, told: a.check(url, settings=settings, progress=told), folder)


def test_a_cancelled_addition_adds_nothing(folder: Path, samples: Path, tmp_path: Path) -> None:
    clip = samples / "checks/unrelated.mp4"
    with nothing_left(tmp_path):
        stopped(lambda a, told: a.add(clip, progress=told), folder)
    with Archive.open(folder) as archive:
        assert len(list(archive.footages())) == 4
        assert archive.check_soundness() == []


def test_a_closed_archive_says_so(folder: Path) -> None:
    async def main() -> None:
        async with aio.Archive.open(folder) as archive:
            pass
        with pytest.raises(UsageError, match="was closed"):
            await archive.check("clip.mp4")

    asyncio.run(main())


def test_what_waits_for_its_turn_is_cancelled_without_ever_running(folder: Path) -> None:
    go, ran = threading.Event(), []

    async def main() -> None:
        async with aio.Archive.open(folder, at_once=1) as archive:
            first = asyncio.ensure_future(archive.run(lambda a, p: go.wait()))
            await asyncio.sleep(0.01)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(archive.run(lambda a, p: ran.append(1)), 0.05)
            go.set()
            assert await first

    asyncio.run(main())
    assert ran == []


def test_what_work_raises_reaches_whoever_waits_whatever_it_is(folder: Path) -> None:
    def ended(archive: Archive, progress: Progress) -> None:
        next(iter(()))

    def left(archive: Archive, progress: Progress) -> None:
        raise KeyError("of the caller")

    async def main() -> None:
        async with aio.Archive.open(folder) as archive:
            with pytest.raises(RuntimeError, match="StopIteration"):
                await asyncio.wait_for(archive.run(ended), 20)
            with pytest.raises(KeyError, match="of the caller"):
                await archive.run(left)

    asyncio.run(main())
