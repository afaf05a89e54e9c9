"""Small pictures of frames: gray ones that pixels are verified by, coloured ones to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Image = npt.NDArray[np.uint8]

VERIFIED_SIDE = 160
VERIFIED_QUALITY = 70
THUMBNAIL_QUALITY = 72


def verification_picture(gray: Image) -> bytes:
    """JPEG of a (height, width) uint8 picture, its longer side at most `VERIFIED_SIDE` pixels."""
    return _encoded(".jpg", shrunk(gray, VERIFIED_SIDE), VERIFIED_QUALITY)


def thumbnail(image: Image, long_side: int) -> bytes:
    """JPEG of a (height, width, 3) RGB picture, its longer side at most so many pixels."""
    import cv2

    small = shrunk(image, long_side)
    return _encoded(".jpg", np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR)), THUMBNAIL_QUALITY)


def shrunk(image: Image, long_side: int) -> Image:
    """The picture with its longer side at most so many pixels."""
    import cv2

    height, width = image.shape[:2]
    factor = long_side / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(kind: str, image: Image, quality: int) -> bytes:
    import cv2

    done, data = cv2.imencode(kind, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(data)
