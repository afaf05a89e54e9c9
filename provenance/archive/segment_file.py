"""One file of the index: inverted lists of coded features, written once and never changed.

A list holds the features nearest to one word of the codebook: their codes (8 bytes each), then
their ids (8 bytes each). All archives share the codebook, so that a file needs no training, files
are merged by laying their lists end to end, and FAISS reads the lists where they are, mapped from
the disk. The head says which lists there are and how long each is; empty ones take no room.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from provenance.archive.durable import new_file
from provenance.archive.index import footage_of, products_of
from provenance.archive.listed_files import (
    Advance,
    FileInfo,
    Kind,
    check_all,
    read_file,
    unreadable,
    untold,
    written,
)
from provenance.archive.runs import runs

SEGMENTS = Kind("index_segment", "vectors", version=2, suffixes=("lists", "faiss"))
_MAGIC = b"provlist"
WORDS = 1 << 16
_FRONT = struct.Struct("<8sIIQ")  # magic, version, lists in use, features
_CODE_BYTES = 8
_ITEM_BYTES = _CODE_BYTES + 8
_DEEPER = 4  # times as many neighbours are asked for where footage was passed over
_FOUND_AT_ONCE = 1_000_000  # neighbours, where more are asked for: 12 bytes each
_MERGED_AT_ONCE = 4_000_000  # features in memory while merging: 34 bytes each and as much again

if TYPE_CHECKING:
    from provenance.fingerprints.codebook import Codebook

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Postings:
    """N features of the index, in no order.

    Attributes:
        words: (N,) uint16.  codes: (N,) uint64, eight bytes of code.  ids: (N,) int64.
    """

    words: npt.NDArray[np.uint16]
    codes: npt.NDArray[np.uint64]
    ids: Ids

    @classmethod
    def joined(cls, parts: Sequence[Postings]) -> Postings:
        """All of them."""
        return cls(
            np.concatenate([np.empty(0, np.uint16), *(part.words for part in parts)]),
            np.concatenate([np.empty(0, np.uint64), *(part.codes for part in parts)]),
            np.concatenate([np.empty(0, np.int64), *(part.ids for part in parts)]),
        )

    def without(self, footages: Collection[int]) -> Postings:
        """Those of other footages."""
        if not footages:
            return self
        kept = ~np.isin(footage_of(self.ids), list(footages))
        return Postings(self.words[kept], self.codes[kept], self.ids[kept])


def write_segment(folder: Path, postings: Postings) -> FileInfo:
    """Write a new segment under a temporary name, make it durable, and give it its name.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    return write_parts(folder, np.unique(postings.words), [postings])


