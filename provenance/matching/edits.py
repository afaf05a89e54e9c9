"""What was done to the footage, by measurement: the fitted transform, tones, and what does not fit.

Only edits that are plain in the figures are named; unsure ones are left out. Each comes with the
figures it was named by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.matching.alignment import Line, Products, aligned_pairs
from provenance.matching.pixels import Overlay, pixel_transform, shrink
from provenance.matching.track import Track, carried
from provenance.models import Region

if TYPE_CHECKING:
    import numpy.typing as npt

    Gray = npt.NDArray[np.uint8]
    Edits = dict[str, dict[str, float]]

SPEED_CHANGE = 0.05
TURN_DEGREES = 4.0
STRETCH = 0.08
ZOOM, PAN = 0.06, 0.06
"""Growth of the footage, and share of the frame that it wanders, from which they are named."""
SHOWN_WHOLE = 0.93
"""Footage of which at least this share lies within the source's frame is not called cropped. What a
caption or border hides of it counts as within: `captioned` tells of that."""
FILLS = 0.94
"""Footage that fills this share of the source's width (height) touches both its sides."""
STILL_LEVELS = 2.0
"""Mean gray levels of change below which what surrounds the footage is called still."""
FLAT_LEVELS = 2.5
"""Mean gray levels between neighbouring pixels below which it is called a blurred fill."""
CONTRAST_CHANGE, BRIGHTNESS_CHANGE = 0.3, 30.0
LEAST_CAPTION = 0.02
"""Share of the footage's picture that a caption or sticker must cover to be named."""
LEAST_TEXTURE = 0.3
"""Normalised contrast from which a pixel of the footage can agree or disagree."""
DISAGREEMENT = 0.25
"""Pixels whose mean agreement is below this share of the typical one do not show the footage."""
BESIDE = 0.25
"""Share of the footage's shown width (height) from which what hides all of one side is another
picture beside it, as in a duet; less is a caption or a sticker."""
SEAM = 1.75
"""Times that gray levels change more over each side of the footage's outline than over lines beside
it, from which another picture begins there. Measured on our samples: at the side with least, around
14 insets and halves of split screens 1.9 and more; where the known footage is a part cut out of
what the source shows (5) 1.6 and less."""
SEAM_REACH, SEAM_BESIDE = 8, (11, 18)
"""Pixels from the outline in which a seam is looked for, and in which it is compared."""
RESTLESS = 3.0
"""Times that something must change more in the source than in the footage for what covers it there
to be the footage's own caption: captions stand still, what is behind them does not."""
COMPARED = 12
"""Aligned pairs that tones and overlays are measured on."""


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Aligned:
    """An aligned stretch: everything that was laid over each other.

    Attributes:
        pictures: n gray pictures of the footage, as in `products.times`.
        frames: K gray frames of the source, as in `products.moments`.
        track: footage to source in shares of the longer sides.
    """

    pictures: Sequence[Gray]
    frames: Sequence[Gray]
    track: Track
    mirrored: bool
    overlay: Overlay
    products: Products
    line: Line


def outline(aligned: Aligned, part: Region = WHOLE) -> npt.NDArray[np.float64]:
    """(4, 2): the corners of the footage, or a part of it, in pixels of the source's frames, in the
    middle of the stretch; they may lie outside.
    """
    picture, (height, width) = aligned.pictures[0], aligned.frames[0].shape
    line, times = aligned.line, aligned.products.times
    moment = ((times[line.first] + times[line.last]) / 2 - line.offset) / line.speed
    matrix = aligned.track.at(np.array([moment]))[0]
    warp = pixel_transform(matrix, picture.shape[::-1], (width, height), mirrored=aligned.mirrored)
    left, top = part.x, part.y
    right, bottom = left + part.width, top + part.height
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    corners = corners * [picture.shape[1], picture.shape[0]]
    return np.asarray(corners @ warp[:, :2].T + warp[:, 2], np.float64)


def region(aligned: Aligned) -> Region | None:
    """The part of the source's frame that shows the footage; None where it lies outside."""
    return extent(aligned, _part_shown(aligned, _pairs(aligned)))


