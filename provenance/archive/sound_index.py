"""Which moments of known sound are like these? Every item of the archive is looked at.

An item is 4 bytes, and an hour of sound 115 kB: to read through all of it takes less time than a
check spends on its pictures (measured: see docs/sound.md). Most of it is read where it lies in the
file of sound (`archive.sound_store`), mapped from the disk; what the file lacks comes from the
catalogue, when it is first needed and where footage has come.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.catalogue import Catalogue
from provenance.archive.sound_store import SoundFiles
from provenance.crew import checkpoint

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
_JOINED = 1 << 20  # items; runs shorter than that are made longer
_NO_IDS = np.zeros(0, np.int64)

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


@dataclass(frozen=True, eq=False)
class _Run:
    """The sound of some footage, one behind the other: (N,) ids and item counts, all items."""

    footage: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    codes: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, npt.NDArray[np.uint32]]]) -> _Run:
        return cls(
            np.array([footage for footage, _ in pairs], np.int64),
            np.array([len(codes) for _, codes in pairs], np.int64),
            np.concatenate([np.zeros(0, np.uint32), *(codes for _, codes in pairs)]),
        )

    def then(self, other: _Run) -> _Run:
        return _Run(
            np.concatenate([self.footage, other.footage]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.codes, other.codes]),
        )


class _Known:
    """All known sound at one moment.

    Args:
        runs: hold it; no footage is in two of them.
        footage: (N,) ids of the footage that is there, rising. What else the runs hold is gone.
    """

    def __init__(self, runs: Sequence[_Run], footage: npt.NDArray[np.int64]) -> None:
        self.runs = runs
        self._footage = np.concatenate([_NO_IDS, *(run.footage for run in runs)])
        counts = np.concatenate([_NO_IDS, *(run.counts for run in runs)])
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        there = np.isin(self._footage, footage)
        self._there = None if there.all() else there

    def hits(self, wanted: _Wanted) -> Iterator[_Hits]:
        """Near items, with places counted from the first item of the first run."""
        first = 0
        for run in self.runs:
            for start in range(0, len(run.codes), _CHUNK):
                hits = wanted.among(run.codes[start : start + _CHUNK], first + start)
                if self._there is not None:
                    kept = self._there[self._member(hits[1])]
                    hits = (hits[0][kept], hits[1][kept], hits[2][kept])
                yield hits
            first += len(run.codes)

    def named(self, query: npt.NDArray[np.int64], place: npt.NDArray[np.int64]) -> SoundHits:
        """Hits by footage."""
        member = self._member(place)
        return SoundHits(query, self._footage[member], place - self._starts[member])

    def _member(self, place: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        return np.searchsorted(self._starts, place, "right") - 1


class SoundIndex:
    """Looks through the sound of all known footage. Threads may share it.

    Args:
        catalogue: the truth.
        folder: where the file of sound is.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._files = SoundFiles(catalogue, folder)
        self._lock = threading.Lock()
        self._stamp: tuple[object, ...] | None = None
        self._known = _Known([], _NO_IDS)
        self._read: list[_Run] = []  # from the catalogue

    def search(self, codes: npt.NDArray[np.uint32], key_flips: int = KEY_FLIPS) -> SoundHits:
        """Known items near any of these (Q,) uint32 items, in no order.

        Args:
            key_flips: bits of the key in which they may differ; 0 finds about half as many of the
                near ones, in a twentieth of the time.

        Raises:
            ArchiveDamagedError: the catalogue cannot be read.
        """
        known = self._refreshed()
        wanted = _Wanted(codes, key_flips)
        nearest = _Nearest(len(codes))
        for hits in known.hits(wanted):
            checkpoint()
            nearest.take(hits)
        query, place, _ = nearest.hits()
        return known.named(query, place)

    def _refreshed(self) -> _Known:
        with self._lock:
            stamp = self._catalogue.sound_stamp()
            if stamp == self._stamp:
                return self._known
            # What comes or goes from here on is perhaps seen and perhaps not; the stamp is older,
            # so that the next look-up finds out.
            footage, counts = self._catalogue.heard()
            file = self._files.opened()
            held = _NO_IDS if file is None else file.footage
            # What was read before stays, unless all of it is gone or the file holds some of it now.
            self._read = [
                run
                for run in self._read
                if np.isin(run.footage, footage).any() and not np.isin(run.footage, held).any()
            ]
            runs = [] if file is None else [_Run(file.footage, file.counts, file.codes)]
            held = np.concatenate([held, *(run.footage for run in self._read)])
            new = ~np.isin(footage, held)
            for pairs in self._files.read(footage[new], counts[new]):
                self._keep(_Run.of(pairs))
            self._known = _Known([*runs, *self._read], footage)
            self._stamp = stamp
            return self._known

    def _keep(self, run: _Run) -> None:
        """Small runs are joined, so that a long life with many additions has no long list."""
        if self._read and len(self._read[-1].codes) < _JOINED:
            run = self._read.pop().then(run)
        self._read.append(run)


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


class _Nearest:
    """Of each item that was looked up the nearest hits, `MOST_HITS` and no distance torn apart:
    the same ones in whatever order and pieces they come."""

    def __init__(self, queries: int) -> None:
        self._parts: list[_Hits] = [_None]
        self._size = 0
        self._tidy_at = _TIDY_AT
        self._bound = np.full(queries, NEAR + 1)  # at this distance they have become too many

    def take(self, hits: _Hits) -> None:
        """Further hits."""
        if len(hits[0]):
            self._parts.append(hits)
            self._size += len(hits[0])
            if self._size > self._tidy_at:
                self._tidy_at = max(_TIDY_AT, 2 * len(self.hits()[0]))

    def hits(self) -> _Hits:
        """The nearest so far."""
        query, place, distance = (
            np.concatenate([part[k] for part in self._parts]) for k in range(3)
        )
        if len(query) > MOST_HITS:
            count = np.bincount(
                query * (NEAR + 1) + distance, minlength=len(self._bound) * (NEAR + 1)
            )
            many = np.cumsum(count.reshape(-1, NEAR + 1), axis=1) > MOST_HITS
            bound = np.where(many.any(axis=1), many.argmax(axis=1), NEAR + 1)
            self._bound = np.minimum(self._bound, bound)
            kept = (distance < self._bound[query]) | (distance == 0)
            query, place, distance = query[kept], place[kept], distance[kept]
        self._parts, self._size = [(query, place, distance)], len(query)
        return query, place, distance
