"""Any number of hours of ordinary footage, as an index and as fingerprints, quickly.

What is real and what is simulated: every word, code and place is that of a feature in the pool
(`performance.pool`), and so are the lengths of lists, what recurs from frame to frame and how many
features a frame has. Simulated is how they are put together. Footage (log-normal, five minutes on
average, and none shorter than two) is cut into blocks of sixteen frames; a block's frames are made
of four parts, each from a run of frames somewhere in the pool. No footage has the codes of the pool
as they are: within a block, between one and four of the four parts of every code (each a row of
cells of the patch) are those of other features of the same word. So lists have as many different
codes as lists of that length would have, and a block has its own. What is lost: footage that was
published twice, series of the same place, and logos that stay the same for more than a block; and
words that no feature of the pool has stay empty.

All of it follows from the pool, the hours and a seed. Postings come in the order of their words, so
that an index of any size is written from end to end in little memory; and the fingerprint of any
one footage is made when it is asked for. Both agree: the index has what the fingerprint has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from accuracy.distractors import SIZE

from performance.pool import GAP, PARTS, Pool
from provenance.archive.index import encoded
from provenance.archive.segment_file import WORDS, Postings
from provenance.fingerprints.codebook import CodedFeatures
from provenance.fingerprints.sampling import RICH_SECONDS
from provenance.models import Fingerprint

BLOCK = 16
"""Frames that are cut from the pool in one piece: about a minute."""
MEAN_SECONDS, SPREAD = 300.0, 0.9
"""Of footage; log-normal, as uploads are, before the shortest are made longer."""
LEAST_FRAMES = round(RICH_SECONDS / GAP) + 1
"""Of what is shorter more is kept: an hour of such clips counts as a dozen."""
AT_ONCE = 2_000_000
"""Postings in memory, some hundred bytes each."""

Longs = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Simulation:
    """So many hours of footage.

    Attributes:
        pool: what they are made of.
        hours: wished for; footages are added until there are so many.
        first_id: the catalogue's id of the first footage; the others follow.
    """

    pool: Pool
    hours: float
    first_id: int = 1
    seed: int = 1

    @cached_property
    def frames(self) -> Longs:
        """(S,) sampled frames of each footage."""
        chooser = np.random.default_rng((self.seed, 0))
        wanted = self.hours * 3600 / GAP
        mean = MEAN_SECONDS / GAP
        count = int(wanted / mean * 1.5) + 10
        drawn = mean * np.exp(SPREAD * chooser.standard_normal(count) - SPREAD**2 / 2)
        lengths = np.maximum(LEAST_FRAMES, drawn.round().astype(np.int64))
        return lengths[: int(np.searchsorted(np.cumsum(lengths), wanted)) + 1]

    def seconds(self) -> npt.NDArray[np.float64]:
        """(S,) length of each footage."""
        return (self.frames * GAP).astype(np.float64)

    def most_postings(self) -> int:
        """No fewer than there will be."""
        return int(self._copies.sum())

    def used(self) -> Longs:
        """Words that may have postings, rising."""
        return np.unique(self.pool.words[self._rows[self._copies > 0]]).astype(np.int64)

    def postings(self) -> Iterator[Postings]:
        """All of the index, in rising order of words, each with all of its features at once."""
        for row, salts, ids in self._copied():
            yield Postings(self.pool.words[row], self._rough(row, salts), ids)

    def coded(self) -> Iterator[tuple[CodedFeatures, Longs]]:
        """The same features with the catalogue's codes, and their ids."""
        for row, salts, ids in self._copied():
            yield CodedFeatures(self.pool.words[row], self._fine(row, salts)), ids

    def fingerprint(self, number: int) -> Fingerprint:
        """Of the footage with this number (0 is the first), without pictures."""
        frames = int(self.frames[number])
        pool, block = self.pool, int(self._first_block[number])
        rows, keys, frame = [], [], []
        begins = pool.ends - np.diff(pool.ends, prepend=0)
        blocks = np.arange(block, block + int(self._blocks[number]))
        salts = self._salts(np.arange(PARTS, dtype=np.int8)[:, None], blocks)
        for at in range(frames):
            here = at // BLOCK
            for part in range(PARTS):
                source = int(self._starts[part, block + here]) + at % BLOCK
                mine = np.arange(begins[source], pool.ends[source])
                mine = mine[pool.part[mine] == part]
                rows.append(mine)
                keys.append(np.full(len(mine), salts[part, here]))
                frame.append(np.full(len(mine), at, np.int32))
        row, of_frame = np.concatenate(rows), np.concatenate(frame)
        slot = row - begins[pool.frame[row]]
        order = np.lexsort((slot, of_frame))
        row, key, of_frame = row[order], np.concatenate(keys)[order], of_frame[order]
        places = pool.places[row]
        return Fingerprint(
            times=np.arange(frames, dtype=np.float64) * GAP,
            frame=of_frame,
            points=np.clip(places[:, :2], 0, 1) * np.float32(SIZE[0]),
            scales=places[:, 2] * np.float32(SIZE[0]),
            angles=places[:, 3],
            descriptors=CodedFeatures(pool.words[row], self._fine(row, key)),
            width=SIZE[0],
            height=SIZE[1],
        )

    @cached_property
    def _blocks(self) -> Longs:
        """(S,) blocks of each footage."""
        return -(-self.frames // BLOCK)

    @cached_property
    def _first_block(self) -> Longs:
        return np.cumsum(self._blocks) - self._blocks

    @cached_property
    def _footage(self) -> Longs:
        """(B,) the footage of each block."""
        return np.repeat(np.arange(len(self.frames)), self._blocks)

    @cached_property
    def _starts(self) -> npt.NDArray[np.int32]:
        """(4, B) the frame of the pool at which each part of each block begins."""
        chooser = np.random.default_rng((self.seed, 2))
        last = len(self.pool.ends) - BLOCK
        return chooser.integers(0, last + 1, (PARTS, len(self._footage)), dtype=np.int32)

    @cached_property
    def _by_start(self) -> npt.NDArray[np.int32]:
        """(4, B) blocks in the order of where their parts begin."""
        return np.argsort(self._starts, axis=1, kind="stable").astype(np.int32)

    @cached_property
    def _upto(self) -> Longs:
        """(4, F + 1) how many blocks begin before each frame of the pool."""
        frames = len(self.pool.ends)
        counts = [np.bincount(starts, minlength=frames) for starts in self._starts]
        return np.concatenate([np.zeros((PARTS, 1), np.int64), np.cumsum(counts, axis=1)], axis=1)

    @cached_property
    def _rows(self) -> Longs:
        """Indexed features of the pool in the order of their words."""
        return self.pool.by_word[self.pool.indexed[self.pool.by_word]]

    @cached_property
    def _range(self) -> tuple[Longs, Longs]:
        """For each of `_rows` the first and last (past it) block in `_by_start` that has it."""
        frame, part = self.pool.frame[self._rows], self.pool.part[self._rows]
        return self._upto[part, np.maximum(frame - BLOCK + 1, 0)], self._upto[part, frame + 1]

    @property
    def _copies(self) -> Longs:
        first, last = self._range
        return last - first

    def _copied(self) -> Iterator[tuple[Longs, Keys, Longs]]:
        """`_expanded` of all rows, in runs that fit into memory."""
        ends = np.cumsum(self._copies)
        upto = np.searchsorted(self.pool.words[self._rows], np.arange(WORDS), side="right")
        at = 0
        while at < len(self._rows):
            full = (ends[at - 1] if at else 0) + AT_ONCE
            fitting = upto[upto <= np.searchsorted(ends, full, side="right")]
            # Whole words only; one with too many comes alone.
            stop = max(int(fitting.max(initial=0)), int(upto[upto > at].min()))
            yield self._expanded(at, stop)
            at = stop

    def _expanded(self, start: int, stop: int) -> tuple[Longs, Keys, Longs]:
        """Rows of the pool, salts and ids of all copies of `_rows[start:stop]`."""
        first, last = (ends[start:stop] for ends in self._range)
        counts = last - first
        offset = np.repeat(first - (np.cumsum(counts) - counts), counts)
        row = np.repeat(self._rows[start:stop], counts)
        part = self.pool.part[row]
        block = self._by_start[part, np.arange(len(row)) + offset]
        at = self.pool.frame[row] - self._starts[part, block]
        footage = self._footage[block]
        at += (block - self._first_block[footage]) * BLOCK
        inside = at < self.frames[footage]
        row, part, block = row[inside], part[inside], block[inside]
        at = at[inside]
        ids = encoded(footage[inside] + self.first_id, at, at * float(GAP))
        return row, self._salts(part, block), ids

    def _salts(self, part: npt.NDArray[np.int8] | int, block: Longs) -> Keys:
        """A number of its own for each part of each block."""
        mixed = np.asarray(block, np.uint64) * np.uint64(PARTS) + np.uint64(1)
        return _scrambled(mixed + np.asarray(part).astype(np.uint64) + np.uint64(self.seed << 40))

    def _rough(self, row: Longs, salts: Keys) -> Keys:
        parts = self.pool.rough.astype("<u8").view("<u2").reshape(-1, PARTS)
        return self._mixed(parts, row, salts).view("<u8")[:, 0]

    def _fine(self, row: Longs, salts: Keys) -> npt.NDArray[np.uint8]:
        parts = np.ascontiguousarray(self.pool.codes).view("<u4").reshape(-1, PARTS)
        return self._mixed(parts, row, salts).view(np.uint8).reshape(-1, self.pool.codes.shape[1])

    def _mixed(
        self, parts: npt.NDArray[np.generic], row: Longs, salts: Keys
    ) -> npt.NDArray[np.generic]:
        """(n, 4) parts of codes: a feature's own, or those of others of its word."""
        words = self.pool.words[row].astype(np.int64)
        ends = self.pool.word_ends[words]
        sizes = ends - np.where(words > 0, self.pool.word_ends[words - 1], 0)
        key = _scrambled(salts ^ (words.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)))
        replaced = np.uint64(1) + key % np.uint64(15)
        mixed = np.empty((len(row), PARTS), parts.dtype)
        for part in range(PARTS):
            chosen = (key >> np.uint64(4 + 15 * part)) & np.uint64(0x7FFF)
            other = self.pool.by_word[ends - 1 - chosen.astype(np.int64) % sizes]
            theirs = (replaced >> np.uint64(part)) & np.uint64(1)
            mixed[:, part] = parts[np.where(theirs.astype(bool), other, row), part]
        return mixed


def _scrambled(values: Keys) -> Keys:
    """Numbers that look random, the same for the same ones (splitmix64: Steele, Lea, Flood, "Fast
    splittable pseudorandom number generators", OOPSLA 2014)."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
