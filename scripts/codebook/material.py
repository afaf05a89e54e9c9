"""Descriptors to train on: those of many pictures and films, as an archive would see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from provenance.errors import ProvenanceError
from provenance.fingerprints.local_features import extract_features, mirror_descriptors
from provenance.media import probe, read_frames

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
FILMS = frozenset({".avi", ".mkv", ".mp4", ".webm"})
LEAST_SIDE = 300
"""Pixels of the shorter side below which a picture is an icon."""
LONG_SIDE = 360
FEATURES = 300
CROPS_A_MEGAPIXEL, MOST_CROPS = 8, 24
FRAMES_A_FILM = 120
CROPS_A_FRAME = 2
SHAPES = (16 / 9, 9 / 16, 4 / 3, 1.0)

Gray = npt.NDArray[np.uint8]


def descriptors(paths: Iterable[Path], seed: int) -> Iterator[npt.NDArray[np.uint8]]:
    """(n, 128) descriptors of one frame after the other, each as it is or mirrored."""
    chooser = np.random.default_rng(seed)
    for path in paths:
        for image in _images(path, chooser):
            found = extract_features(_as_video(image, chooser), FEATURES).descriptors
            yield mirror_descriptors(found) if chooser.random() < 0.5 else found


def media(folders: Iterable[Path]) -> list[Path]:
    """All pictures and films below the folders, each content once, in a fixed order."""
    found: dict[tuple[str, int], Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in PICTURES | FILMS and path.is_file():
                found.setdefault((path.name, path.stat().st_size), path)
    return list(found.values())


def _images(path: Path, chooser: np.random.Generator) -> Iterator[Gray]:
    import cv2

    if path.suffix.lower() in FILMS:
        try:
            info = probe(path)
            every = max(0.5, (info.duration or 0) / FRAMES_A_FILM)
            frames = [f.image for f in read_frames(path, info, long_side=1280, every=every)]
        except ProvenanceError:
            return
        for frame in frames:
            yield frame
            for _ in range(CROPS_A_FRAME):
                yield _crop(frame, chooser)
        return
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None or min(image.shape) < LEAST_SIDE:
        return
    gray = np.asarray(image, np.uint8)
    crops = int(np.clip(gray.size / 1e6 * CROPS_A_MEGAPIXEL, 2, MOST_CROPS))
    for _ in range(crops):
        yield _crop(gray, chooser)


def _crop(image: Gray, chooser: np.random.Generator) -> Gray:
    """A part of the picture in one of the shapes that video has, from a tenth of it to all."""
    height, width = image.shape
    shape = float(chooser.choice(SHAPES))
    whole = min(width, height * shape)
    least = min(whole, max(LONG_SIDE * min(1.0, shape), 0.3 * whole))
    w = int(chooser.uniform(least, whole))
    h = max(1, min(height, int(w / shape)))
    x, y = int(chooser.integers(0, width - w + 1)), int(chooser.integers(0, height - h + 1))
    return image[y : y + h, x : x + w]


def _as_video(image: Gray, chooser: np.random.Generator) -> Gray:
    """Scaled to what is analysed, and as lossy as platforms make it."""
    import cv2

    factor = LONG_SIDE / max(image.shape)
    if factor < 1:
        size = (max(16, round(image.shape[1] * factor)), max(16, round(image.shape[0] * factor)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    quality = int(chooser.integers(35, 96))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
