"""Ways to keep features in lists, one list for each word of the package's codebook.

pq8, pq16   product quantisation of what is left beside the word, in 8 bytes (what the index has) or
            16 (what the catalogue has)
rabitq      a bit for each dimension: J. Gao, C. Long, "RaBitQ", SIGMOD 2024, as FAISS has it
hamming     64 bits, above or below the word's median in a random projection: H. Jegou, M. Douze,
            C. Schmid, "Hamming embedding and weak geometric consistency", ECCV 2008

`performance.aggregated` stands beside them: a row a frame, in lists of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from performance.aggregated import Aggregated
from performance.pace import paced
from performance.pool import Pool
from performance.simulation import Simulation
from provenance.archive.faiss_index import PROBES
from provenance.archive.index import DESCRIPTOR_NORM, DIMENSIONS, Nearest, Neighbours
from provenance.archive.segment_file import WORDS
from provenance.fingerprints.codebook import CodedFeatures, codebook

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
ID_BYTES = 8
AT_ONCE = 200_000
BITS = 64


class Choice(Protocol):
    """A way to keep features."""

    @property
    def kept(self) -> int:
        """Bytes of all codes and ids."""

    def add(self, coded: CodedFeatures, ids: Ids) -> None:
        """Take features in."""

    def add_simulated(self, simulation: Simulation) -> None:
        """Take the features of simulated footage in."""

    def search(
        self, descriptors: npt.NDArray[np.uint8], frames: npt.NDArray[np.int32], k: int
    ) -> Neighbours:
        """The k nearest to each of (Q, 128) descriptors of (Q,) frames of a source."""


class _InLists:
    """What all that keep single features have in common.

    Args:
        index: of FAISS; its lists are made here.
        probes: lists that it reads for one query.
    """

    def __init__(self, index: Any, code_bytes: int, probes: int = PROBES) -> None:
        self._code_bytes = code_bytes
        self._index = index
        self._index.is_trained = True
        self._index.nprobe = probes
        self._lists: Any = faiss.ArrayInvertedLists(WORDS, code_bytes)
        self._index.replace_invlists(self._lists, False)

    @property
    def kept(self) -> int:
        """See `Choice.kept`."""
        return int(self._lists.compute_ntotal()) * (self._code_bytes + ID_BYTES)

    def add(self, coded: CodedFeatures, ids: Ids) -> None:
        """See `Choice.add`."""
        for start in range(0, len(coded), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            some = CodedFeatures(coded.words[rows], coded.codes[rows])
            self._fill(some.words, self._encoded(some), ids[rows])

    def add_simulated(self, simulation: Simulation) -> None:
        """See `Choice.add_simulated`."""
        total = simulation.most_postings()
        for coded, ids in paced(simulation.coded(), "features", total, lambda part: len(part[1])):
            self.add(coded, ids)

    def _encoded(self, coded: CodedFeatures) -> Bytes:
        """(n, code_bytes) what is kept of features."""
        raise NotImplementedError

    def _fill(self, words: npt.NDArray[np.uint16], codes: Bytes, ids: Ids) -> None:
        order = np.argsort(words, kind="stable")
        codes, ids = np.ascontiguousarray(codes[order]), np.ascontiguousarray(ids[order])
        names, starts = np.unique(words[order], return_index=True)
        stops = [*starts[1:].tolist(), len(ids)]
        for word, start, stop in zip(names.tolist(), starts.tolist(), stops, strict=True):
            of_word = (faiss.swig_ptr(part[start:stop]) for part in (ids, codes))
            self._lists.add_entries(word, stop - start, *of_word)


class Quantised(_InLists):
    """FAISS's IVFPQ.

    Args:
        quantizer: of what is left beside the word.
        codes_of: (n, code_bytes) uint8 codes of coded features.
    """

    def __init__(self, quantizer: Any, codes_of: Callable[[CodedFeatures], Bytes]) -> None:
        size = int(quantizer.code_size)
        index: Any = faiss.IndexIVFPQ(
            codebook().quantizer, DIMENSIONS, WORDS, size, 8, faiss.METRIC_INNER_PRODUCT
        )
        index.pq, index.by_residual = quantizer, True
        super().__init__(index, size)
        self._codes_of = codes_of

    def search(self, descriptors: Bytes, frames: npt.NDArray[np.int32], k: int) -> Neighbours:
        """See `Choice.search`."""
        products, words = codebook().nearest(descriptors, PROBES)
        found = self._index.search_preassigned(descriptors.astype(np.float32), k, words, products)
        return _neighbours(found[1], found[0])

    def _encoded(self, coded: CodedFeatures) -> Bytes:
        return self._codes_of(coded)


class Indexed(Quantised):
    """What the index has: simulated features come in its own codes."""

    def __init__(self) -> None:
        book = codebook()
        super().__init__(
            book.rough_quantizer, lambda coded: book.rough_codes(coded)[:, None].view(np.uint8)
        )

    def add_simulated(self, simulation: Simulation) -> None:
        """See `Choice.add_simulated`."""
        total = simulation.most_postings()
        for some in paced(simulation.postings(), "features", total, lambda part: len(part.ids)):
            self._fill(some.words, some.codes[:, None].view(np.uint8), some.ids)


class RaBitQ(_InLists):
    """FAISS's IVFRaBitQ, after a random turn, which the method asks for."""

    def __init__(self) -> None:
        self._turn = _random_turn(DIMENSIONS)
        words = codebook().words.astype(np.float32) @ self._turn
        self._middles = faiss.IndexFlatIP(DIMENSIONS)
        self._middles.add(np.ascontiguousarray(words))
        index: Any = faiss.IndexIVFRaBitQ(
            self._middles, DIMENSIONS, WORDS, faiss.METRIC_INNER_PRODUCT
        )
        super().__init__(index, int(index.code_size))

    def search(self, descriptors: Bytes, frames: npt.NDArray[np.int32], k: int) -> Neighbours:
        """See `Choice.search`."""
        products, words = codebook().nearest(descriptors, PROBES)
        turned = np.ascontiguousarray(descriptors.astype(np.float32) @ self._turn)
        found = self._index.search_preassigned(turned, k, words, products)
        return _neighbours(found[1], found[0])

    def _encoded(self, coded: CodedFeatures) -> Bytes:
        turned = np.ascontiguousarray(coded[:].astype(np.float32) @ self._turn)
        words = coded.words.astype(np.int64)
        codes = np.empty((len(words), self._code_bytes), np.uint8)
        given = (faiss.swig_ptr(array) for array in (turned, words, codes))
        self._index.encode_vectors(len(words), *given, False)
        return codes