def extent(aligned: Aligned, part: Region = WHOLE) -> Region | None:
    """The part of the source's frame that the footage, or a part of it, lies in, hidden or not;
    None where that is outside.
    """
    height, width = aligned.frames[0].shape
    places = outline(aligned, part) / [width, height]
    x, y = places.min(axis=0).clip(0.0, 1.0).tolist()
    right, bottom = places.max(axis=0).clip(0.0, 1.0).tolist()
    if right <= x or bottom <= y:
        return None
    return Region(x, y, right - x, bottom - y)


def find_edits(aligned: Aligned) -> Mapping[str, Mapping[str, float]]:
    """Edit name -> its figures."""
    edits: Edits = {}
    speed = aligned.line.speed
    if aligned.mirrored:
        edits["mirrored"] = {}
    if speed < 0:
        edits["reversed"] = {}
    if abs(abs(speed) - 1) > SPEED_CHANGE:
        edits["speed_changed"] = {"speed": abs(speed)}
    pairs = _pairs(aligned)
    part = _part_shown(aligned, pairs)
    seen = aligned.overlay.mask & _inside(part, aligned.overlay.mask.shape)
    covered = _covered(aligned, pairs) & seen
    shown = aligned.overlay.share * float(seen.sum()) / max(float(aligned.overlay.mask.sum()), 1.0)
    if shown < SHOWN_WHOLE:
        edits["cropped"] = {"shown": shown}
    edits |= _turned(aligned)
    edits |= _moved(aligned)
    edits |= _surroundings(aligned, pairs, part)
    if len(pairs) > 1:  # of one moment it cannot be told what moved since the picture that is kept
        edits |= _overlays(covered, float(seen.sum()))
    edits |= _tones(aligned, pairs, seen & ~covered)
    return edits


def _turned(aligned: Aligned) -> Edits:
    """Turn and stretch from the transform."""
    edits: Edits = {}
    linear = aligned.track.middle[:, :2]
    turn = float(np.degrees(np.arctan2(linear[1, 0] - linear[0, 1], linear[0, 0] + linear[1, 1])))
    if abs(turn) > TURN_DEGREES:
        edits["rotated"] = {"degrees": -turn if aligned.mirrored else turn}
    across, down = np.linalg.norm(linear[:, 0]), np.linalg.norm(linear[:, 1])
    if abs(across / down - 1) > STRETCH:
        edits["stretched"] = {"width_to_height": float(across / down)}
    return edits


def _moved(aligned: Aligned) -> Edits:
    """Zooms and pans: how the footage grows and wanders while it is shown."""
    if not aligned.track.moves:
        return {}
    line, times = aligned.line, aligned.products.times
    ends = (times[[line.first, line.last]] - line.offset) / line.speed
    first, last = aligned.track.at(np.sort(ends))
    grown = float(np.sqrt(abs(np.linalg.det(last[:, :2]) / np.linalg.det(first[:, :2]))))
    if abs(grown - 1) > ZOOM:
        return {"zoomed": {"from": 1.0, "to": grown}}
    middle = carried(last)[2] - carried(first)[2]
    wandered = float(np.abs(middle).max())
    return {"panned": {"share": wandered}} if wandered > PAN else {}


def _pairs(aligned: Aligned) -> npt.NDArray[np.intp]:
    """(m, 2): picture and frame numbers that lie on the line, spread over the stretch."""
    pairs = aligned_pairs(aligned.products, aligned.line)
    spread = np.unique(np.linspace(0, len(pairs) - 1, min(COMPARED, len(pairs))).astype(int))
    return np.asarray(pairs[spread])


