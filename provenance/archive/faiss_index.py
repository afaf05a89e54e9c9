"""The fast index: immutable segment files, merged as they grow many, in the manner of an LSM tree.

Every addition writes one new small segment and touches no other, so adding costs what is added.
Four segments of about one size are merged into one, so that there are few of them. The catalogue
lists the segments that count; a file that it does not list is a leftover.
"""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive.catalogue import Catalogue, now
from provenance.archive.connection import REPAIR_HINT
from provenance.archive.index import Nearest, Neighbours, checked, encoded, id_range
from provenance.archive.segment_file import (
    Batch,
    OpenSegment,
    SegmentInfo,
    UnreadableSegmentError,
    segment_files,
    sha256_of,
    write_segment,
    write_without,
)
from provenance.errors import ArchiveDamagedError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FOLDER = "index"

_MERGE_AT = 4  # segments of one tier
_TIER_FACTOR = 4  # vectors of one tier over those of the tier below
_SMALLEST_TIER = 4096  # vectors; about a minute of footage
# Merging runs under the write lock and holds a segment in memory, 140 bytes a vector: XXX. Larger
# segments would make searching quicker and keep other writers waiting for longer than they do.
_LARGEST_MERGED = 16_000_000
# From so many vectors on a removal keeps the lists and takes vectors out, with no new clustering:
# 576,000 took 11 s the other way.
_RELISTED_BELOW = 20_000
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

    def add(self, footage_ids: list[int]) -> None:
        """See `FeatureIndex.add`: one new segment for all of them."""
        self._sweep()
        self._write(footage_ids)

    def remove(self, footage_id: int) -> None:
        """See `FeatureIndex.remove`: its segment is written again without it."""
        self._sweep()
        row = self._database.row(
            "SELECT segment_id FROM index_segment_footage WHERE footage_id = ?", (footage_id,)
        )
        if row is None:
            return
        (segment_id,) = row
        info = self._infos()[segment_id]
        members = [member for member in self._members(segment_id) if member != footage_id]
        self._drop(segment_id)
        if members and info.vectors >= _RELISTED_BELOW:
            # A damaged file is no obstacle: it is written anew from the catalogue, below.
            with contextlib.suppress(UnreadableSegmentError), self._database.translated():
                self._register(write_without(self._folder, info, *id_range(footage_id)), members)
                return
        self._write(members)

    def tidy(self) -> None:
        """See `FeatureIndex.tidy`: merges segments of one size when there are many."""
        while _crowded(self._sizes()):
            with self._database.write():
                self._sweep()
                crowd = _crowded(self._sizes())  # another process may have been quicker
                members = [member for segment in crowd for member in self._members(segment)]
                for segment in crowd:
                    self._drop(segment)
                self._write(members)

    def search(self, descriptors: npt.NDArray[np.uint8], k: int) -> Neighbours:
        """See `FeatureIndex.search`. Finds about 93 of 100 true neighbours (segment_file.py)."""
        queries = checked(descriptors, k)
        nearest = Nearest(len(queries), k)
        if len(queries):
            for segment in self._segments():
                nearest.merge(*segment.search(queries, k))
        return nearest.neighbours()

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
            found += [
                f"The file {path} was left behind by an interrupted addition."
                for path in self._leftovers()
            ]
            found += [
                f"Footage {footage_id} is not in the index." for footage_id in self._unindexed()
            ]
        return found

    def repair(self) -> list[str]:
        """Delete leftovers, drop what is damaged, index what is not; says what was done.

        Must run outside of `Database.write`.
        """
        done = []
        with self._database.write():
            for path in self._leftovers():
                path.unlink(missing_ok=True)
                done.append(f"Deleted {path}, left behind by an interrupted addition.")
            for segment_id, info in self._infos().items():
                path = self._folder / info.file
                if not path.is_file() or sha256_of(path) != info.sha256:
                    self._drop(segment_id)
                    done.append(f"Dropped the damaged index file {path}.")
            missing = self._unindexed()
            for group in _groups(missing, self._catalogue.feature_counts()):
                self._write(group)
            if missing:
                done.append(f"Indexed {len(missing)} footages again from the catalogue.")
        self.tidy()
        return done

    def _write(self, footage_ids: Sequence[int]) -> None:
        """Write and register one segment, inside a running `Database.write`."""
        counts = self._catalogue.feature_counts()
        members = [footage_id for footage_id in footage_ids if counts.get(footage_id)]
        if not members:
            return

        def batches() -> Iterator[Batch]:
            for member in members:
                frames, descriptors = self._catalogue.features(member)
                yield encoded(member, frames), descriptors

        with self._database.translated():
            info = write_segment(self._folder, sum(counts[m] for m in members), batches)
        self._register(info, members)

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
        """Delete what a killed process left. Segments are written under the write lock only, and
        that is ours now, so no unlisted file can be somebody's work in progress."""
        for path in self._leftovers():
            path.unlink(missing_ok=True)


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
    """Footages in runs of at most `_LARGEST_MERGED` features."""
    group: list[int] = []
    total = 0
    for footage_id in footage_ids:
        if group and total + counts[footage_id] > _LARGEST_MERGED:
            yield group
            group, total = [], 0
        group.append(footage_id)
        total += counts[footage_id]
    if group:
        yield group
