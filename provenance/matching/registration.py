"""The pose fitted anew to the pixels of pictures and frames that belong together.

Features put the footage to within a few pixels. Enhanced correlation coefficient maximisation does
the rest: G. Evangelidis, E. Psarakis, "Parametric image alignment using enhanced correlation
coefficient maximization", PAMI 2008, as OpenCV has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from provenance.crew import checkpoint
from provenance.matching.alignment import (
    EDGE_TOLL,
    LAGS,
    NODE_TOLL,
    NODE_WEIGHT,
    UNIT_SPEED_BONUS,
    Line,
    Products,
    best_run,
)
from provenance.matching.pixels import (
    SIDE,
    Evener,
    laid_on,
    pixel_transform,
    shares_transform,
    shown_of,
    shrink,
)
from provenance.matching.track import Track, carried

if TYPE_CHECKING:
    import numpy.typing as npt

    Gray = npt.NDArray[np.uint8]
    Matrix = npt.NDArray[np.float64]

FITTING_SIDE = 160
"""Longer side in pixels at which the transform is fitted."""
PICTURES, PICTURES_OF_A_TRACK = 4, 12
"""Pictures that a still pose and a moving one are fitted to."""
SHIFTS = (-0.2, -0.1, 0.0, 0.1, 0.2)
"""Seconds around a picture's moment from which frames are tried: features tie each picture to
frames a little before or after its own moment, and a camera in motion has turned meanwhile."""
GOOD_FIT = 0.8
"""Fits below this share of the best one are left out."""
FARTHEST = 0.08
"""Share of the frame by which a single frame may lie elsewhere than its track says."""
STEADY_STEP = 0.1
"""Seconds between the frames that a shaking source is followed by; hands shake at 2 to 5 Hz."""
SHAKES = 0.012
"""Share of the frame by which a source that shakes is moved about at least."""
PROBED, FITS_AT_ALL = 9, 0.5
"""Frames that are tried first: where fewer than half of them fit so well, or where they hardly move
about, there is no shaking to be taken out."""
COMPARED = 20
"""Most pictures on either side of a line's middle whose frames are registered one by one."""
OFFSETS = (-0.12, -0.06, 0.06, 0.12)
"""Seconds by which a line is moved to see whether its frames lie better there."""
LEAST_COMMON = 240
"""Pixels that two frames must both show of two pictures to be compared."""


def sharpened(
    pictures: Sequence[Gray],
    frames: Sequence[Gray],
    track: Track,
    p: Products,
    line: Line,
    *,
    mirrored: bool,
) -> Track | None:
    """The track fitted anew to the pixels of aligned pictures, or None where that fails."""
    inside = np.arange(line.first, line.last + 1)
    count = min(PICTURES_OF_A_TRACK if track.moves else PICTURES, len(inside))
    spread = np.unique(np.linspace(0, len(inside) - 1, count).round()).astype(int)
    fitted: list[tuple[float, float, Matrix]] = []
    for picture in inside[spread]:
        moment = float((p.times[picture] - line.offset) / line.speed)
        shifts = (0.0,) if track.moves else SHIFTS
        tried = sorted({int(np.abs(p.moments - (moment + shift)).argmin()) for shift in shifts})
        start = track.at(np.array([moment]))[0]
        fits = _fits(pictures[picture], (frames[k] for k in tried), start, mirrored=mirrored)
        if fits:
            fit, matrix = max(fits, key=lambda f: f[0])
            fitted.append((fit, moment, matrix))
    if not fitted:
        return None
    best = max(fit for fit, _, _ in fitted)
    good = sorted((f for f in fitted if f[0] > GOOD_FIT * best), key=lambda f: f[1])
    matrices = np.stack([matrix for _, _, matrix in good])
    if not track.moves or len(good) == 1:
        return Track.still(np.median(matrices, axis=0))
    return Track(np.array([moment for _, moment, _ in good]), matrices)


