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

from provenance.matching.alignment import Line, Products

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
ECC_SIDE = 160
"""Longer side in pixels at which the transform is fitted to pixels."""
STILL_WEIGHT = 0.05
"""Weight of what stands still against what moves, in `likeness_where_it_moves`."""
ECC_PICTURES = 4
ECC_SHIFTS = (-0.2, -0.1, 0.0, 0.1, 0.2)
"""Seconds around a picture's moment from which frames are tried."""
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
    matrix: Matrix,
    *,
    mirrored: bool,
) -> Overlay | None:
    """Warp the source's frames onto the footage's pictures.

    Args:
        pictures: n gray pictures of the footage, all of one size.
        level: gives the K gray frames of the source with their sides halved so many times.
        matrix: (2, 3), footage to source in shares of the longer sides, as `geometry.fit_pair`
            gives it.
        mirrored: the transform holds for the source flipped left to right.

    Returns:
        the overlay, or None where the common area is too small to say anything.
    """
    import cv2

    small = [shrink(picture, SIDE) for picture in pictures]
    height, width = small[0].shape
    full = level(0)[0].shape
    warp = pixel_transform(matrix, (width, height), full[::-1], mirrored=mirrored)
    scale = float(np.sqrt(abs(np.linalg.det(warp[:, :2]))))
    # Frames are shrunk before they are sampled coarsely, else fine texture turns into noise.
    halvings = int(np.clip(np.round(np.log2(max(scale, 1.0))), 0, 3))
    frames = level(halvings)
    size = frames[0].shape
    warp = pixel_transform(matrix, (width, height), size[::-1], mirrored=mirrored)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(np.ones(size, np.float32), warp, (width, height), flags=flags)
    mask = np.asarray(inside > 0.99)
    if mask.sum() < LEAST_PIXELS:
        return None
    evened = _Evener(mask)
    query = np.stack(
        [
            evened(np.asarray(cv2.warpAffine(frame, warp, (width, height), flags=flags)))
            for frame in frames
        ]
    )
    reference = np.stack([evened(picture) for picture in small])
    return Overlay(reference, query, mask, float(mask.mean()))


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


def sharpen_pose(
    pictures: Sequence[Gray],
    frames: Sequence[Gray],
    matrix: Matrix,
    p: Products,
    line: Line,
    *,
    mirrored: bool,
) -> Matrix | None:
    """The transform fitted anew to the pixels of aligned pictures, or None where that fails.

    Features tie each picture to frames a little before or after its own moment; a camera in motion
    has turned meanwhile, and the transform with it. So several frames are tried for each picture,
    and the ones that fit best count.

    Enhanced correlation coefficient maximisation: G. Evangelidis, E. Psarakis, PAMI 2008.
    """
    import cv2

    inside = np.arange(line.first, line.last + 1)
    spread = np.unique(np.linspace(0, len(inside) - 1, min(ECC_PICTURES, len(inside))).round())
    height, width = shrink(pictures[0], ECC_SIDE).shape
    source = (frames[0].shape[1], frames[0].shape[0])
    warp = pixel_transform(matrix, (width, height), source, mirrored=mirrored).astype(np.float32)
    blur = max(0.8, float(np.sqrt(abs(np.linalg.det(warp[:, :2])))) / 2.0)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
    fitted: list[tuple[float, Matrix]] = []
    for picture in inside[spread.astype(int)]:
        template = cv2.GaussianBlur(shrink(pictures[picture], ECC_SIDE), (0, 0), 0.8)
        moment = (p.times[picture] - line.offset) / line.speed
        tried = {int(np.abs(p.moments - (moment + shift)).argmin()) for shift in ECC_SHIFTS}
        best: tuple[float, Matrix] | None = None
        for frame in sorted(tried):
            image = cv2.GaussianBlur(frames[frame], (0, 0), blur)
            mask = np.full(image.shape, 255, np.uint8)
            try:
                fit, found = cv2.findTransformECC(
                    template, image, warp.copy(), cv2.MOTION_AFFINE, criteria, mask, 3
                )
            except cv2.error:  # it did not converge, or nothing overlaps
                continue
            if best is None or fit > best[0]:
                best = (float(fit), np.asarray(found, np.float64))
        if best:
            fitted.append(best)
    if not fitted:
        return None
    fitted.sort(key=lambda f: -f[0])
    good = [found for fit, found in fitted if fit > 0.8 * fitted[0][0]]
    middle = np.median(np.stack(good), axis=0)
    return shares_transform(middle, (width, height), source, mirrored=mirrored)


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


class _Evener:
    """Local contrast normalisation within a mask, to vectors of unit length or shorter."""

    def __init__(self, mask: npt.NDArray[np.bool_]) -> None:
        self._mask = mask
        self._weight = mask.astype(np.float32)
        self._share = self._blurred(self._weight) + np.float32(1e-3)

    def __call__(self, picture: Gray) -> Floats:
        values = picture.astype(np.float32) * self._weight
        values = (values - self._blurred(values) / self._share) * self._weight
        variance = self._blurred(values * values) / self._share
        flat = (values / np.sqrt(variance + CONTRAST_FLOOR**2))[self._mask]
        flat -= flat.mean()
        length = float(np.linalg.norm(flat))
        return np.asarray(flat / max(length, TEXTURE_FLOOR * np.sqrt(len(flat))), np.float32)

    def _blurred(self, values: Floats) -> Floats:
        import cv2

        return np.asarray(cv2.GaussianBlur(values, (0, 0), NEIGHBOURHOOD), np.float32)
