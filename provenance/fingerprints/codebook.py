"""Descriptors as codes: the nearest of 65,536 typical descriptors, and how this one differs.

The codebook ships with the package and never changes under an archive, so archives need no
training and can be merged. `scripts/train-codebook` made it from footage and pictures that nothing
is measured on.

Typical descriptors are arranged in groups of look-alikes (hierarchical k-means), so that the
nearest is found without comparing all. The difference is product-quantised: H. Jegou, M. Douze,
C. Schmid, "Product quantization for nearest neighbor search", TPAMI 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.fingerprints.local_features import BYTE_SCALE, DIMENSIONS

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]

WORDS = 1 << 16
"""Typical descriptors, one inverted list each."""
FILE = Path(__file__).with_name("codebook.npz")
GROUPS = 8
"""Groups of words that are gone through for the nearest ones: as many when features are kept as
when they are looked up, else a descriptor could get another word the second time."""
_CHUNK = 65_536


@dataclass(frozen=True, eq=False)
class CodedFeatures:
    """N features as an archive keeps their descriptors.

    Indexing gives descriptors: `coded[3:5]` is (2, 128) uint8, decoded then and there, so that the
    features of an hour of footage need not be decoded for the sake of a few frames.

    Attributes:
        words: (N,) uint16, the word each is nearest to.
        codes: (N, 16) uint8, what is left beside it.
    """

    words: npt.NDArray[np.uint16]
    codes: Bytes

    @classmethod
    def of(cls, descriptors: Bytes) -> CodedFeatures:
        """Encode (N, 128) uint8 descriptors with the codebook of the package."""
        return codebook().encode(descriptors)

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, rows: Any) -> Bytes:
        return codebook().decode(CodedFeatures(self.words[rows], self.codes[rows]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self[:], dtype)


@dataclass(frozen=True, eq=False)
class Codebook:
    """Typical descriptors ("words") and the codes of what is left.

    Attributes:
        groups: (G, 128) uint8, the middles of groups of words.
        words: (W, 128) uint8, group by group.
        sizes: (G,) int32, words of each group.
        fine: (m, 256, 128 / m) float16, values that parts of a difference may have.
        rough: the same with fewer parts, for the index.
    """

    groups: Bytes
    words: Bytes
    sizes: npt.NDArray[np.int32]
    fine: npt.NDArray[np.float16]
    rough: npt.NDArray[np.float16]

    @classmethod
    def load(cls, path: Path = FILE) -> Codebook:
        """The codebook of a file. Raises OSError, KeyError, ValueError."""
        with np.load(path) as kept:
            return cls(**{name: kept[name] for name in cls.__dataclass_fields__})

    def save(self, path: Path) -> None:
        """Keep it. Raises OSError."""
        np.savez(path, **{name: getattr(self, name) for name in self.__dataclass_fields__})

    def nearest(self, descriptors: Bytes, count: int = 1) -> tuple[Floats, npt.NDArray[np.int64]]:
        """(N, count) inner products (of bytes) and numbers of the words nearest to each."""
        products, words = self.quantizer.search(descriptors.astype(np.float32), count)
        return products, words

    def words_of(self, descriptors: Bytes) -> npt.NDArray[np.uint16]:
        """(N,) the word of each descriptor."""
        found = [
            self.nearest(descriptors[start : start + _CHUNK])[1][:, 0]
            for start in range(0, len(descriptors), _CHUNK)
        ]
        return np.asarray(np.concatenate([np.empty(0, np.int64), *found]), np.uint16)

    def encode(self, descriptors: Bytes) -> CodedFeatures:
        """(N, 128) uint8 descriptors as words and fine codes of what is left."""
        words = self.words_of(descriptors)
        if not len(words):
            return CodedFeatures(words, np.empty((0, len(self.fine)), np.uint8))
        left = descriptors.astype(np.float32) - self.words[words]
        return CodedFeatures(words, self.fine_quantizer.compute_codes(left))

    def decode(self, coded: CodedFeatures) -> Bytes:
        """(N, 128) uint8, about the descriptors that were encoded."""
        if not len(coded):
            return np.empty((0, DIMENSIONS), np.uint8)
        values = self._left(coded) + self.words[coded.words]
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        values *= np.float32(BYTE_SCALE) / np.maximum(lengths, 1)
        return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)

    def rough_codes(self, coded: CodedFeatures) -> npt.NDArray[np.uint64]:
        """(N,) eight bytes each, the index's own shorter codes of the same."""
        if not len(coded):
            return np.empty(0, np.uint64)
        codes = np.ascontiguousarray(self.rough_quantizer.compute_codes(self._left(coded)))
        return codes.view("<u8")[:, 0]

    def inverted_file(self) -> Any:
        """An empty FAISS IndexIVFPQ with the words as lists and the rough codes in them.

        It measures squared distances. Descriptors are all of one length, what codes stand for is
        not (give or take 2 %), and in an inner product a code that is too long would pass for a
        near one: of 600 million features enough do to hide the right ones.
        """
        import faiss

        lists, parts = len(self.words), len(self.rough)
        index: Any = faiss.IndexIVFPQ(self.quantizer, DIMENSIONS, lists, parts, 8, faiss.METRIC_L2)
        index.pq = self.rough_quantizer
        index.by_residual = True
        index.is_trained = True
        return index

    def _left(self, coded: CodedFeatures) -> Floats:
        values: Floats = self.fine_quantizer.decode(np.ascontiguousarray(coded.codes))
        return values

    @cached_property
    def quantizer(self) -> Any:
        """A FAISS index of the words."""
        import faiss

        groups = faiss.IndexFlatIP(DIMENSIONS)
        groups.add(self.groups.astype(np.float32))
        index = faiss.IndexIVFFlat(groups, DIMENSIONS, len(self.groups), faiss.METRIC_INNER_PRODUCT)
        index.is_trained = True
        words = self.words.astype(np.float32)
        ids = np.arange(len(words), dtype=np.int64)
        owner = np.repeat(np.arange(len(self.groups), dtype=np.int64), self.sizes)
        index.add_core(
            len(ids),
            faiss.swig_ptr(words),
            faiss.swig_ptr(ids),
            faiss.swig_ptr(owner),
        )
        index.nprobe = GROUPS
        index.make_direct_map()  # searching lists asks for their words by number
        return index

    @cached_property
    def fine_quantizer(self) -> Any:
        """FAISS's ProductQuantizer over `fine`."""
        return product_quantizer(self.fine)

    @cached_property
    def rough_quantizer(self) -> Any:
        """FAISS's ProductQuantizer over `rough`."""
        return product_quantizer(self.rough)


@lru_cache(maxsize=1)
def codebook() -> Codebook:
    """The codebook that ships with the package."""
    return Codebook.load()


def product_quantizer(values: npt.NDArray[Any]) -> Any:
    """FAISS's ProductQuantizer with (m, 256, 128 / m) given values."""
    import faiss

    quantizer = faiss.ProductQuantizer(DIMENSIONS, len(values), 8)
    faiss.copy_array_to_vector(
        np.ascontiguousarray(values, np.float32).ravel(), quantizer.centroids
    )
    return quantizer
