"""Local features: SIFT keypoints with RootSIFT descriptors stored as bytes.

SIFT: D. Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004.
RootSIFT: R. Arandjelovic, A. Zisserman, "Three things everyone should know to improve object
retrieval", CVPR 2012: the square root of the L1-normalised descriptor, so that the inner product
is the Hellinger kernel.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

DIMENSIONS = 128
BYTE_SCALE = 512.0
"""Unit descriptors are stored as round(x * 512): almost no component of one exceeds 0.5."""

CONTRAST_THRESHOLD = 0.02
"""Half of OpenCV's default: dull, blurred and night footage keeps features too; the strongest
are chosen by response all the same."""


LARGE_FIRST = 30.0
"""Ranks in strength that one doubling of a feature's diameter makes up for. Measured with archives
of 1,000 simulated hours: of true footage, 2 in 90 more come onto the short list than without."""


@dataclass(frozen=True, eq=False)
class FrameFeatures:
    """The N features of one frame.

    Attributes:
        points: (N, 2) float32, x and y in pixels.
        scales: (N,) float32, diameters in pixels.
        angles: (N,) float32, radians.
        descriptors: (N, 128) uint8, RootSIFT x 512.
    """

    points: npt.NDArray[np.float32]
    scales: npt.NDArray[np.float32]
    angles: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]

    def to_keep(self, count: int) -> FrameFeatures:
        """So many of them, best first, of features that come strongest first.

        Strong ones, and large ones before small ones: the small are many, and the first to go when
        footage is shown smaller than it was, in a picture in a picture or half of a split screen.
        """
        size = np.log2(np.maximum(self.scales, 1.0))
        order = np.argsort(np.arange(len(size)) - LARGE_FIRST * size, kind="stable")[:count]
        return FrameFeatures(
            self.points[order], self.scales[order], self.angles[order], self.descriptors[order]
        )


def extract_features(image: npt.NDArray[np.uint8], limit: int) -> FrameFeatures:
    """At most `limit` features of a gray (height, width) uint8 image, strongest response first."""
    keypoints, descriptors = _sift(limit).detectAndCompute(image, None)
    if descriptors is None or not keypoints:
        return FrameFeatures(
            np.empty((0, 2), np.float32),
            np.empty(0, np.float32),
            np.empty(0, np.float32),
            np.empty((0, DIMENSIONS), np.uint8),
        )
    order = np.argsort([-k.response for k in keypoints], kind="stable")[:limit]
    chosen = [keypoints[i] for i in order]
    return FrameFeatures(
        np.array([k.pt for k in chosen], np.float32),
        np.array([k.size for k in chosen], np.float32),
        np.radians(np.array([k.angle for k in chosen], np.float32)),
        root_sift(descriptors[order]),
    )


def root_sift(descriptors: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """RootSIFT x 512 as bytes, from (N, 128) SIFT descriptors."""
    values = np.maximum(descriptors.astype(np.float32), 0.0)
    values /= np.maximum(values.sum(axis=1, keepdims=True), 1e-9)
    return np.clip(np.rint(np.sqrt(values) * BYTE_SCALE), 0, 255).astype(np.uint8)


def mirror_descriptors(descriptors: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Descriptors (N, 128) as the left-right flipped picture would give them.

    In OpenCV's layout (4 x 4 cells by 8 orientations, cells turned with the keypoint) a flip maps
    cell row y to 3 - y and orientation bin o to (8 - o) mod 8.
    """
    return descriptors[:, _mirror_order()]


@lru_cache(maxsize=1)
def _mirror_order() -> npt.NDArray[np.intp]:
    bins = np.arange(DIMENSIONS).reshape(4, 4, 8)
    return bins[::-1][:, :, (8 - np.arange(8)) % 8].ravel()


_of_thread = threading.local()


def _sift(limit: int) -> Any:
    """A detector of this thread's own: they hold their pyramid, and two calls would share it."""
    import cv2

    if getattr(_of_thread, "limit", None) != limit:
        _of_thread.sift = cv2.SIFT.create(nfeatures=limit, contrastThreshold=CONTRAST_THRESHOLD)
        _of_thread.limit = limit
    return _of_thread.sift
