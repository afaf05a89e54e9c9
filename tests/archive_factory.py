"""Footage made of random features, for tests that need an archive and no video."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from provenance.archive import Added, Archive
from provenance.archive.faiss_index import INDEXED
from provenance.archive.index import strongest
from provenance.fingerprints import Heard
from provenance.fingerprints.codebook import CodedFeatures, codebook
from provenance.models import Appearance, Fingerprint, Footage, Thumbnail


def descriptors_like_sift(chooser: np.random.Generator, count: int) -> npt.NDArray[np.uint8]:
    """(count, 128) uint8 of length 512 like RootSIFT x 512: words of the codebook, varied."""
    book = codebook()
    words = chooser.integers(0, len(book.words), count).astype(np.uint16)
    codes = chooser.integers(0, 256, (count, len(book.fine)), dtype=np.uint8)
    return book.decode(CodedFeatures(words, codes))


def disturbed(
    descriptors: npt.NDArray[np.uint8], chooser: np.random.Generator, by: int = 8
) -> npt.NDArray[np.uint8]:
    """The same descriptors, as another encoding of the same pictures would give them."""
    noise = chooser.integers(-by, by + 1, descriptors.shape)
    return np.clip(descriptors.astype(int) + noise, 0, 255).astype(np.uint8)


def make_fingerprint(
    seed: int, frames: int = 6, features: int = 20, picture: bytes | None = None
) -> Fingerprint:
    """A fingerprint of `frames` frames with `features` features each."""
    chooser = np.random.default_rng(seed)
    count = frames * features
    return Fingerprint(
        times=np.arange(frames) * 1.04,
        frame=np.repeat(np.arange(frames, dtype=np.int32), features),
        points=chooser.random((count, 2), dtype=np.float32) * 360,
        scales=chooser.random(count, dtype=np.float32) * 20,
        angles=chooser.random(count, dtype=np.float32),
        descriptors=descriptors_like_sift(chooser, count),
        width=360,
        height=202,
        pictures=tuple((picture or b"gray") + bytes([i]) for i in range(frames)),
    )


def indexed(fingerprint: Fingerprint) -> npt.NDArray[np.uint8]:
    """The descriptors of a fingerprint that the index holds, too."""
    return fingerprint.descriptors[strongest(fingerprint.frame, INDEXED)]


def make_footage(seed: int, **fields: Any) -> Footage:
    """Footage without id, of 6.24 s unless told otherwise."""
    told = {
        "id": 0,
        "location": f"/films/{seed}.mp4",
        "sha256": hashlib.sha256(str(seed).encode()).hexdigest(),
        "title": f"Film {seed}",
        "duration": 6.24,
        "width": 1280,
        "height": 720,
        "fps": 25.0,
    }
    return Footage(**{**told, **fields})


def store(
    archive: Archive,
    seed: int,
    appearance: Appearance | None = None,
    fingerprint: Fingerprint | None = None,
    sound: Heard | None = None,
    **fields: Any,
) -> Added:
    """Store the footage of that seed in an archive."""
    return archive.store(
        make_footage(seed, **fields),
        fingerprint or make_fingerprint(seed),
        [Thumbnail(float(i), f"thumbnail {seed} at {i}".encode()) for i in range(6)],
        appearance or Appearance(title=f"Film {seed}"),
        sound,
    )
