"""Threads that work beside the caller's, and the children that they start, ended together.

    with Crew(2) as crew:
        sound = crew.submit(listen, path)
        pictures = look(path)
        return pictures, sound.result()

When the block is left by an error, Ctrl-C among them, every child process of these threads, and of
crews within them, is ended, so that nobody waits for work that nobody wants. What they compute
themselves stops at its next `checkpoint`.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from provenance.errors import InterruptedWorkError

P = ParamSpec("P")
T = TypeVar("T")

ASKED_EVERY = 0.1
"""Seconds between two questions whether work is still wanted."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """See the module. Threads are started as they are needed, at most so many."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads)
        self._lock = threading.Lock()
        self._ends: dict[int, Callable[[], None]] = {}
        self._over = False
        self._outer: contextlib.AbstractContextManager[None] = contextlib.nullcontext()

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Let a thread of the crew do this. Raises InterruptedWorkError where it has ended."""
        self.check()
        context = copy_context()
        context.run(_current.set, self)
        return self._executor.submit(context.run, partial(work, *args, **kwargs))

    def end(self) -> None:
        """End all children, refuse new ones, and stop work at its next checkpoint."""
        with self._lock:
            self._over = True
            ends = list(self._ends.values())
        for end in ends:
            end()

    def check(self) -> None:
        """Raises InterruptedWorkError where the crew has ended."""
        if self._over:
            raise InterruptedWorkError("The work was stopped.")

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """Within the block the calling thread belongs to the crew, with the children it starts.

        Not for generators: their caller would belong to it, too, between two values.
        """
        before = _current.set(self)
        try:
            yield
        finally:
            _current.reset(before)

    @contextlib.contextmanager
    def ended_when(self, unwanted: Callable[[], bool]) -> Iterator[None]:
        """Within the block, the crew ends once `unwanted`, which is asked every `ASKED_EVERY`
        seconds from a thread of its own, answers True. What it raises ends the crew, too, and is
        raised from the block."""
        done = threading.Event()
        failures: list[BaseException] = []

        def ask() -> None:
            try:
                while not unwanted():
                    if done.wait(ASKED_EVERY):
                        return
            except BaseException as failure:
                failures.append(failure)
            self.end()

        asking = threading.Thread(target=ask, name="provenance-wanted", daemon=True)
        asking.start()
        try:
            yield
        except InterruptedWorkError:
            if failures:
                raise failures[0] from None
            raise
        finally:
            done.set()
            asking.join()

    @contextlib.contextmanager
    def watching(self, end: Callable[[], None]) -> Iterator[None]:
        """Within the block, `end` is called when the crew ends. Raises InterruptedWorkError where
        it has ended already."""
        with self._lock:
            self.check()
            self._ends[id(end)] = end
        try:
            yield
        finally:
            with self._lock:
                del self._ends[id(end)]

    def __enter__(self) -> Self:
        self._outer = ended_with_crew(self.end)
        self._outer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind:
                self.end()
            self._executor.shutdown(wait=True, cancel_futures=kind is not None)
        finally:
            self._outer.__exit__(kind, error, trace)


_current: ContextVar[Crew | None] = ContextVar("crew", default=None)


def ended_with_crew(end: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
    """Within the block, `end` is called (from another thread) when the crew that the calling thread
    belongs to ends; without one, never."""
    crew = _current.get()
    return crew.watching(end) if crew else contextlib.nullcontext()


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Within the block the calling thread belongs to no crew: for what has to be put down although
    the crew has ended."""
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)


def checkpoint() -> None:
    """Raises InterruptedWorkError when the crew that the calling thread belongs to has ended. Long
    computations call it now and then; outside of a crew it does nothing."""
    crew = _current.get()
    if crew:
        crew.check()
