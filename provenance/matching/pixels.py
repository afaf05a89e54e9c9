"""Pictures of both sides laid over each other, as vectors that can be compared by inner products.

The footage's pictures come from the archive, the source's frames are decoded densely around what
the features found. Each frame is warped onto the footage's picture, freed of local brightness and
contrast (so that a colour grade does not matter) and scaled to unit length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    frames: Sequence[Gray],
    matrix: Matrix,
    *,
    mirrored: bool,
) -> Overlay | None:
    """Warp the source's frames onto the footage's pictures.

    Args:
        pictures: n gray pictures of the footage, all of one size.
        frames: K gray frames of the source, all of one size.
        matrix: (2, 3), footage to source in shares of the longer sides, as `geometry.fit_pair`
            gives it.
        mirrored: the transform holds for the source flipped left to right.

    Returns:
        the overlay, or None where the common area is too small to say anything.
    """
    import cv2

    small = [shrink(picture, SIDE) for picture in pictures]
    height, width = small[0].shape
    query_height, query_width = frames[0].shape
    warp = pixel_transform(matrix, (width, height), (query_width, query_height), mirrored=mirrored)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(
        np.ones((query_height, query_width), np.float32), warp, (width, height), flags=flags
    )
    mask = np.asarray(inside > 0.99)
    if mask.sum() < LEAST_PIXELS:
        return None
    # Frames are blurred before they are shrunk, else fine texture turns into noise.
    blur = float(np.sqrt(abs(np.linalg.det(warp[:, :2])))) / 2.5
    query = np.empty((len(frames), int(mask.sum())), np.float32)
    for number, frame in enumerate(frames):
        soft = cv2.GaussianBlur(frame, (0, 0), blur) if blur > 0.6 else frame
        query[number] = _evened(
            np.asarray(cv2.warpAffine(soft, warp, (width, height), flags=flags)), mask
        )
    reference = np.stack([_evened(picture, mask) for picture in small])
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

    Enhanced correlation coefficient maximisation: G. Evangelidis, E. Psarakis, PAMI 2008.
    """
    import cv2

    inside = np.arange(line.first, line.last + 1)
    spread = np.unique(np.linspace(0, len(inside) - 1, min(4, len(inside))).round())
    chosen = inside[spread.astype(int)]
    small = shrink(pictures[0], ECC_SIDE)
    height, width = small.shape
    source = (frames[0].shape[1], frames[0].shape[0])
    warp = pixel_transform(matrix, (width, height), source, mirrored=mirrored)
    blur = max(0.8, float(np.sqrt(abs(np.linalg.det(warp[:, :2])))) / 2.0)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    fitted = []
    for k in chosen:
        frame = int(np.abs(p.moments - (p.times[k] - line.offset) / line.speed).argmin())
        template = cv2.GaussianBlur(shrink(pictures[k], ECC_SIDE), (0, 0), 0.8)
        image = cv2.GaussianBlur(frames[frame], (0, 0), blur)
        mask = np.full(image.shape, 255, np.uint8)
        try:
            _, found = cv2.findTransformECC(
                template, image, warp.astype(np.float32), cv2.MOTION_AFFINE, criteria, mask, 3
            )
        except cv2.error:  # it did not converge, or nothing overlaps
            continue
        fitted.append(np.asarray(found, np.float64))
    if not fitted:
        return None
    middle = np.median(np.stack(fitted), axis=0)
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


def decode_pictures(jpegs: Sequence[bytes]) -> list[Gray]:
    """Our own small JPEG pictures from the archive as gray arrays."""
    import cv2

    pictures = [cv2.imdecode(np.frombuffer(j, np.uint8), cv2.IMREAD_GRAYSCALE) for j in jpegs]
    return [np.asarray(p, np.uint8) for p in pictures if p is not None]


def _evened(picture: Any, mask: npt.NDArray[np.bool_]) -> Floats:
    """Local contrast normalisation within the mask, as a vector of unit length or shorter."""
    import cv2

    weight = mask.astype(np.float32)
    share = cv2.GaussianBlur(weight, (0, 0), NEIGHBOURHOOD) + 1e-3
    values = picture.astype(np.float32) * weight
    values = (values - cv2.GaussianBlur(values, (0, 0), NEIGHBOURHOOD) / share) * weight
    variance = cv2.GaussianBlur(values * values, (0, 0), NEIGHBOURHOOD) / share
    flat = (values / np.sqrt(variance + CONTRAST_FLOOR**2))[mask]
    flat -= flat.mean()
    length = float(np.linalg.norm(flat))
    return np.asarray(flat / max(length, TEXTURE_FLOOR * np.sqrt(len(flat))), np.float32)
