"""One file of the index: an inverted file over 8-bit descriptors, written once and never changed.

The file is FAISS's own (IndexIVFScalarQuantizer, QT_8bit_direct, inner product), so that FAISS maps
its lists from disk instead of loading them. Its name carries the version of this layout.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as _faiss
import numpy as np
import numpy.typing as npt

from provenance.archive.index import DIMENSIONS

VERSION = 1
_NAME = re.compile(r"[0-9a-f]{32}\.v\d+\.faiss(\.part)?")

# Measured with 140,000 SIFT descriptors of real footage, queried with blurred and recompressed
# ones, 751 lists: of the 10 true neighbours, 8 probed lists find 85 %, 16 find 93 %, 24 find 96 %,
# 46 find 99 %. More than 5 rounds of k-means change nothing.
_LISTED_ABOVE = 3_000  # vectors; below, one list (an exact search) takes milliseconds
# A footage has thousands of descriptors in a source: one in ten missed costs nothing, and each
# probe costs time.
_PROBES_LEAST = 8
_LISTS_A_PROBE = 48
# In large segments lists stay of one length and a search reads a fixed number of them, so that its
# cost does not grow with the segment. Measured with 4,000,000 descriptors in 8,087 lists, queried
# with those of edited clips: 8, 16, 24, 42 probed lists find 72, 84, 88, 93 % of the 10 nearest,
# and 92, 97, 98, 98 % of those among them with a similarity of 0.95 or more. Copies are among
# these: whatever is less alike has been pushed out of the 10 nearest by strangers.
_LARGE_ABOVE = 1_000_000  # vectors
_LIST_LENGTH = 500
_PROBES_LARGE = 16
_GROUPS_FILLED = 4  # of centroids, looked at for the list of a new vector ...
_GROUPS_SEARCHED = 16  # ... and for the lists that a search reads; 32 find nothing more
_KMEANS_ROUNDS = 5
_KMEANS_SEED = 1
_SAMPLE_PER_LIST = 40
_SAMPLE_PER_GROUP = 256
_CHUNK = 65_536  # vectors converted to float at once: 32 MiB

_CODE_BYTES = DIMENSIONS + 8  # a descriptor and its id

faiss: Any = _faiss  # its own type hints leave out half of what it has

Batch = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]
"""(n,) encoded ids and (n, 128) descriptors."""


@dataclass(frozen=True)
class SegmentInfo:
    """What the catalogue records of a segment file.

    `head_bytes` of it, in front, are structure (list sizes, centroids); the rest is vectors. The
    structure is checked whenever the file is opened: with a wrong one FAISS would read beyond it.
    """

    file: str
    bytes: int
    sha256: str
    head_bytes: int
    head_sha256: str
    vectors: int


class UnreadableSegmentError(Exception):
    """A segment file is missing or not as it was written; the message says which of both."""


def write_segment(
    folder: Path, vectors: int, batches: Callable[[], Iterable[Batch]]
) -> SegmentInfo:
    """Write a new segment under a temporary name, make it durable, and give it its name.

    Args:
        folder: where segments are; made if missing.
        vectors: their number.
        batches: gives all of them, the same each time it is called (twice at most).

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    index = _trained(vectors, batches)
    for keys, descriptors in _chunks(batches()):
        index.add_with_ids(descriptors.astype(np.float32), keys)
    if index.ntotal != vectors:
        raise ValueError(f"{index.ntotal} vectors instead of {vectors}")
    return _save(index, folder)


def write_without(folder: Path, info: SegmentInfo, first: int, last: int) -> SegmentInfo:
    """Write a segment again without the ids `first` to `last`, keeping its lists as they are.

    Raises:
        UnreadableSegmentError: the old file is missing or damaged.
        OSError: the new one cannot be written; nothing is left behind.
    """
    path = folder / info.file
    try:
        sound = sha256_of(path) == info.sha256
    except OSError as error:
        raise UnreadableSegmentError(f"{path} is missing") from error
    if not sound:
        raise UnreadableSegmentError(f"{path} is damaged")
    index = faiss.read_index(str(path))
    index.remove_ids(faiss.IDSelectorRange(first, last + 1))
    return _save(index, folder)


class OpenSegment:
    """A segment file mapped into memory.

    Raises:
        UnreadableSegmentError: missing, cut short, or not as it was written.
    """

    def __init__(self, folder: Path, info: SegmentInfo) -> None:
        path = folder / info.file
        try:
            with path.open("rb") as file:
                head = file.read(info.head_bytes)
                size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise UnreadableSegmentError(f"{path} is missing") from error
        if size != info.bytes or hashlib.sha256(head).hexdigest() != info.head_sha256:
            raise UnreadableSegmentError(f"{path} is damaged")
        try:
            # With O_MMAP FAISS keeps the lists on disk; adding to such an index would abort.
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
        except RuntimeError as error:
            raise UnreadableSegmentError(f"{path} is damaged") from error
        quantizer = faiss.downcast_index(self._index.quantizer)
        if isinstance(quantizer, faiss.IndexIVF):
            quantizer.nprobe = _GROUPS_SEARCHED
            self._index.nprobe = _PROBES_LARGE
        else:
            self._index.nprobe = probes(self._index.nlist)

    def search(
        self, queries: npt.NDArray[np.float32], k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(Q, k) encoded ids, -1 where none, and (Q, k) inner products."""
        products, keys = self._index.search(queries, min(k, max(1, self._index.ntotal)))
        return keys, products

    @property
    def mapped(self) -> bool:
        """Whether the lists stay on disk."""
        return isinstance(
            faiss.downcast_InvertedLists(self._index.invlists), faiss.OnDiskInvertedLists
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def segment_files(folder: Path) -> Iterator[Path]:
    """Files in `folder` that carry a segment's name, finished or not."""
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if _NAME.fullmatch(path.name))