def steadied(
    pictures: Sequence[Gray],
    frames: Sequence[Gray],
    moments: npt.NDArray[np.float64],
    track: Track,
    guides: tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]],
    *,
    mirrored: bool,
) -> Track | None:
    """A track that follows every shake of the source, or None where it does not shake.

    Frames are fitted to the picture that features found in the frame next to them. Its second need
    not be theirs: where the footage's camera stands still, every picture shows the same scene.

    Args:
        guides: seconds in the source, and the picture that features found there.
    """
    if len(moments) < 2:
        return None
    step = max(1, round(STEADY_STEP / float(np.median(np.diff(moments)))))
    followed = np.arange(0, len(moments), step)

    def laid(k: int, before: Sequence[Matrix] = ()) -> tuple[float, Matrix] | None:
        """The best fit of frame k, from where its track and the frame before put it."""
        picture = pictures[guides[1][int(np.abs(guides[0] - moments[k]).argmin())]]
        matrix = track.at(moments[[k]])[0]
        fits = [
            found
            for start in (matrix, *before)
            for found in _fits(picture, (frames[k],), start, mirrored=mirrored)
            if np.abs(carried(found[1]) - carried(matrix)).max() < FARTHEST
        ]
        return max(fits, key=lambda f: f[0], default=None)

    spread = np.linspace(0, len(followed) - 1, min(PROBED, len(followed))).astype(int)
    probed = [laid(k) for k in followed[spread].tolist()]
    fitting = [one[1] for one in probed if one and one[0] > FITS_AT_ALL]
    if 2 * len(fitting) < len(probed) or _range(fitting) < SHAKES / 2:
        return None
    fitted: list[tuple[float, Matrix]] = []
    for k in followed.tolist():
        if found := laid(k, [matrix for _, matrix in fitted[-1:]]):
            fitted.append((float(moments[k]), found[1]))
    if len(fitted) < 2:
        return None
    matrices = [matrix for _, matrix in fitted]
    if _range(matrices) < SHAKES:
        return None
    return Track(np.array([moment for moment, _ in fitted]), np.stack(matrices))


def _range(matrices: Sequence[Matrix]) -> float:
    """Share of the frame by which transforms carry the marks to different places."""
    return float(np.ptp(carried(np.stack(matrices)), axis=0).max())


