"""How quickly long work goes, and how long it will."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")
TELL_EVERY = 2.0
"""Seconds between two words of it."""


def paced(
    parts: Iterable[Part], what: str, total: int, size: Callable[[Part], int]
) -> Iterator[Part]:
    """The parts as they are; says how quickly they come and how long they will.

    Args:
        total: the sum of their sizes, or a little more.
    """
    start, before, done = time.monotonic(), 0.0, 0
    for part in parts:
        yield part
        done += size(part)
        took = time.monotonic() - start
        if took - before > TELL_EVERY:
            before = took
            rate, left = done / took, took * max(0, total - done) / max(done, 1)
            line = f"\r{what}: {done:,} of {total:,}, {rate:,.0f} a second, {left:.0f} s left  "
            print(line, end="", file=sys.stderr, flush=True)
    if before:
        print(file=sys.stderr)
