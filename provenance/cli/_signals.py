"""Signals that end the program, so that none is lost."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

_SOON = 0.01  # seconds


Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def answered(numbers: Iterable[int], handler: Handler) -> Iterator[None]:
    """Within the block, these signals are answered by the handler."""
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in before:
            signal.signal(number, handler)
        yield
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)


@contextlib.contextmanager
def raised_for_certain() -> Iterator[None]:
    """Within the block, what a signal raises arrives.

    Where the signal comes while a destructor or the callback of a weak reference is running, Python
    prints what is raised there and goes on as if nothing had been (seen: a program that was told to
    end waited for ever). It is raised again a moment later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        kind = lost.exc_type  # the error itself would keep alive all that its frames hold
        if issubclass(kind, Exception):
            usual(lost)
            return

        def again(number: int, frame: FrameType | None) -> None:
            raise kind

        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, _SOON)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = usual
