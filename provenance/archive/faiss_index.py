"""The fast index: immutable segment files, merged as they grow many, in the manner of an LSM tree.

Every addition writes one new small segment and touches no other, so adding costs what is added.
Four segments of about one size are merged into one, so that there are few of them; merging lays
lists end to end and computes nothing. Removed footage is left out of answers at once, and out of
the files when they are merged. The catalogue lists the segments that count; a file that it does not
list is a leftover.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.catalogue import Catalogue
from provenance.archive.index import Nearest, Neighbours, checked, encoded, strongest
from provenance.archive.listed_files import Advance, FileInfo, ListedFiles, untold
from provenance.archive.runs import runs
from provenance.archive.segment_file import (
    SEGMENTS,
    OpenSegment,
    Postings,
    merge_segments,
    write_segment,
)
from provenance.crew import cores

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.fingerprints.codebook import CodedFeatures

FOLDER = "index"
PROBES = 4
"""Lists that are read for each feature that is looked up."""

INDEXED = 2 / 3
"""Share of the features of a frame that are in the index, strongest first; all of them serve
geometry. Measured: docs/performance.md."""

_MERGE_AT = 4  # segments of one tier
_TIER_FACTOR = 4  # features of one tier over those of the tier below
_SMALLEST_TIER = 65_536  # features; 15 minutes of ordinary footage, merged in a moment
# Merging runs under the write lock, and others wait meanwhile: this many take some seconds.
# `compact` knows no limit.
_LARGEST_MERGED = 16_000_000
_INDEXED_AT_ONCE = 4_000_000  # features, when the index is built anew
_LOOKED_UP_AT_ONCE = 256  # descriptors; a thread for fewer would cost more than it gains


class FaissIndex:
    """See `FeatureIndex`.

    Args:
        catalogue: the truth, which also lists the segments.
        folder: where segment files are.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._database = catalogue.database
        self._files = ListedFiles(catalogue.database, folder, SEGMENTS)
        self._open: dict[str, OpenSegment] = {}  # replaced, never changed: threads share it

    def renew(self) -> None:
        """Build the index from the catalogue where an older version's was given up."""
        asked = "SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'index_is_old')"
        if not self._database.row(asked)[0]:
            return
        with self._database.write():
            if self._database.row(asked)[0]:  # nobody was quicker
                self._files.delete_leftovers()
                self._index_missing()
                self._database.execute("DELETE FROM meta WHERE name = 'index_is_old'")
        self.tidy()

    def add(self, footage_ids: list[int]) -> None:
        """See `FeatureIndex.add`: one new segment for all of them."""
        self._files.delete_leftovers()
        self._write(footage_ids)

    def remove(self, footage_id: int) -> None:
        """See `FeatureIndex.remove`: noted, and left out of answers from now on."""
        self._files.delete_leftovers()
        self._database.execute(
            "INSERT INTO index_removed (footage_id, segment_id)"
            " SELECT footage_id, segment_id FROM index_segment_footage WHERE footage_id = ?",
            (footage_id,),
        )
        self._database.execute(
            "DELETE FROM index_segment_footage WHERE footage_id = ?", (footage_id,)
        )
        for (segment_id,) in self._database.rows(
            "SELECT id FROM index_segment WHERE id NOT IN"
            " (SELECT segment_id FROM index_segment_footage)"
        ):
            self._files.drop(segment_id)

    def compact(self, advance: Advance = untold) -> None:
        """See `FeatureIndex.compact`: one segment of all, without what was removed.

        Args:
            advance: told how many features are done, of each twice: see `merge_segments`.
        """
        with self._database.write():
            self._files.delete_leftovers()
            segments = list(self._files.listed())
            if len(segments) > 1 or self._removed():
                self._merge(segments, advance)

    def tidy(self) -> None:
        """See `FeatureIndex.tidy`: merges segments of one size when there are many."""
        while _crowded(self._sizes()):
            with self._database.write():
                self._files.delete_leftovers()
                if crowd := _crowded(self._sizes()):  # another process may have been quicker
                    self._merge(crowd)

    def features(self) -> int:
        """How many there are, those of footage that was just removed too."""
        return sum(self._sizes().values())

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int, without: Set[int] = frozenset()
    ) -> Neighbours:
        """See `FeatureIndex.search`."""
        from provenance.fingerprints.codebook import codebook

        checked(descriptors, k)
        book, segments = codebook(), self._segments()
        passed_over = without | set(self._removed())
        _ = book.quantizer  # made once, not by each thread

        def searched(part: npt.NDArray[np.uint8]) -> Neighbours:
            nearest = Nearest(len(part), k)
            if not len(part):
                return nearest.neighbours()
            queries = part.astype(np.float32)
            _, words = book.nearest(part, PROBES)
            for segment in segments:
                nearest.merge(*segment.search(book, queries, words, k, passed_over))
            return nearest.neighbours()

        # FAISS goes through lists with one thread whatever it is told, and lets others run.
        threads = max(1, min(cores(), len(descriptors) // _LOOKED_UP_AT_ONCE))
        parts = np.array_split(descriptors, threads)
        with ThreadPoolExecutor(threads) as pool:
            return Neighbours.joined(list(pool.map(searched, parts)))

    def close(self) -> None:
        """See `FeatureIndex.close`."""
        self._open = {}

    def bytes(self) -> int:
        """How large its files are."""
        return self._files.bytes()

    def problems(self, advance: Advance = untold) -> list[str]:
        """What is wrong with the index, in words. Others may go on meanwhile.

        Args:
            advance: told how many bytes were read; all are.
        """
        return self._files.problems(advance) + [
            f"Footage {footage_id} is not in the index." for footage_id in self._unindexed()
        ]

    def repair(self, advance: Advance = untold) -> list[str]:
        """Delete leftovers, drop what is damaged, index what is not; says what was done.

        Must run outside of `Database.write`.

        Args:
            advance: told how many bytes were read; all are.
        """
        with self._database.write():
            done = self._files.delete_leftovers() + self._files.drop_damaged(advance)
            if missing := self._index_missing():
                done.append(f"Indexed {missing} footages again from the catalogue.")
        self.tidy()
        return done

    def _index_missing(self) -> int:
        """Index what is not, inside a running `Database.write`; how many footages that were."""
        missing = self._unindexed()
        counts = self._catalogue.feature_counts()
        for first, last in runs([counts[one] for one in missing], _INDEXED_AT_ONCE):
            self._write(missing[first:last])
        return len(missing)

    def _write(self, footage_ids: Sequence[int]) -> None:
        """Write and register one segment, inside a running `Database.write`."""
        parts = [self._postings(footage_id) for footage_id in footage_ids]
        postings = Postings.joined(parts)
        if not len(postings.ids):
            return
        members = [i for i, part in zip(footage_ids, parts, strict=True) if len(part.ids)]
        self._add(lambda folder: write_segment(folder, postings), members)

    def _postings(self, footage_id: int) -> Postings:
        """The features of a footage as the index holds them."""
        from provenance.fingerprints.codebook import codebook

        coded, keys = indexed(footage_id, *self._catalogue.features(footage_id))
        return Postings(coded.words, codebook().rough_codes(coded), keys)

    def _merge(self, segment_ids: Sequence[int], advance: Advance = untold) -> None:
        """Make one segment of several, inside a running `Database.write`."""
        listed, removed = self._files.listed(), self._removed(segment_ids)
        members = [member for segment in segment_ids for member in self._members(segment)]

        def merged(folder: Path) -> FileInfo:
            segments = [OpenSegment(folder, listed[segment]) for segment in segment_ids]
            return merge_segments(folder, segments, removed, advance)

        self._add(merged, members, instead_of=segment_ids)

    def _removed(self, segment_ids: Sequence[int] | None = None) -> list[int]:
        """Footages that are removed and still in these segments, or in any."""
        rows = self._database.rows("SELECT footage_id, segment_id FROM index_removed")
        return [row[0] for row in rows if segment_ids is None or row[1] in segment_ids]

    def _add(
        self,
        write: Callable[[Path], FileInfo],
        members: Sequence[int],
        instead_of: Sequence[int] = (),
    ) -> None:
        """Write and list one segment, inside a running `Database.write`.

        Args:
            members: the footage in it.
            instead_of: segments of which it holds all that counts.
        """
        segment_id = self._files.add(write)
        for former in instead_of:
            self._files.drop(former)
        self._database.execute_many(
            "INSERT INTO index_segment_footage (footage_id, segment_id) VALUES (?, ?)",
            ((member, segment_id) for member in members),
        )

    def _segments(self) -> list[OpenSegment]:
        """All segments, open. Raises ArchiveDamagedError where one is not as it was."""
        known = self._open
        self._open = opened = self._files.opened(
            lambda folder, info: known.get(info.file) or OpenSegment(folder, info)
        )
        return list(opened.values())

    def _sizes(self) -> dict[int, int]:
        return {segment_id: info.items for segment_id, info in self._files.listed().items()}

    def _members(self, segment_id: int) -> list[int]:
        rows = self._database.rows(
            "SELECT footage_id FROM index_segment_footage WHERE segment_id = ? ORDER BY footage_id",
            (segment_id,),
        )
        return [row[0] for row in rows]

    def _unindexed(self) -> list[int]:
        rows = self._database.rows(
            "SELECT footage_id FROM fingerprint WHERE features > 0 AND footage_id NOT IN"
            " (SELECT footage_id FROM index_segment_footage) ORDER BY footage_id"
        )
        return [row[0] for row in rows]


def indexed(
    footage_id: int,
    times: npt.NDArray[np.float64],
    frame: npt.NDArray[np.int32],
    coded: CodedFeatures,
) -> tuple[CodedFeatures, npt.NDArray[np.int64]]:
    """The features of a footage that the index has, and their encoded ids.

    Args:
        times: (F,) seconds of each frame.
        frame, coded: (N,) of all features, by frame, strongest first.
    """
    from provenance.fingerprints.codebook import CodedFeatures

    rows = strongest(frame, INDEXED)
    keys = encoded(footage_id, frame[rows], times[frame[rows]])
    return CodedFeatures(coded.words[rows], coded.codes[rows]), keys


def _crowded(sizes: dict[int, int]) -> list[int]:
    """Segments that should become one: the oldest of the lowest tier that holds too many."""
    tiers: dict[int, list[int]] = defaultdict(list)
    for segment, vectors in sizes.items():
        tier, bound = 0, _SMALLEST_TIER
        while vectors >= bound:
            tier, bound = tier + 1, bound * _TIER_FACTOR
        tiers[tier].append(segment)
    for tier in sorted(tiers):
        crowd, total = [], 0
        for segment in tiers[tier]:
            if total + sizes[segment] <= _LARGEST_MERGED:
                crowd.append(segment)
                total += sizes[segment]
        if len(crowd) >= _MERGE_AT:
            return crowd
    return []