def lists(vectors: int) -> int:
    """About how many inverted lists a segment of so many vectors has."""
    if vectors < _LISTED_ABOVE:
        return 1
    return vectors // _LIST_LENGTH if _is_large(vectors) else round(2 * math.sqrt(vectors))


def probes(nlist: int) -> int:
    """How many of the lists a search reads, unless the segment is a large one."""
    return min(nlist, max(_PROBES_LEAST, round(nlist / _LISTS_A_PROBE)))


def _is_large(vectors: int) -> bool:
    return vectors > _LARGE_ABOVE


def _trained(vectors: int, batches: Callable[[], Iterable[Batch]]) -> Any:
    nlist = lists(vectors)
    sample = _sample(batches(), vectors, nlist * _SAMPLE_PER_LIST)
    if _is_large(vectors):
        quantizer = _grouped(sample, nlist)
        nlist = quantizer.ntotal
    else:
        quantizer = faiss.IndexFlatIP(DIMENSIONS)
        quantizer.add(_centroids(sample, nlist))
    index = faiss.IndexIVFScalarQuantizer(
        quantizer,
        DIMENSIONS,
        nlist,
        faiss.ScalarQuantizer.QT_8bit_direct,
        faiss.METRIC_INNER_PRODUCT,
        False,  # no residuals: codes are the descriptors themselves
    )
    index.is_trained = True
    return index


def _grouped(sample: npt.NDArray[np.uint8], nlist: int) -> Any:
    """About `nlist` centroids, arranged in groups: only those of the nearest groups are looked at.

    Clustering n vectors into k lists costs n * k; into groups first, and each of them into lists,
    n * √k, and so does finding the list of a vector.
    """
    count = round(math.sqrt(nlist))
    groups = faiss.IndexFlatIP(DIMENSIONS)
    groups.add(_centroids(sample[:: max(1, len(sample) // (count * _SAMPLE_PER_GROUP))], count))
    quantizer = faiss.IndexIVFFlat(groups, DIMENSIONS, count, faiss.METRIC_INNER_PRODUCT)
    quantizer.is_trained = True
    nearest = np.concatenate(
        [
            groups.search(sample[start : start + _CHUNK].astype(np.float32), 1)[1][:, 0]
            for start in range(0, len(sample), _CHUNK)
        ]
    )
    for group in range(count):
        members = sample[nearest == group]
        if len(members):
            quantizer.add(_centroids(members, max(1, round(nlist * len(members) / len(sample)))))
    quantizer.nprobe = _GROUPS_FILLED
    return quantizer


def _centroids(sample: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.float32]:
    """(count, 128) unit vectors: spherical k-means, since descriptors are of one length."""
    clustering = faiss.Kmeans(
        DIMENSIONS,
        count,
        niter=_KMEANS_ROUNDS,
        seed=_KMEANS_SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=max(_SAMPLE_PER_LIST, _SAMPLE_PER_GROUP),
    )
    clustering.train(sample.astype(np.float32))
    return np.asarray(clustering.centroids, np.float32)


def _sample(batches: Iterable[Batch], vectors: int, wanted: int) -> npt.NDArray[np.uint8]:
    if wanted >= vectors:
        chosen = np.arange(vectors)
    else:
        chooser = np.random.default_rng(_KMEANS_SEED)
        chosen = np.sort(chooser.choice(vectors, wanted, replace=False))
    parts, start = [], 0
    for _, descriptors in batches:
        stop = start + len(descriptors)
        low, high = np.searchsorted(chosen, (start, stop))
        parts.append(descriptors[chosen[low:high] - start])
        start = stop
    return np.concatenate(parts)


def _chunks(batches: Iterable[Batch]) -> Iterator[Batch]:
    for keys, descriptors in batches:
        for start in range(0, len(keys), _CHUNK):
            yield keys[start : start + _CHUNK], descriptors[start : start + _CHUNK]


def _save(index: Any, folder: Path) -> SegmentInfo:
    vectors = index.ntotal
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.v{VERSION}.faiss"
    part = path.with_name(path.name + ".part")
    try:
        size, digest = _write(index, part)
        head_bytes = size - vectors * _CODE_BYTES
        with part.open("rb") as file:
            head = hashlib.sha256(file.read(head_bytes)).hexdigest()
        part.replace(path)
        _make_durable(folder)
    except BaseException:
        for leftover in (part, path):
            with contextlib.suppress(OSError):
                leftover.unlink()
        raise
    return SegmentInfo(path.name, size, digest, head_bytes, head, vectors)


class _Output:
    """A file for FAISS to write to. FAISS swallows what goes wrong in a callback; this keeps it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self.error = error
        self.digest.update(data)
        self.size += len(data)
        return len(data)


def _write(index: Any, path: Path) -> tuple[int, str]:
    with path.open("xb") as file:
        output = _Output(file)
        faiss.write_index(index, faiss.PyCallbackIOWriter(output.write))
        if output.error:
            raise output.error
        file.flush()
        os.fsync(file.fileno())
    return output.size, output.digest.hexdigest()


def _make_durable(folder: Path) -> None:
    """Make a new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
