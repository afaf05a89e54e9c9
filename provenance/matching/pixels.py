"""Pictures of both sides laid over each other, as vectors that can be compared by inner products.

The footage's pictures come from the archive, the source's frames are decoded densely around what
the features found. Each frame is warped onto the footage's picture, freed of local brightness and
contrast (so that a colour grade does not matter) and scaled to unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.matching.track import Track

if TYPE_CHECKING:
    import numpy.typing as npt

    Gray = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]
    Matrix = npt.NDArray[np.float64]

SIDE = 80
"""Longer side in pixels at which pictures are compared: coarse enough to forgive a pixel of
misfit and to average noise away, fine enough to see a hand move."""
NEIGHBOURHOOD = 4.0
"""Sigma in pixels of the window in which brightness and contrast are evened out."""
CONTRAST_FLOOR = 5.0
"""Gray levels: flatter neighbourhoods are not blown up to full contrast."""
TEXTURE_FLOOR = 0.2
"""A frame with less normalised contrast than this (root mean square) is not scaled up to 1."""
STILL_WEIGHT = 0.05
"""Weight of what stands still against what moves, in `likeness_where_it_moves`."""
LEAST_PIXELS = 320
"""A common area smaller than this is no evidence."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """Both sides in the coordinates of the footage's pictures.

    Attributes:
        reference: (n, P) float32, unit vectors of the footage's pictures over the common area.
        query: (K, P) float32, the same of the source's frames.
        mask: (h, w) bool, the common area; P = mask.sum().
        share: how much of the footage's picture the source shows, 0..1.
    """

    reference: Floats
    query: Floats
    mask: npt.NDArray[np.bool_]
    share: float


def lay_over(
    pictures: Sequence[Gray],
    level: Callable[[int], Sequence[Gray]],
    moments: npt.NDArray[np.float64],
    track: Track,
    *,
    mirrored: bool,
) -> Overlay | None:
    """Warp the source's frames onto the footage's pictures.

    Args:
        pictures: n gray pictures of the footage, all of one size.
        level: gives the K gray frames of the source with their sides halved so many times.
        moments: (K,) seconds of the frames.
        track: footage to source, as `hypotheses.best_pose` gives it.
        mirrored: the track holds for the source flipped left to right.

    Returns:
        the overlay, or None where the common area is too small to say anything.
    """
    small = [shrink(picture, SIDE) for picture in pictures]
    height, width = small[0].shape
    # Frames are shrunk before they are sampled coarsely, else fine texture turns into noise.
    full = level(0)[0].shape
    warp = pixel_transform(track.middle, (width, height), full[::-1], mirrored=mirrored)
    scale = float(np.sqrt(abs(np.linalg.det(warp[:, :2]))))
    frames = level(int(np.clip(np.round(np.log2(max(scale, 1.0))), 0, 3)))
    size, shape = (width, height), frames[0].shape
    # What most frames show of the footage. Where the track moves, some show a part of it only.
    if track.moves:
        matrices = list(track.at(moments))
        shown = [shown_of(shape, matrix, size, mirrored=mirrored) for matrix in matrices]
        mask = np.asarray(np.mean(shown, axis=0) > 0.5)
    else:
        matrices = [track.matrices[0]] * len(frames)
        mask = shown_of(shape, matrices[0], size, mirrored=mirrored)
        shown = [mask] * len(frames)
    if mask.sum() < LEAST_PIXELS:
        return None
    evened = Evener(mask)
    query = np.empty((len(frames), int(mask.sum())), np.float32)
    for k, (frame, matrix, inside) in enumerate(zip(frames, matrices, shown, strict=True)):
        warped = laid_on(frame, matrix, size, mirrored=mirrored)
        whole = inside is mask or inside[mask].all()
        query[k] = evened(warped) if whole else Evener(mask & inside)(warped, mask)
    reference = np.stack([evened(picture) for picture in small])
    return Overlay(reference, query, mask, float(mask.mean()))


def laid_on(frame: Gray, matrix: Matrix, size: tuple[int, int], *, mirrored: bool) -> Gray:
    """A frame of the source as the footage's picture would show it.

    Args:
        matrix: (2, 3), footage to source in shares of the longer sides.
        size: width, height of the footage's picture.
    """
    import cv2

    warp = pixel_transform(matrix, size, frame.shape[::-1], mirrored=mirrored)
    return np.asarray(cv2.warpAffine(frame, warp, size, flags=_flags()), np.uint8)


def shown_of(
    shape: tuple[int, int], matrix: Matrix, size: tuple[int, int], *, mirrored: bool
) -> npt.NDArray[np.bool_]:
    """Where a frame of this height and width shows anything of the footage's picture."""
    import cv2

    warp = pixel_transform(matrix, size, shape[::-1], mirrored=mirrored)
    everywhere = np.ones(shape, np.float32)
    return np.asarray(cv2.warpAffine(everywhere, warp, size, flags=_flags()) > 0.99)


