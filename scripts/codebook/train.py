"""Hierarchical k-means for the words, product quantisers for what is left."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from provenance.fingerprints.codebook import Codebook
from provenance.fingerprints.local_features import BYTE_SCALE, DIMENSIONS

SEED = 1
GROUPS = 256
ROUNDS = 8
SAMPLE_A_GROUP = 1000
FINE, ROUGH = 16, 8
SAMPLE_OF_LEFT = 400_000

Bytes = npt.NDArray[np.uint8]


def train(descriptors: Bytes, words: int) -> Codebook:
    """A codebook of exactly so many words from (N, 128) descriptors, N some ten times as many."""
    chooser = np.random.default_rng(SEED)
    sample = descriptors[
        chooser.choice(len(descriptors), min(len(descriptors), GROUPS * SAMPLE_A_GROUP), False)
    ]
    groups = _bytes(_centroids(sample, GROUPS))
    owner = _nearest(descriptors, groups)
    sizes = _shares(np.bincount(owner, minlength=GROUPS), words)
    found = [_centroids(descriptors[owner == group], int(size)) for group, size in enumerate(sizes)]
    book = Codebook(groups, _bytes(np.concatenate(found)), sizes, *_untrained())
    some = descriptors[
        chooser.choice(len(descriptors), min(len(descriptors), SAMPLE_OF_LEFT), False)
    ]
    left = some.astype(np.float32) - book.words[book.words_of(some)]
    return Codebook(groups, book.words, sizes, _parts(left, FINE), _parts(left, ROUGH))


def _shares(members: npt.NDArray[np.int64], words: int) -> npt.NDArray[np.int32]:
    """Words of each group in proportion to its members, at least one, `words` in all.

    Dense regions get more words, so that lists are of about one length.
    """
    exact = np.maximum(members / members.sum() * words, 1)
    shares = np.floor(exact).astype(np.int32)
    order = np.argsort(-(exact - shares), kind="stable")
    for k in range(words - int(shares.sum())):
        shares[order[k % len(order)]] += 1
    while shares.sum() > words:
        shares[int(shares.argmax())] -= 1
    return np.asarray(np.minimum(shares, np.maximum(members, 1)), np.int32)


def _centroids(sample: Bytes, count: int) -> npt.NDArray[np.float32]:
    """(count, 128): spherical k-means, since descriptors are of one length."""
    clustering = faiss.Kmeans(
        DIMENSIONS,
        count,
        niter=ROUNDS,
        seed=SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=SAMPLE_A_GROUP,
    )
    clustering.train(sample.astype(np.float32))
    return np.asarray(clustering.centroids, np.float32)


def _bytes(centroids: npt.NDArray[np.float32]) -> Bytes:
    return np.asarray(np.clip(np.rint(centroids * BYTE_SCALE), 0, 255), np.uint8)


def _nearest(descriptors: Bytes, groups: Bytes) -> npt.NDArray[np.int64]:
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(groups.astype(np.float32))
    found = [
        index.search(descriptors[start : start + 65536].astype(np.float32), 1)[1][:, 0]
        for start in range(0, len(descriptors), 65536)
    ]
    return np.concatenate(found)


def _parts(left: npt.NDArray[np.float32], parts: int) -> npt.NDArray[np.float16]:
    quantizer: Any = faiss.ProductQuantizer(DIMENSIONS, parts, 8)
    quantizer.cp.seed = SEED
    quantizer.cp.niter = 20
    quantizer.train(left[: 256 * 256 * 2])
    values = faiss.vector_to_array(quantizer.centroids)
    return values.reshape(parts, 256, DIMENSIONS // parts).astype(np.float16)


def _untrained() -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]:
    return np.empty((0, 256, 8), np.float16), np.empty((0, 256, 16), np.float16)