class HammingEmbedding(_InLists):
    """64 bits a feature. A similarity is guessed from the bits that differ.

    Args:
        pool: medians, and what a bit is worth, are learnt from its features.
    """

    def __init__(self, pool: Pool) -> None:
        self._quantizer = faiss.IndexBinaryFlat(BITS)
        super().__init__(faiss.IndexBinaryIVF(self._quantizer, BITS, WORDS), BITS // 8, probes=1)
        self._turn = _random_turn(DIMENSIONS)[:, :BITS]
        self._medians = np.zeros((WORDS, BITS), np.float32)
        rows = pool.by_word
        coded = CodedFeatures(pool.words[rows], pool.codes[rows])
        self._learn_medians(coded, pool.word_ends)
        self._at_none, self._a_bit = self._learn_worth(coded)

    def search(self, descriptors: Bytes, frames: npt.NDArray[np.int32], k: int) -> Neighbours:
        """See `Choice.search`. A list has medians of its own, so each is searched by itself."""
        _, words = codebook().nearest(descriptors, PROBES)
        owner = np.maximum(words, 0).reshape(-1, 1)
        bits = self._bits(np.repeat(descriptors, PROBES, axis=0), owner[:, 0])
        nothing = np.zeros(owner.shape, np.int32)
        apart, keys = self._index.search_preassigned(bits, k, owner, nothing)
        similarity = np.clip(self._at_none - self._a_bit * apart.astype(np.float32), 0, 1)
        products = (similarity * DESCRIPTOR_NORM**2).astype(np.float32)
        count = len(descriptors)
        return _neighbours(keys.reshape(count, -1), products.reshape(count, -1), k)

    def _encoded(self, coded: CodedFeatures) -> Bytes:
        return self._bits(coded[:], coded.words.astype(np.int64))

    def _bits(self, descriptors: Bytes, words: Ids) -> Bytes:
        return np.packbits(self._seen(descriptors, words) > self._medians[words], axis=1)

    def _seen(self, descriptors: Bytes, words: Ids) -> Floats:
        left = descriptors.astype(np.float32) - codebook().words[words]
        return np.asarray(left @ self._turn, np.float32)

    def _learn_medians(self, coded: CodedFeatures, ends: Ids) -> None:
        words = coded.words.astype(np.int64)
        seen = np.concatenate(
            [
                self._seen(coded[start : start + AT_ONCE], words[start : start + AT_ONCE])
                for start in range(0, len(coded), AT_ONCE)
            ]
        )
        for word, (start, stop) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            if stop > start:
                self._medians[word] = np.median(seen[start:stop], axis=0)

    def _learn_worth(self, coded: CodedFeatures) -> tuple[float, float]:
        """Similarity of features with the same bits, and what each bit that differs takes off it:
        a straight line through pairs of features of one word."""
        one = np.random.default_rng(0).integers(0, len(coded) - 1, 50_000)
        one = one[coded.words[one] == coded.words[one + 1]]
        words = coded.words[one].astype(np.int64)
        a, b = coded[one], coded[one + 1]
        apart = np.bitwise_count(self._bits(a, words) ^ self._bits(b, words)).sum(axis=1)
        products = np.einsum("ij,ij->i", a.astype(np.float32), b.astype(np.float32))
        slope, height = np.polyfit(apart, products / DESCRIPTOR_NORM**2, 1)
        return float(height), float(-slope)


def _neighbours(keys: Ids, products: Floats, k: int | None = None) -> Neighbours:
    nearest = Nearest(len(keys), k or keys.shape[1])
    nearest.merge(keys, products)
    return nearest.neighbours()


def _random_turn(size: int) -> Floats:
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((size, size)))
    return np.asarray(turn, np.float32)


def choices(pool: Pool) -> dict[str, Callable[[], Choice]]:
    """All of them, by name; made when called."""
    book = codebook()
    return {
        "IVF-PQ, 8 bytes": Indexed,
        "IVF-PQ, 16 bytes": lambda: Quantised(book.fine_quantizer, lambda coded: coded.codes),
        "RaBitQ": RaBitQ,
        "Hamming embedding, 64 bits": lambda: HammingEmbedding(pool),
        "VLAD of a frame, 64 bytes": lambda: Aggregated(pool),
    }