def write_parts(folder: Path, used: npt.NDArray[Any], parts: Iterable[Postings]) -> FileInfo:
    """Write a new segment piece by piece, so that it may be larger than memory.

    Args:
        used: words that may have features, rising.
        parts: rising runs of whole lists, all of them among `used`.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    sizes = np.zeros(WORDS, np.int64)
    with new_file(folder, SEGMENTS.ending) as (file, name):
        file.write(_head(used, sizes))
        for part in parts:
            sizes += np.bincount(part.words, minlength=WORDS)
            file.write(_block(part).data)
        head = _head(used, sizes)  # only now are the sizes known
        file.seek(0)
        file.write(head)
        return written(file, name, head, int(sizes.sum()))


def merge_segments(
    folder: Path,
    segments: Sequence[OpenSegment],
    without: Collection[int],
    advance: Advance = untold,
) -> FileInfo:
    """Write all features of several segments as one, but for those of some footages.

    Args:
        advance: told how many features are done, of each twice: when it was read through to be
            checked, and when it was written.

    Raises:
        UnreadableFileError: a file is not as it was written.
        OSError: the new one cannot be written; nothing is left behind.
    """
    for segment in segments:

        def in_features(read: float, info: FileInfo = segment.info) -> None:
            advance(read / info.bytes * info.items)

        check_all(folder, segment.info, in_features)
    sizes = np.sum([segment.sizes for segment in segments], axis=0)

    def parts() -> Iterator[Postings]:
        for first, last in runs(sizes, _MERGED_AT_ONCE):
            yield Postings.joined(
                [segment.postings(first, last).without(without) for segment in segments]
            )
            advance(int(sizes[first:last].sum()))

    return write_parts(folder, np.flatnonzero(sizes), parts())


class OpenSegment:
    """A segment file mapped into memory.

    Attributes:
        info: what the catalogue records of it.
        sizes: (65536,) int64, length of each list.

    Raises:
        UnreadableFileError: missing, cut short, or not as it was written.
    """

    def __init__(self, folder: Path, info: FileInfo) -> None:
        self.info = info
        with read_file(folder, info) as (file, head):
            self._items = np.memmap(file, "<u8", "r", offset=info.head_bytes)
        self.sizes = _read_head(head)
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)])
        self.lists = self._inverted_lists(folder / info.file)
        self._index: Any = None

    def postings(self, first: int, last: int) -> Postings:
        """The features of the lists `first` to `last - 1`."""
        sizes = self.sizes[first:last]
        block = np.asarray(self._items[2 * self._starts[first] : 2 * self._starts[last]])
        codes, ids = _places(sizes)
        return Postings(
            np.repeat(np.arange(first, last), sizes).astype(np.uint16),
            block[codes],
            block[ids].view(np.int64),
        )

    def search(
        self,
        book: Codebook,
        queries: npt.NDArray[np.float32],
        words: Ids,
        k: int,
        without: Collection[int] = (),
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """The nearest features in the lists of some words.

        Args:
            queries: (Q, 128), lengths as descriptors have.
            words: (Q, p) words whose lists are read, -1 for none.
            without: footages that are passed over; they take the place of no other.

        Returns:
            (Q, k) encoded ids, -1 where none, and (Q, k) inner products, as those of descriptors
            so far apart are.
        """
        if self._index is None:
            index = book.inverted_file()
            index.replace_invlists(self.lists, False)
            index.nprobe = words.shape[1]
            self._index = index  # complete: other threads may use it from now on

        def nearest(rows: Any, count: int) -> tuple[Ids, npt.NDArray[np.float32]]:
            lists = words[rows]
            unused = np.zeros(lists.shape, np.float32)  # how far the words are
            apart, keys = self._index.search_preassigned(queries[rows], count, lists, unused)
            return keys, products_of(apart)

        keys, found = nearest(slice(None), k)
        if not without:
            return keys, found
        keys, found, lack = _passed_over(keys, found, without, k)
        rows, depth = np.flatnonzero(lack), k
        while len(rows):
            depth *= _DEEPER
            left = []
            for first, last in runs(np.full(len(rows), depth), _FOUND_AT_ONCE):
                part = rows[first:last]
                keys[part], found[part], lack = _passed_over(*nearest(part, depth), without, k)
                left.append(part[lack])
            rows = np.concatenate(left)
        return keys, found

    def _inverted_lists(self, path: Path) -> Any:
        import faiss

        places = np.zeros((len(self.sizes), 3), np.uint64)  # size, capacity, offset
        places[:, 0] = places[:, 1] = self.sizes
        places[:, 2] = self.info.head_bytes + _ITEM_BYTES * self._starts[:-1]
        lists: Any = faiss.OnDiskInvertedLists()
        lists.nlist, lists.code_size = len(self.sizes), _CODE_BYTES
        lists.filename, lists.read_only, lists.totsize = (
            os.fsencode(path).decode(errors="surrogateescape"),
            True,
            self.info.bytes,
        )
        lists.lists.resize(len(self.sizes))
        faiss.memcpy(lists.lists.data(), faiss.swig_ptr(places), places.nbytes)
        try:
            lists.do_mmap()
        except RuntimeError as error:  # merged away since its head was read
            raise unreadable(path, "missing") from error
        return lists


def _passed_over(
    keys: Ids, found: npt.NDArray[np.float32], without: Collection[int], k: int
) -> tuple[Ids, npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """The k best of other footages, from (Q, any) best first, and (Q,) whether there may be more
    than were found."""
    gone = np.isin(footage_of(keys), list(without))
    lack = (keys[:, -1] >= 0) & ((~gone).sum(axis=1) < k)
    order = np.argsort(gone, axis=1, kind="stable")[:, :k]
    keys = np.take_along_axis(np.where(gone, -1, keys), order, axis=1)
    return keys, np.take_along_axis(found, order, axis=1), lack


def _block(postings: Postings) -> npt.NDArray[np.uint64]:
    """The lists of these features, one behind the other: codes, ids, codes, ids ..."""
    order = np.argsort(postings.words, kind="stable")
    codes, ids = _places(np.bincount(postings.words))
    block = np.empty(2 * len(order), "<u8")
    block[codes] = postings.codes[order]
    block[ids] = postings.ids[order].view(np.uint64)
    return block


def _places(sizes: npt.NDArray[np.int64]) -> tuple[Ids, Ids]:
    """Where in a block the codes and the ids of lists with these sizes stand."""
    starts = np.cumsum(sizes) - sizes
    codes = np.arange(int(sizes.sum()), dtype=np.int64) + np.repeat(starts, sizes)
    return codes, codes + np.repeat(sizes, sizes)


def _head(used: npt.NDArray[Any], sizes: npt.NDArray[np.int64]) -> bytes:
    """Front of a file with the lists `used`. It is as long whatever the sizes."""
    front = _FRONT.pack(_MAGIC, SEGMENTS.version, len(used), int(sizes.sum()))
    head: bytes = front + used.astype("<u2").tobytes() + sizes[used].astype("<u4").tobytes()
    return head + bytes(-len(head) % 8)


def _read_head(head: bytes) -> npt.NDArray[np.int64]:
    _, _, used, _ = _FRONT.unpack_from(head)
    words = np.frombuffer(head, "<u2", used, _FRONT.size)
    sizes = np.zeros(WORDS, np.int64)
    sizes[words] = np.frombuffer(head, "<u4", used, _FRONT.size + 2 * used)
    return sizes
