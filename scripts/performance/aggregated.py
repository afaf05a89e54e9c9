"""One row for a frame instead of one for a feature: what its features have left beside 64 words.

VLAD: H. Jegou, M. Douze, C. Schmid, P. Perez, "Aggregating local descriptors into a compact image
representation", CVPR 2010. What it lists, local features would then have to tell apart.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from performance.pace import paced
from performance.pool import Pool
from performance.simulation import Simulation
from provenance.archive.faiss_index import indexed
from provenance.archive.index import DESCRIPTOR_NORM, Nearest, Neighbours
from provenance.fingerprints.codebook import CodedFeatures, codebook
from provenance.matching.candidates import LEAST_SIMILARITY
from provenance.models import Fingerprint

CELLS = 64
DIMENSIONS = 256
CODE_BYTES = 64
LISTS, PROBES = 1024, 16
LEARNT_FROM = 6000
"""Frames."""
AT_ONCE = 8
"""Footages."""

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class Aggregated:
    """See `performance.choices.Choice`.

    Args:
        pool: codes are learnt from its frames.
    """

    def __init__(self, pool: Pool) -> None:
        words = codebook().words.astype(np.float32)
        means: Any = faiss.Kmeans(words.shape[1], CELLS, niter=12, seed=1)
        means.train(words)
        self._centres: Floats = means.centroids
        self._cells = means.index.search(words, 1)[1][:, 0]
        chooser = np.random.default_rng(0)
        size = (CELLS * words.shape[1], DIMENSIONS)
        self._shorter = chooser.standard_normal(size, dtype=np.float32)  # keeps angles, nearly
        chosen = chooser.choice(len(pool.ends), min(LEARNT_FROM, len(pool.ends)), replace=False)
        rows = np.flatnonzero(np.isin(pool.frame, chosen) & pool.indexed)
        some = CodedFeatures(pool.words[rows], pool.codes[rows])
        seen = self._aggregated(some[:], some.words, pool.frame[rows])[1]
        short = self._shortened(seen)
        lists = min(LISTS, max(1, len(short) // 8))
        index: Any = faiss.index_factory(
            DIMENSIONS, f"IVF{lists},PQ{CODE_BYTES}", faiss.METRIC_INNER_PRODUCT
        )
        for training in (index.cp, index.pq.cp):
            training.niter, training.min_points_per_centroid = 6, 1
        index.train(short)
        index.nprobe = PROBES
        self._index = index

    @property
    def kept(self) -> int:
        """Bytes."""
        return int(self._index.ntotal) * (CODE_BYTES + 8)

    def add(self, coded: CodedFeatures, ids: Ids) -> None:
        """Features of one footage or several; the same id is the same frame."""
        frames, seen = self._aggregated(coded[:], coded.words, ids)
        if len(frames):
            self._index.add_with_ids(self._shortened(seen), frames)

    def add_simulated(self, simulation: Simulation) -> None:
        """All of it, some footages at a time: FAISS takes many frames at once more quickly."""
        total = len(simulation.frames)
        for start in paced(range(0, total, AT_ONCE), "footages", total, lambda _: AT_ONCE):
            stop = min(start + AT_ONCE, total)
            parts = [
                indexed_features(simulation.fingerprint(number), simulation.first_id + number)
                for number in range(start, stop)
            ]
            words = np.concatenate([coded.words for coded, _ in parts])
            codes = np.concatenate([coded.codes for coded, _ in parts])
            self.add(CodedFeatures(words, codes), np.concatenate([ids for _, ids in parts]))

    def search(
        self, descriptors: npt.NDArray[np.uint8], frames: npt.NDArray[np.int32], k: int
    ) -> Neighbours:
        """The frames most like each feature's own frame, as its neighbours."""
        words = codebook().words_of(descriptors)
        names, seen = self._aggregated(descriptors, words, frames.astype(np.int64))
        near, keys = self._index.search(self._shortened(seen), k)
        # Votes count from the least similarity that two features of one thing have.
        near = LEAST_SIMILARITY + (1 - LEAST_SIMILARITY) * np.clip(near, 0, 1)
        row = np.searchsorted(names, frames)
        nearest = Nearest(len(descriptors), k)
        nearest.merge(keys[row], (near[row] * DESCRIPTOR_NORM**2).astype(np.float32))
        return nearest.neighbours()

    def _aggregated(
        self, descriptors: npt.NDArray[np.uint8], words: npt.NDArray[np.uint16], frames: Ids
    ) -> tuple[Ids, Floats]:
        """(F,) frames, rising, and (F, 64 x 128) what is left beside the cells in each."""
        names, which = np.unique(frames, return_inverse=True)
        cells = self._cells[words]
        left = descriptors.astype(np.float32) - self._centres[cells]
        place = which.ravel() * CELLS + cells
        order = np.argsort(place, kind="stable")
        used, starts = np.unique(place[order], return_index=True)
        sums = np.zeros((len(names) * CELLS, descriptors.shape[1]), np.float32)
        if len(order):
            sums[used] = np.add.reduceat(left[order], starts, axis=0)
        seen = sums.reshape(len(names), CELLS * descriptors.shape[1])
        return names, _unit(np.sign(seen) * np.sqrt(np.abs(seen)))

    def _shortened(self, seen: Floats) -> Floats:
        return _unit(seen @ self._shorter)


def indexed_features(one: Fingerprint, footage_id: int) -> tuple[CodedFeatures, Ids]:
    """The features of a footage that an index has, and their ids."""
    assert isinstance(one.descriptors, CodedFeatures)
    return indexed(footage_id, one.times, one.frame, one.descriptors)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))