def _surroundings(aligned: Aligned, pairs: npt.NDArray[np.intp], part: Region) -> Edits:
    """What lies around the footage in the source: bars, a blurred fill, another picture."""
    import cv2

    height, width = aligned.frames[0].shape
    polygon = outline(aligned, part)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(polygon).astype(np.int32), 1)
    columns, rows = inside.any(axis=0), inside.any(axis=1)
    area = float(inside.mean())
    if not area or area > FILLS:
        return {}
    # A band along the rim is left out: scaling and compression make it neither one nor the other.
    rim = cv2.dilate(inside, np.ones((9, 9), np.uint8)) > 0
    outside = ~rim
    if outside.mean() < 0.02:
        return {}
    shown = np.stack([aligned.frames[k] for k in np.unique(pairs[:, 1])]).astype(np.float32)
    change = (
        float(np.abs(np.diff(shown, axis=0)).mean(axis=0)[outside].mean())
        if len(shown) > 1
        else 0.0
    )
    middle = shown[len(shown) // 2]
    detail = float(
        np.abs(np.diff(middle, axis=1))[outside[:, 1:]].mean()
        + np.abs(np.diff(middle, axis=0))[outside[1:]].mean()
    )
    figures = {"area": area, "width": float(columns.mean()), "height": float(rows.mean())}
    if change < STILL_LEVELS or detail < FLAT_LEVELS:
        return {"letterboxed": figures}
    if _seam(shown, polygon) < SEAM:
        return {"uncropped": figures}  # the known footage is the one that was cropped
    return {"picture_in_picture": figures}


def _seam(shown: npt.NDArray[np.float32], polygon: npt.NDArray[np.float64]) -> float:
    """How many times more gray levels change over an outline than over lines beside it, at the side
    of it where that is least; infinite where no side lies well within the frame.

    Args:
        shown: (n, h, w) frames of the source.
        polygon: (4, 2) corners in pixels.
    """
    import cv2

    height, width = shown.shape[1:]
    middle = polygon.mean(axis=0)
    steps = np.arange(-SEAM_BESIDE[1] - 1, SEAM_BESIDE[1] + 2)
    ratios: list[float] = []
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        if length < 2 * SEAM_BESIDE[1]:
            continue
        outward = np.array([along[1], -along[0]]) / length
        outward *= np.sign(outward @ ((start + end) / 2 - middle)) or 1.0
        line = start + np.linspace(0.1, 0.9, max(8, round(0.8 * length)))[:, None] * along
        places = (line[None] + steps[:, None, None] * outward).astype(np.float32)
        within = ((places >= 0) & (places <= [width - 1, height - 1])).all(axis=(0, 2))
        if within.mean() < 0.5:
            continue
        places = places[:, within]
        x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
        sampled = np.stack([cv2.remap(frame, x, y, cv2.INTER_LINEAR) for frame in shown])
        levels = np.abs(np.gradient(sampled, axis=1)).mean(axis=(0, 2))
        near, apart = np.abs(steps) <= SEAM_REACH, np.abs(steps)
        far = (apart >= SEAM_BESIDE[0]) & (apart <= SEAM_BESIDE[1])
        ratios.append(float(levels[near].max()) / max(float(np.median(levels[far])), 0.5))
    return min(ratios, default=float("inf"))


def _covered(aligned: Aligned, pairs: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """(h, w): where the source shows something else in place of the footage."""
    import cv2

    mask = aligned.overlay.mask
    textured, agreement = _agreement(aligned, pairs)
    poor = textured & (agreement < DISAGREEMENT * float(np.median(agreement[mask])))
    poor &= ~_stands_in_the_footage(aligned, pairs)
    closed = cv2.morphologyEx(poor.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(closed > 0) & mask


def _stands_in_the_footage(aligned: Aligned, pairs: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """(h, w): where the source moves and the footage does not: what covers it there is the
    footage's own caption, which the source lacks.
    """
    import cv2

    mask = aligned.overlay.mask
    changes = []
    for values in (
        aligned.overlay.query[pairs[:, 1]],
        aligned.overlay.reference[pairs[:, 0]],
    ):
        change = np.zeros(mask.shape, np.float32)
        change[mask] = values.var(axis=0)
        changes.append(cv2.GaussianBlur(change, (0, 0), 1.5))
    source, footage = changes
    return np.asarray(source > RESTLESS * np.maximum(footage, 1e-6 + 0.02 * source.max()))


def _part_shown(aligned: Aligned, pairs: npt.NDArray[np.intp]) -> Region:
    """The footage's picture without those of its sides that another picture hides, in shares of its
    width and height.
    """
    mask = aligned.overlay.mask
    textured, agreement = _agreement(aligned, pairs)
    # Half of it may be hidden: the median would be that of the other picture.
    poor = textured & (agreement < DISAGREEMENT * float(np.quantile(agreement[mask], 0.75)))
    votes = np.where(poor, 1, -2) * textured
    sides = []
    for axis, size in ((0, mask.shape[1]), (1, mask.shape[0])):
        lines, within = votes.sum(axis=axis), np.flatnonzero(mask.any(axis=axis))
        first = _hidden(lines, within)
        last = _hidden(lines[::-1], size - 1 - within[::-1])
        sides.append((first / size, 1.0 - (first + last) / size))
    (x, width), (y, height) = sides
    return Region(x, y, width, height) if min(width, height) > 0 else WHOLE


def _hidden(votes: npt.NDArray[np.int_], within: npt.NDArray[np.intp]) -> int:
    """How many lines from the first on show something else, where it is enough to be a picture."""
    if not len(within):
        return 0
    sums = np.cumsum(votes)
    end = int(sums.argmax()) + 1
    hidden = np.count_nonzero(within < end)
    return end if sums[end - 1] > 0 and hidden >= BESIDE * len(within) else 0


def _inside(part: Region, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """(h, w): the cells that lie in the part."""
    y = (np.arange(shape[0]) + 0.5) / shape[0]
    x = (np.arange(shape[1]) + 0.5) / shape[1]
    rows = (y > part.y) & (y < part.y + part.height)
    return np.asarray(rows[:, None] & ((x > part.x) & (x < part.x + part.width)))


def _agreement(
    aligned: Aligned, pairs: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """(h, w) each: where the footage has enough texture to tell, and how much of it is found in the
    source: 1 where it is all there, around 0 where something else is.
    """
    import cv2

    mask = aligned.overlay.mask
    reference = aligned.overlay.reference[pairs[:, 0]]
    query = aligned.overlay.query[pairs[:, 1]]
    pixels = reference.shape[1]
    agreement = np.zeros(mask.shape, np.float32)
    agreement[mask] = (reference * query).mean(axis=0) * pixels
    own = np.zeros(mask.shape, np.float32)
    own[mask] = (reference**2).mean(axis=0) * pixels
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5) + 1e-3
    agreement = np.asarray(cv2.GaussianBlur(agreement, (0, 0), 1.5) / weight)
    own = np.asarray(cv2.GaussianBlur(own, (0, 0), 1.5) / weight)
    return mask & (own > LEAST_TEXTURE), np.asarray(agreement / np.maximum(own, 0.1))


def _overlays(covered: npt.NDArray[np.bool_], total: float) -> Edits:
    """Compact regions that do not show the footage: wide ones are captions, others stickers."""
    import cv2

    count, _, stats, _ = cv2.connectedComponentsWithStats(covered.astype(np.uint8))
    edits: Edits = {}
    for k in range(1, count):
        area = stats[k, cv2.CC_STAT_AREA] / total
        filled = stats[k, cv2.CC_STAT_AREA] / (
            stats[k, cv2.CC_STAT_WIDTH] * stats[k, cv2.CC_STAT_HEIGHT]
        )
        if area < LEAST_CAPTION or filled < 0.6:
            continue
        wide = stats[k, cv2.CC_STAT_WIDTH] > 2.5 * stats[k, cv2.CC_STAT_HEIGHT]
        name = "captioned" if wide else "overlaid"
        edits.setdefault(name, {"covered": 0.0})["covered"] += float(area)
    return edits


def _tones(aligned: Aligned, pairs: Any, use: npt.NDArray[np.bool_]) -> Edits:
    """Contrast and brightness of the source against the footage, by a straight line of tones."""
    import cv2

    height, width = aligned.overlay.mask.shape
    source = (aligned.frames[0].shape[1], aligned.frames[0].shape[0])
    warp = pixel_transform(aligned.track.middle, (width, height), source, mirrored=aligned.mirrored)
    known, seen = [], []
    for picture, frame in pairs[:4]:
        known.append(shrink(aligned.pictures[picture], max(width, height))[use])
        laid = cv2.warpAffine(
            aligned.frames[frame],
            warp,
            (width, height),
            flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP,
        )
        seen.append(np.asarray(laid)[use])
    x, y = np.concatenate(known).astype(float), np.concatenate(seen).astype(float)
    if len(x) < 100 or x.std() < 8:
        return {}
    contrast = float(np.cov(x, y)[0, 1] / x.var())
    brightness = float(y.mean() - x.mean())
    if abs(contrast - 1) < CONTRAST_CHANGE and abs(brightness) < BRIGHTNESS_CHANGE:
        return {}
    return {"recoloured": {"contrast": contrast, "brightness": brightness}}
