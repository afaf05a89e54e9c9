"""Which moments of known sound are like these? Every item of the archive is looked at.

An item is 4 bytes, and an hour of sound 115 kB: to read through all of it takes less time than a
check spends on its pictures (measured: see docs/sound.md), and there is no file that could
be damaged, left behind or out of step with the catalogue. The items are read from the catalogue
when they are first needed, and again where footage has come or gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.catalogue import Catalogue

if TYPE_CHECKING:
    import numpy.typing as npt

KEY_SHIFT = 14
"""Items are first compared by the 18 bits above this one. Over a telephone 7.7 % of them change and
9.7 % of the 14 below, at another tempo (1.06) 6.5 and 8.3 %."""
_KEY_BITS = 32 - KEY_SHIFT
KEY_FLIPS = 1
"""Bits of the key in which a known item may differ from the one that is looked up."""
NEAR = 8
"""Bits of all 32 in which it may differ."""
MOST_HITS = 400
"""Where more known items are near one that is looked up, only the nearest of them count: it is a
common one, and its votes would drown the others."""
_TIDY_AT = 1 << 20  # hits that are gathered before the nearest are chosen among them
_CHUNK = 1 << 17  # items looked at in one go; bounds memory where both sounds are monotonous


_Hits = tuple["npt.NDArray[np.int64]", "npt.NDArray[np.int64]", "npt.NDArray[np.int64]"]
_None: _Hits = (np.zeros(0, np.int64),) * 3


@dataclass(frozen=True, eq=False)
class SoundHits:
    """Known items that are near items that were looked up.

    Attributes:
        query: (H,) int64, index of the item that was looked up.
        footage: (H,) int64, id of the footage.
        item: (H,) int64, index of the item in that footage's sound.
    """

    query: npt.NDArray[np.int64]
    footage: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]


class SoundIndex:
    """Looks through the sound of all known footage.

    Args:
        catalogue: holds the items.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._stamp: tuple[int, ...] | None = None
        self._codes = np.zeros(0, np.uint32)
        self._footage = np.zeros(0, np.int64)
        self._starts = np.zeros(1, np.int64)

    def search(self, codes: npt.NDArray[np.uint32], key_flips: int = KEY_FLIPS) -> SoundHits:
        """Known items near any of these (Q,) uint32 items.

        Args:
            key_flips: bits of the key in which they may differ; 0 finds about half as many of the
                near ones, in a twentieth of the time.

        Raises:
            ArchiveDamagedError: the catalogue cannot be read.
        """
        self._refresh()
        wanted = _Wanted(codes, key_flips)
        parts, size = [_None], 0
        for start in range(0, len(self._codes), _CHUNK):
            parts.append(wanted.among(self._codes[start : start + _CHUNK], start))
            size += len(parts[-1][0])
            if size > _TIDY_AT:
                parts = [_nearest(parts)]
                size = len(parts[0][0])
        hits = _nearest(parts)
        query, place, _ = hits
        member = np.searchsorted(self._starts, place, "right") - 1
        return SoundHits(query, self._footage[member], place - self._starts[member])

    def _refresh(self) -> None:
        with self._catalogue.database.read():
            stamp = self._catalogue.sound_stamp()
            if stamp == self._stamp:
                return
            pairs = self._catalogue.sound_codes()
        self._footage = np.array([footage for footage, _ in pairs], np.int64)
        lengths = [len(codes) for _, codes in pairs]
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._codes = np.concatenate([codes for _, codes in pairs] or [np.zeros(0, np.uint32)])
        self._stamp = stamp


class _Wanted:
    """The items that are looked up, by all keys that a near item may have."""

    def __init__(self, codes: npt.NDArray[np.uint32], key_flips: int) -> None:
        flips = [0] + [
            sum(1 << bit for bit in bits)
            for count in range(1, key_flips + 1)
            for bits in combinations(range(_KEY_BITS), count)
        ]
        keys = (codes[:, None] >> np.uint32(KEY_SHIFT)) ^ np.array(flips, np.uint32)
        order = np.argsort(keys, axis=None, kind="stable")
        self._codes = codes
        self._query = np.repeat(np.arange(len(codes)), len(flips))[order]
        self._counts = np.bincount(keys.ravel(), minlength=1 << _KEY_BITS)
        self._first = np.cumsum(self._counts) - self._counts
        self._table = self._counts > 0

    def among(self, known: npt.NDArray[np.uint32], first: int) -> _Hits:
        """(H,) query index, (H,) place of the known item counted from `first`, (H,) distance."""
        places = np.nonzero(self._table[known >> np.uint32(KEY_SHIFT)])[0]
        keys = known[places] >> np.uint32(KEY_SHIFT)
        low, counts = self._first[keys], self._counts[keys]
        place = np.repeat(places, counts)
        ends = np.cumsum(counts)
        within = np.arange(len(place)) - np.repeat(ends - counts, counts)
        query = self._query[np.repeat(low, counts) + within]
        distance = np.bitwise_count(known[place] ^ self._codes[query]).astype(np.int64)
        near = distance <= NEAR
        return query[near], place[near] + first, distance[near]


def _nearest(parts: Sequence[_Hits]) -> _Hits:
    """Of each item that was looked up the nearest hits, `MOST_HITS` and no distance torn apart."""
    query, place, distance = (np.concatenate([part[k] for part in parts]) for k in range(3))
    if len(query) <= MOST_HITS:
        return query, place, distance
    count = np.bincount(query * (NEAR + 1) + distance, minlength=(query.max() + 1) * (NEAR + 1))
    upto = np.cumsum(count.reshape(-1, NEAR + 1), axis=1)
    kept = (upto[query, distance] <= MOST_HITS) | (distance == 0)
    return query[kept], place[kept], distance[kept]