class Registration:
    """Lines measured with every frame laid onto its picture by itself.

    Where hands shake, no one track lays all frames well; and frames that happen to lie well are
    found at any speed. Two pictures are compared over the pixels that both their frames show.

    Args:
        free: (K,) frames that may be used.
    """

    def __init__(
        self,
        pictures: Sequence[Gray],
        frames: Sequence[Gray],
        free: npt.NDArray[np.bool_],
        track: Track,
        p: Products,
        *,
        mirrored: bool,
    ) -> None:
        self._pictures, self._frames, self._free = pictures, frames, free
        self._track, self._products, self._mirrored = track, p, mirrored
        self._done: dict[tuple[int, int], _Laid] = {}

    def best(self, line: Line, offsets: Sequence[float] = ()) -> Line | None:
        """The line, one at normal speed through it or at one of these offsets, or one a little
        earlier or later: whichever explains most, as far as it reaches.
        """
        p = self._products
        tried = [line]
        if line.speed > 0 and line.speed != 1.0:
            pictures = {line.first, (line.first + line.last) // 2, line.last}
            moments = [(p.times[k] - line.offset) / line.speed for k in pictures]
            tried += [
                replace(line, speed=1.0, offset=float(p.times[k] - moment))
                for k, moment in zip(pictures, moments, strict=True)
            ]
        for offset in offsets:
            shown = np.flatnonzero(
                (p.times - offset >= p.moments[0]) & (p.times - offset <= p.moments[-1])
            )
            if len(shown):
                first, last = int(shown[0]), int(shown[-1])
                tried.append(replace(line, speed=1.0, offset=offset, first=first, last=last))
        best = self._most(tried)
        return best and self._most(
            [best, *(replace(best, offset=best.offset + shift) for shift in OFFSETS)]
        )

    def _most(self, lines: Sequence[Line]) -> Line | None:
        found = [line for one in lines if (line := self._measured(one))]
        return max(
            found,
            key=lambda f: f.gain * (UNIT_SPEED_BONUS if f.speed == 1.0 else 1.0),
            default=None,
        )

    def _measured(self, line: Line) -> Line | None:
        p = self._products
        wanted = (p.times - line.offset) / line.speed
        step = float(np.median(np.diff(p.moments))) if len(p.moments) > 1 else 0.1
        frame = np.abs(p.moments[None] - wanted[:, None]).argmin(axis=1)
        usable = self._free[frame] & (np.abs(p.moments[frame] - wanted) < max(step, 0.15))
        middle = (line.first + line.last) // 2
        laid: dict[int, _Laid] = {}
        for way in (1, -1):
            start = None
            reach = min(len(p.times), middle + COMPARED) if way > 0 else max(-1, middle - COMPARED)
            for picture in range(middle, reach, way):
                if not usable[picture]:
                    break
                laid[picture] = self._laid(picture, int(frame[picture]), start)
                start = laid[picture].matrix
        if not laid:
            return None
        order = sorted(laid)
        run = [laid[picture] for picture in order]
        nodes = np.array([one.node() for one in run])
        edges = np.array([one.edge(next_one) for one, next_one in pairwise(run)])
        gain, first, last = best_run(nodes[None], edges[None])
        chosen = run[int(first[0]) : int(last[0]) + 1]
        return replace(
            line,
            first=order[int(first[0])],
            last=order[int(last[0])],
            motion=_motion(chosen),
            likeness=float(np.mean([one.likeness for one in chosen])),
            gain=float(gain[0]),
        )

    def _laid(self, picture: int, frame: int, start: Matrix | None) -> _Laid:
        key = (picture, frame)
        if key not in self._done:
            starts = [self._track.at(self._products.moments[[frame]])[0]]
            if start is not None:
                starts.append(start)
            self._done[key] = _laid(
                self._pictures[picture], self._frames[frame], starts, mirrored=self._mirrored
            )
        return self._done[key]


@dataclass(frozen=True, eq=False)
class _Laid:
    """A picture of the footage and the frame of the source that was laid onto it by itself."""

    known: Gray
    seen: Gray
    inside: npt.NDArray[np.bool_]
    matrix: Matrix

    @cached_property
    def likeness(self) -> float:
        if self.inside.sum() < LEAST_COMMON:
            return 0.0
        evened = Evener(self.inside)
        known, seen = evened(self.known), evened(self.seen)
        length = float(np.linalg.norm(known) * np.linalg.norm(seen))
        return float(known @ seen) / max(length, 1e-3)

    def node(self) -> float:
        return NODE_WEIGHT * (self.likeness - NODE_TOLL)

    def changes(self, other: _Laid) -> tuple[npt.NDArray[np.float32], ...] | None:
        """This picture, the other one, this frame, the other one over what both frames show."""
        common = self.inside & other.inside
        if common.sum() < LEAST_COMMON:
            return None
        evened = Evener(common)
        return evened(self.known), evened(other.known), evened(self.seen), evened(other.seen)

    def edge(self, other: _Laid) -> float:
        """What the step to the next one adds to a run, as in `alignment`."""
        vectors = self.changes(other)
        if vectors is None:
            return -1.0
        a, b, i, j = vectors
        later, earlier = float((b - a) @ j), float((a - b) @ i)
        change = float((j - i) @ (j - i) + (b - a) @ (b - a)) / 2
        return 2 * min(later, earlier) - EDGE_TOLL * change


def _motion(run: Sequence[_Laid]) -> float:
    covariance = energy = query_energy = 0.0
    for lag in LAGS:
        for one, other in zip(run[:-lag], run[lag:], strict=True):
            vectors = one.changes(other)
            if vectors is None:
                continue
            a, b, i, j = vectors
            covariance += float((b - a) @ (j - i))
            energy += max(float((b - a) @ (b - a)), 1e-4)
            query_energy += max(float((j - i) @ (j - i)), 1e-4)
    return covariance / float(np.sqrt(max(energy * query_energy, 1e-12)))


def _laid(picture: Gray, frame: Gray, starts: Sequence[Matrix], *, mirrored: bool) -> _Laid:
    """The frame laid onto the picture, from the start that leads to the best fit."""
    matrix, best = starts[0], -1.0
    for start in starts:
        for fit, found in _fits(picture, (frame,), start, mirrored=mirrored):
            if fit > best and np.abs(carried(found) - carried(start)).max() < FARTHEST:
                matrix, best = found, fit
    small = shrink(picture, SIDE)
    size = (small.shape[1], small.shape[0])
    # Shrinking first keeps fine texture from turning into noise.
    warp = pixel_transform(matrix, size, frame.shape[::-1], mirrored=mirrored)
    scale = float(np.sqrt(abs(np.linalg.det(warp[:, :2]))))
    shrunk = shrink(frame, round(max(frame.shape) / max(1.0, scale)))
    seen = laid_on(shrunk, matrix, size, mirrored=mirrored)
    return _Laid(small, seen, shown_of(shrunk.shape, matrix, size, mirrored=mirrored), matrix)


def _fits(
    picture: Gray, frames: Iterable[Gray], start: Matrix, *, mirrored: bool
) -> list[tuple[float, Matrix]]:
    """Fit and transform of a picture to each frame that it can be fitted to."""
    import cv2

    template = cv2.GaussianBlur(shrink(picture, FITTING_SIDE), (0, 0), 0.8)
    size = (template.shape[1], template.shape[0])
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
    found = []
    for frame in frames:
        checkpoint()
        source = (frame.shape[1], frame.shape[0])
        warp = pixel_transform(start, size, source, mirrored=mirrored).astype(np.float32)
        blur = max(0.8, float(np.sqrt(abs(np.linalg.det(warp[:, :2])))) / 2.0)
        image = cv2.GaussianBlur(frame, (0, 0), blur)
        mask = np.full(image.shape, 255, np.uint8)
        try:
            fit, fitted = cv2.findTransformECC(
                template, image, warp, cv2.MOTION_AFFINE, criteria, mask, 3
            )
        except cv2.error:  # it did not converge, or nothing overlaps
            continue
        matrix = shares_transform(np.asarray(fitted, np.float64), size, source, mirrored=mirrored)
        found.append((float(fit), matrix))
    return found
