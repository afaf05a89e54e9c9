"""The interface of a feature index: which features of known footage lie nearest to these?

Two kinds stand beside this file: `FaissIndex` (fast, files on disk, approximate) and `ExactIndex`
(slow, exact, the reference that the fast one is tested against).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DIMENSIONS = 128
DESCRIPTOR_NORM = 512.0
"""Descriptors are RootSIFT times 512: their length is 512 but for rounding."""

_FRAME_BITS = 18  # 262,144 sampled frames a footage: three days of video at one a second
_HALVES_BITS = 16  # half seconds: nine hours; what comes later counts as then


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k features nearest to each of Q queries, best first.

    Attributes:
        footage: (Q, k) int64, footage id; -1 where there were fewer than k.
        frame: (Q, k) int32, index of the sampled frame in that footage; -1 where none.
        seconds: (Q, k) float32, when in that footage, to half a second; 0 where none.
        similarity: (Q, k) float32, inner product / 512², which is the cosine but for rounding
            (0..1); 0 where none.
    """

    footage: npt.NDArray[np.int64]
    frame: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float32]
    similarity: npt.NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence[Neighbours]) -> Neighbours:
        """Those of several runs of queries, one behind the other."""
        import numpy as np

        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            )
        )


class FeatureIndex(Protocol):
    """Finds the features of known footage that look like given ones.

    Known features are codes (see `fingerprints.codebook`), so similarities are estimates.
    `add` and `remove` are called inside a `Database.write`, so that index and catalogue agree.
    """

    def add(self, footage_ids: list[int]) -> None:
        """Make the features of these footages findable. Their fingerprints are in the catalogue."""

    def remove(self, footage_id: int) -> None:
        """Make the features of a footage unfindable, at once."""

    def compact(self) -> None:
        """Delete what is kept of removed footage and make searches as quick as can be."""

    def tidy(self) -> None:
        """Work that keeps later searches quick; opens a `write` of its own if there is any."""

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int, without: Set[int] = frozenset()
    ) -> Neighbours:
        """The k nearest features to each descriptor.

        Args:
            descriptors: (Q, 128) uint8, RootSIFT x 512.
            k: neighbours a descriptor, at least 1.
            without: footages that are passed over; they take the place of no other.

        Raises:
            ValueError: another shape or dtype.
            ArchiveDamagedError: files of the index are missing or unreadable.
        """

    def close(self) -> None:
        """Let go of files."""


def checked(descriptors: npt.NDArray[np.uint8], k: int) -> npt.NDArray[np.float32]:
    """Query descriptors as (Q, 128) float32. Raises ValueError."""
    import numpy as np

    if descriptors.dtype != np.uint8 or descriptors.ndim != 2 or descriptors.shape[1] != DIMENSIONS:
        raise ValueError(
            f"descriptors must be (Q, {DIMENSIONS}) uint8, "
            f"not {descriptors.shape} {descriptors.dtype}"
        )
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    return np.ascontiguousarray(descriptors, dtype=np.float32)


def encoded(
    footage_id: int | npt.NDArray[np.int64],
    frames: npt.NDArray[np.integer[Any]],
    seconds: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """(N,) int64 that hold footage, frame and moment (to half a second) of each feature.

    Args:
        footage_id: of all of them, or (N,) one each.
    """
    import numpy as np

    halves = np.clip(np.rint(seconds * 2), 0, (1 << _HALVES_BITS) - 1).astype(np.int64)
    key = (np.asarray(footage_id, np.int64) << _FRAME_BITS) | frames.astype(np.int64)
    return (key << _HALVES_BITS) | halves


def footage_of(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The footage of each encoded id; -1 for -1."""
    return keys >> (_FRAME_BITS + _HALVES_BITS)


def strongest(frame: npt.NDArray[np.int32], share: float) -> npt.NDArray[np.intp]:
    """Rows of the first features of each frame, a share of them, from the (N,) frame of each."""
    import numpy as np

    counts = np.bincount(frame) if len(frame) else np.zeros(0, np.int64)
    rank = np.arange(len(frame)) - (np.cumsum(counts) - counts)[frame]
    return np.flatnonzero(rank < np.ceil(counts * share)[frame])


def products_of(apart: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Inner products of descriptors so far apart, which FAISS tells as squared distances."""
    import numpy as np

    return np.asarray(DESCRIPTOR_NORM**2 - apart / 2, np.float32)


class Nearest:
    """Keeps the k best of several partial results."""

    def __init__(self, queries: int, k: int) -> None:
        import numpy as np

        self._keys = np.full((queries, k), -1, dtype=np.int64)
        self._products = np.zeros((queries, k), dtype=np.float32)

    def merge(self, keys: npt.NDArray[np.int64], products: npt.NDArray[np.float32]) -> None:
        """Take in (Q, any) encoded ids (-1: none) with their inner products."""
        import numpy as np

        k = self._keys.shape[1]
        keys = np.concatenate([self._keys, keys], axis=1)
        products = np.concatenate([self._products, products], axis=1)
        products[keys < 0] = -np.inf
        order = np.argsort(-products, axis=1, kind="stable")[:, :k]
        self._keys = np.take_along_axis(keys, order, axis=1)
        self._products = np.take_along_axis(products, order, axis=1)

    def neighbours(self) -> Neighbours:
        """The result."""
        import numpy as np

        none = self._keys < 0
        frame = ((self._keys >> _HALVES_BITS) & ((1 << _FRAME_BITS) - 1)).astype(np.int32)
        seconds = (self._keys & ((1 << _HALVES_BITS) - 1)).astype(np.float32) / np.float32(2)
        return Neighbours(
            footage=np.where(none, np.int64(-1), footage_of(self._keys)),
            frame=np.where(none, np.int32(-1), frame),
            seconds=np.where(none, np.float32(0), seconds),
            similarity=np.where(
                none, np.float32(0), self._products / np.float32(DESCRIPTOR_NORM**2)
            ),
        )
