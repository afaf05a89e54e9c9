"""Descriptors as codes: what is kept of them, and what trains the codebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from archive_factory import descriptors_like_sift, disturbed
from codebook.__main__ import quality
from codebook.train import train
from command_line import ROOT

from provenance.fingerprints.codebook import FILE, WORDS, Codebook, CodedFeatures, codebook
from provenance.fingerprints.local_features import extract_features, mirror_descriptors


@pytest.fixture(scope="module")
def real() -> npt.NDArray[np.uint8]:
    """Descriptors of our own picture, which nothing was trained on."""
    import cv2

    image = cv2.imread(str(ROOT / "docs" / "images" / "report.png"), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return extract_features(np.asarray(image, np.uint8), 2000).descriptors


def cosines(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    x, y = a.astype(float), b.astype(float)
    products = (x * y).sum(axis=1)
    return np.asarray(products / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1))


def test_the_codebook_that_ships_is_whole_and_small() -> None:
    book = codebook()
    assert book.words.shape == (WORDS, 128)
    assert book.sizes.sum() == WORDS
    assert len(np.unique(book.words, axis=0)) > 0.99 * WORDS
    assert FILE.stat().st_size < 16e6


def test_a_descriptor_survives_being_coded(real: npt.NDArray[np.uint8]) -> None:
    coded = CodedFeatures.of(real)
    assert coded.codes.shape == (len(real), 16)
    assert np.median(cosines(coded[:], real)) > 0.97
    assert np.quantile(cosines(coded[:], real), 0.01) > 0.9


def test_a_copy_is_nearer_than_another_feature(real: npt.NDArray[np.uint8]) -> None:
    known = CodedFeatures.of(real)[:].astype(np.float32)
    copies = disturbed(real, np.random.default_rng(0), by=12).astype(np.float32)
    nearest = (copies @ known.T).argmax(axis=1)
    assert (nearest == np.arange(len(real))).mean() > 0.9


def test_rows_are_decoded_as_an_array_would_give_them(real: npt.NDArray[np.uint8]) -> None:
    coded = CodedFeatures.of(real[:50])
    everything = coded[:]
    assert len(coded) == 50
    assert np.array_equal(coded[3:9], everything[3:9])
    assert np.array_equal(coded[np.array([4, 1])], everything[[4, 1]])
    assert np.array_equal(np.asarray(coded), everything)
    assert coded[:0].shape == (0, 128)


def test_nothing_is_coded_as_nothing() -> None:
    coded = CodedFeatures.of(np.empty((0, 128), np.uint8))
    assert (len(coded), coded[:].shape) == (0, (0, 128))
    assert codebook().rough_codes(coded).shape == (0,)


def test_words_are_those_that_comparing_with_all_finds(real: npt.NDArray[np.uint8]) -> None:
    book = codebook()
    best = (real.astype(np.float32) @ book.words.astype(np.float32).T).argmax(axis=1)
    assert (book.words_of(real) == best).mean() > 0.9


def test_mirrored_descriptors_are_coded_as_well(real: npt.NDArray[np.uint8]) -> None:
    plain, mirrored = (
        np.median(cosines(CodedFeatures.of(d)[:], d)) for d in (real, mirror_descriptors(real))
    )
    assert mirrored == pytest.approx(plain, abs=0.01)


def test_a_codebook_is_trained_again_alike_and_kept(tmp_path: Path) -> None:
    sample = descriptors_like_sift(np.random.default_rng(0), 20_000)
    first, second = (train(sample, 1024) for _ in "ab")
    assert np.array_equal(first.words, second.words)
    first.save(tmp_path / "book.npz")
    kept = Codebook.load(tmp_path / "book.npz")
    coded = kept.encode(sample[:500])
    assert coded.words.max() < 1024
    assert np.median(cosines(kept.decode(coded), sample[:500])) > 0.85
    _, word, rough, fine, _ = quality(kept, sample)
    assert float(fine) < float(rough) < float(word)
