"""Long work in pieces that fit into memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def runs(
    sizes: Sequence[int] | npt.NDArray[np.int64], most: int, longest: int = sys.maxsize
) -> Iterator[tuple[int, int]]:
    """Where to cut things of these sizes: (first, last + 1) of runs that hold `most` at the most
    together, or one thing, and are no more than `longest` things."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + most, side="right"))
        last = min(max(last, first + 1), first + longest, len(sizes))
        yield first, last
        first = last