def _flags() -> int:
    import cv2

    return cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def likeness_where_it_moves(overlay: Overlay, pairs: npt.NDArray[np.intp]) -> float:
    """Correlation of aligned pictures, each pixel weighted by how much it changes in the footage.

    In another take of the same scene the background agrees and what moves does not; footage from a
    moving camera changes everywhere, and footage in which nothing moves is weighted evenly.

    Args:
        pairs: (m, 2) picture and frame numbers, from `alignment.aligned_pairs`.
    """
    known, seen = overlay.reference[pairs[:, 0]], overlay.query[pairs[:, 1]]
    change = overlay.reference.var(axis=0)
    weight = change + STILL_WEIGHT * overlay.reference.mean(axis=0) ** 2 + 1e-9
    scale = np.sqrt((weight * known**2).sum() * (weight * seen**2).sum())
    return float((weight * known * seen).sum() / max(float(scale), 1e-12))


def shares_transform(
    warp: Matrix, target: tuple[int, int], source: tuple[int, int], *, mirrored: bool
) -> Matrix:
    """The inverse of `pixel_transform`."""
    linear, shift = warp[:, :2], warp[:, 2]
    if mirrored:
        linear = linear * np.array([[-1.0], [1.0]])
        shift = np.array([source[0] - 1 - shift[0], shift[1]])
    shift = (shift + 0.5 - linear @ np.array([0.5, 0.5])) / max(source)
    return np.column_stack([linear * (max(target) / max(source)), shift]).astype(np.float64)


def pixel_transform(
    matrix: Matrix, target: tuple[int, int], source: tuple[int, int], *, mirrored: bool
) -> Matrix:
    """The transform in pixels that cv2.warpAffine wants with WARP_INVERSE_MAP.

    Args:
        matrix: (2, 3) in shares of the longer sides.
        target: width, height of the footage's picture.
        source: width, height of the source's frame.
    """
    unit, query_unit = max(target), max(source)
    linear = matrix[:, :2] * (query_unit / unit)
    # Shares count from the corner of the picture, pixels from the middle of the first one.
    shift = matrix[:, 2] * query_unit + linear @ np.array([0.5, 0.5]) - 0.5
    if mirrored:
        linear = linear * np.array([[-1.0], [1.0]])
        shift = np.array([source[0] - 1 - shift[0], shift[1]])
    return np.column_stack([linear, shift]).astype(np.float64)


def shrink(picture: Gray, side: int) -> Gray:
    """The picture with its longer side at most `side` pixels."""
    import cv2

    height, width = picture.shape
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def halved(picture: Gray) -> Gray:
    """The picture at half its sides."""
    return shrink(picture, max(8, max(picture.shape) // 2))


def decode_pictures(jpegs: Sequence[bytes]) -> list[Gray]:
    """Our own small JPEG pictures from the archive as gray arrays."""
    import cv2

    pictures = [cv2.imdecode(np.frombuffer(j, np.uint8), cv2.IMREAD_GRAYSCALE) for j in jpegs]
    return [np.asarray(p, np.uint8) for p in pictures if p is not None]


class Evener:
    """Local contrast normalisation within a mask, to vectors of unit length or shorter."""

    def __init__(self, mask: npt.NDArray[np.bool_]) -> None:
        self._mask = mask
        self._weight = mask.astype(np.float32)
        self._share = self._blurred(self._weight) + np.float32(1e-3)

    def __call__(self, picture: Gray, over: npt.NDArray[np.bool_] | None = None) -> Floats:
        """The picture's pixels in the mask; with `over`, those in that one, zero outside of it."""
        values = picture.astype(np.float32) * self._weight
        values = (values - self._blurred(values) / self._share) * self._weight
        variance = self._blurred(values * values) / self._share
        evened = values / np.sqrt(variance + CONTRAST_FLOOR**2)
        flat = evened[self._mask]
        if not len(flat):
            return np.zeros(int((self._mask if over is None else over).sum()), np.float32)
        middle = flat.mean()
        flat = flat - middle
        scale = max(float(np.linalg.norm(flat)), TEXTURE_FLOOR * float(np.sqrt(len(flat))))
        if over is None:
            return np.asarray(flat / scale, np.float32)
        return np.asarray(((evened - middle) * self._weight)[over] / scale, np.float32)

    def _blurred(self, values: Floats) -> Floats:
        import cv2

        return np.asarray(cv2.GaussianBlur(values, (0, 0), NEIGHBOURHOOD), np.float32)
