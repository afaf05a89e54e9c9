"""Videos as rows of bits, one a second; a pair scores the share of the query's rows that match."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from accuracy.truth import Found

Bits = NDArray[np.uint8]
"""(frames, bits) of 0 and 1."""


def compare(queries: Mapping[str, Bits], known: Mapping[str, Bits], distance: int) -> list[Found]:
    """Every pair of which anything matches.

    Args:
        distance: bits in which two hashes of the same picture may differ.
    """
    found = []
    for query, rows in queries.items():
        for name, others in known.items():
            if not len(rows) or not len(others):
                continue
            share = float((_nearest(rows, others) <= distance).mean())
            if share > 0:
                found.append(Found(query, name, share))
    return found


def _nearest(rows: Bits, others: Bits) -> NDArray[np.float32]:
    """Hamming distance of each row to the nearest of the others."""
    one, two = rows.astype(np.float32), others.astype(np.float32)
    apart = one.sum(1)[:, None] + two.sum(1)[None] - 2 * one @ two.T
    return np.asarray(apart.min(1), np.float32)
