"""The fast index: immutable segment files, merged as they grow many, in the manner of an LSM tree.

Every addition writes one new small segment and touches no other, so adding costs what is added.
Four segments of about one size are merged into one, so that there are few of them; merging lays
lists end to end and computes nothing. Removed footage is left out of answers at once, and out of
the files when they are merged. The catalogue lists the segments that count; a file that it does not
list is a leftover.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import leftovers
from provenance.archive.catalogue import Catalogue, now
from provenance.archive.durable import sha256_of
from provenance.archive.index import Nearest, Neighbours, checked, encoded, footage_of, strongest
from provenance.archive.segment_file import (
    OpenSegment,
    Postings,
    SegmentInfo,
    UnreadableSegmentError,
    merge_segments,
    segment_files,
    write_segment,
)
from provenance.crew import cores
from provenance.errors import REPAIR_HINT, ArchiveDamagedError

if TYPE_CHECKING:
    import numpy.typing as npt

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
_REREADS = 5  # times a reader follows a list of segments that changes under its hands


class FaissIndex:
    """See `FeatureIndex`.

    Args:
        catalogue: the truth, which also lists the segments.
        folder: where segment files are.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._database = catalogue.database
        self._folder = folder
        self._open: dict[str, OpenSegment] = {}
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Build the index from the catalogue where an older version's was given up."""
        asked = "SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'index_is_old')"
        if not self._database.row(asked)[0]:
            return
        with self._database.write():
            if self._database.row(asked)[0]:  # nobody was quicker
                self._sweep()
                self._index_missing()
                self._database.execute("DELETE FROM meta WHERE name = 'index_is_old'")
        self.tidy()

    def add(self, footage_ids: list[int]) -> None:
        """See `FeatureIndex.add`: one new segment for all of them."""
        self._sweep()
        self._write(footage_ids)

    def remove(self, footage_id: int) -> None:
        """See `FeatureIndex.remove`: noted, and left out of answers from now on."""
        self._sweep()
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
            self._drop(segment_id)

    def compact(self) -> None:
        """See `FeatureIndex.compact`: one segment of all, without what was removed."""
        with self._database.write():
            self._sweep()
            if len(self._infos()) > 1 or self._removed():
                self._merge(list(self._infos()))

    def tidy(self) -> None:
        """See `FeatureIndex.tidy`: merges segments of one size when there are many."""
        while _crowded(self._sizes()):
            with self._database.write():
                self._sweep()
                if crowd := _crowded(self._sizes()):  # another process may have been quicker
                    self._merge(crowd)

    def features(self) -> int:
        """See `FeatureIndex.features`."""
        return sum(self._sizes().values())

    def search(self, descriptors: npt.NDArray[np.uint8], k: int) -> Neighbours:
        """See `FeatureIndex.search`."""
        from provenance.fingerprints.codebook import codebook

        checked(descriptors, k)
        book, segments, removed = codebook(), self._segments(), self._removed()
        _ = book.quantizer  # made once, not by each thread

        def searched(part: npt.NDArray[np.uint8]) -> Neighbours:
            nearest = Nearest(len(part), k)
            if not len(part):
                return nearest.neighbours()
            queries = part.astype(np.float32)
            products, words = book.nearest(part, PROBES)
            for segment in segments:
                keys, found = segment.search(book, queries, words, products, k)
                if removed:
                    keys = np.where(np.isin(footage_of(keys), removed), -1, keys)
                nearest.merge(keys, found)
            return nearest.neighbours()

        # FAISS goes through lists with one thread whatever it is told, and lets others run.
        threads = max(1, min(cores(), len(descriptors) // _LOOKED_UP_AT_ONCE))
        parts = np.array_split(descriptors, threads)
        with ThreadPoolExecutor(threads) as pool:
            return Neighbours.joined(list(pool.map(searched, parts)))

    def close(self) -> None:
        """See `FeatureIndex.close`."""
        with self._lock:
            self._open.clear()

    def problems(self) -> list[str]:
        """What is wrong with the index, in words. Reads every file; others may go on meanwhile."""
        found = []
        for info in self._infos().values():
            path = self._folder / info.file
            try:
                sound = sha256_of(path) == info.sha256
                word = "damaged"
            except OSError:
                sound, word = False, "missing"
            if not sound and info in self._infos().values():  # not merged away just now
                found.append(f"The index file {path} is {word}.")
        with self._database.write():  # while this is held nobody else creates files
            found += leftovers.problems(self._leftovers())
            found += [
                f"Footage {footage_id} is not in the index." for footage_id in self._unindexed()
            ]
        return found

    def repair(self) -> list[str]:
        """Delete leftovers, drop what is damaged, index what is not; says what was done.

        Must run outside of `Database.write`.
        """
        with self._database.write():
            done = leftovers.delete(self._leftovers())
            for segment_id, info in self._infos().items():
                path = self._folder / info.file
                if not path.is_file() or sha256_of(path) != info.sha256:
                    self._drop(segment_id)
                    done.append(f"Dropped the damaged index file {path}.")
            if missing := self._index_missing():
                done.append(f"Indexed {missing} footages again from the catalogue.")
        self.tidy()
        return done

    def _index_missing(self) -> int:
        """Index what is not, inside a running `Database.write`; how many footages that were."""
        missing = self._unindexed()
        for group in _groups(missing, self._catalogue.feature_counts()):
            self._write(group)
        return len(missing)

    def _write(self, footage_ids: Sequence[int]) -> None:
        """Write and register one segment, inside a running `Database.write`."""
        parts = [self._postings(footage_id) for footage_id in footage_ids]
        postings = Postings.joined(parts)
        if not len(postings.ids):
            return
        members = [i for i, part in zip(footage_ids, parts, strict=True) if len(part.ids)]
        with self._database.translated():
            info = write_segment(self._folder, postings)
        self._register(info, members)

    def _postings(self, footage_id: int) -> Postings:
        """The features of a footage as the index holds them."""
        from provenance.fingerprints.codebook import CodedFeatures, codebook

        times, frame, coded = self._catalogue.features(footage_id)
        chosen = strongest(frame, INDEXED)
        coded = CodedFeatures(coded.words[chosen], coded.codes[chosen])
        keys = encoded(footage_id, frame[chosen], times[frame[chosen]])
        return Postings(coded.words, codebook().rough_codes(coded), keys)

    def _merge(self, segment_ids: Sequence[int]) -> None:
        """Make one segment of several, inside a running `Database.write`."""
        infos = self._infos()
        members = [member for segment in segment_ids for member in self._members(segment)]
        removed = self._removed(segment_ids)
        try:
            with self._database.translated():
                opened = [OpenSegment(self._folder, infos[segment]) for segment in segment_ids]
                merged = merge_segments(self._folder, opened, removed)
        except UnreadableSegmentError as error:
            raise ArchiveDamagedError(f"The index file {error}.", REPAIR_HINT) from error
        for segment in segment_ids:
            self._drop(segment)
        self._register(merged, members)

    def _removed(self, segment_ids: Sequence[int] | None = None) -> list[int]:
        """Footages that are removed and still in these segments, or in any."""
        rows = self._database.rows("SELECT footage_id, segment_id FROM index_removed")
        return [row[0] for row in rows if segment_ids is None or row[1] in segment_ids]

    def _register(self, info: SegmentInfo, members: Sequence[int]) -> None:
        """Let the catalogue list a new file, inside a running `Database.write`."""
        path = self._folder / info.file
        self._database.after_rollback(lambda: path.unlink(missing_ok=True))
        segment_id = self._database.execute(
            "INSERT INTO index_segment (file, bytes, sha256, head_bytes, head_sha256, vectors,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                info.file,
                info.bytes,
                info.sha256,
                info.head_bytes,
                info.head_sha256,
                info.vectors,
                now().value,
            ),
        )
        self._database.execute_many(
            "INSERT INTO index_segment_footage (footage_id, segment_id) VALUES (?, ?)",
            ((member, segment_id) for member in members),
        )

    def _drop(self, segment_id: int) -> None:
        (file,) = self._database.row("SELECT file FROM index_segment WHERE id = ?", (segment_id,))
        self._database.execute("DELETE FROM index_segment WHERE id = ?", (segment_id,))
        # A reader that has the old file mapped keeps it until it lets go; the name goes at once.
        self._database.after_commit(lambda: (self._folder / file).unlink(missing_ok=True))

    def _segments(self) -> list[OpenSegment]:
        """All segments, open. Follows a list that another process changes meanwhile."""
        for _ in range(_REREADS):
            infos = self._infos()
            try:
                with self._lock:
                    self._open = {
                        info.file: self._open.get(info.file) or OpenSegment(self._folder, info)
                        for info in infos.values()
                    }
                    return list(self._open.values())
            except UnreadableSegmentError as error:
                if self._infos() == infos:  # nobody merged it away: it is really not there
                    raise ArchiveDamagedError(f"The index file {error}.", REPAIR_HINT) from error
        raise ArchiveDamagedError(
            f"The index in {self._folder} changed at every attempt to read it.", "Try again."
        )

    def _infos(self) -> dict[int, SegmentInfo]:
        rows = self._database.rows(
            "SELECT id, file, bytes, sha256, head_bytes, head_sha256, vectors"
            " FROM index_segment ORDER BY id"
        )
        return {row[0]: SegmentInfo(*row[1:]) for row in rows}

    def _sizes(self) -> dict[int, int]:
        return dict(self._database.rows("SELECT id, vectors FROM index_segment ORDER BY id"))

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

    def _leftovers(self) -> list[Path]:
        listed = {info.file for info in self._infos().values()}
        return [path for path in segment_files(self._folder) if path.name not in listed]

    def _sweep(self) -> None:
        """Delete what a killed process left, inside a running `Database.write`."""
        leftovers.delete(self._leftovers())


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


def _groups(footage_ids: list[int], counts: dict[int, int]) -> Iterator[list[int]]:
    """Footages in runs of at most `_INDEXED_AT_ONCE` features."""
    group: list[int] = []
    total = 0
    for footage_id in footage_ids:
        if group and total + counts[footage_id] > _INDEXED_AT_ONCE:
            yield group
            group, total = [], 0
        group.append(footage_id)
        total += counts[footage_id]
    if group:
        yield group
