"""Wakes the watcher when something changes in a folder.

with Arrivals(folder, recursive=False) as arrivals:
    arrivals.wait(10.0)      # until something changes, somebody calls `wake`, or 10 s are over
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

LISTEN_MS = 1000
"""How long it listens at a time."""
GATHER_MS = 1600
"""Changes that follow one another are told together, after this at the latest."""


class Arrivals:
    """See the module.

    Args:
        events: ask the system to tell; without, `wait` only ends by `wake` or in time. Network
            shares tell nothing of what other machines do.

    Attributes:
        problem: why the system does not tell, in words; "" while it does.
    """

    def __init__(self, folder: Path, *, recursive: bool, events: bool) -> None:
        self._folder = folder
        self._recursive = recursive
        self._changed = threading.Event()
        self._woken = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True) if events else None
        self.problem = ""

    def wait(self, seconds: float) -> bool:
        """Wait for a change, at most so long; whether there was one."""
        self._woken.wait(max(0.0, seconds))
        self._woken.clear()
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    def wake(self) -> None:
        """End the waiting of another thread, also one that begins only now."""
        self._woken.set()

    def _listen(self) -> None:
        from watchfiles import watch

        try:
            # Without a filter of its own: claims come in files that clips do not. The system's
            # queue may overflow, and then nothing is told of it: whoever waits looks now and then.
            # What came before it began to listen is not told of either, so that the first answer,
            # be it that time is over, counts as a change.
            first = True
            for changes in watch(
                self._folder,
                watch_filter=None,
                debounce=GATHER_MS,
                stop_event=self._over,
                recursive=self._recursive,
                raise_interrupt=False,
                rust_timeout=LISTEN_MS,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                if first or changes:
                    first = False
                    self._changed.set()
                    self.wake()
        except Exception as error:  # the folder is gone, or the system has no watches left
            self.problem = f"The system does not tell of changes in {self._folder}: {error}."
        self.wake()

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()
