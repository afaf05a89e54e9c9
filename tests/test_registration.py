"""Frames laid onto pictures one by one: shaking hands and zooms, on made-up pictures."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from provenance.matching.alignment import Line, Products, best_line, products
from provenance.matching.pixels import lay_over
from provenance.matching.registration import Registration, sharpened, steadied
from provenance.matching.track import Track, carried

Gray = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = 160, 90
SECONDS, STEP = 8.0, 0.05


def scene(seconds: float, take: int = 0) -> Gray:
    """A textured room at twice the size, and balls that move through it, otherwise in each take."""
    chooser = np.random.default_rng(7)
    image = np.full((2 * HEIGHT, 2 * WIDTH), 110, np.uint8)
    for _ in range(90):
        x, y = int(chooser.integers(0, 2 * WIDTH)), int(chooser.integers(0, 2 * HEIGHT))
        size, gray = int(chooser.integers(4, 26)), int(chooser.integers(30, 220))
        cv2.rectangle(image, (x, y), (x + size, y + size), gray, -1)
    paths = np.random.default_rng(100 + take)
    for _ in range(4):
        speed, phase = paths.uniform(0.7, 2.5, 2), paths.uniform(0, 6, 2)
        place = (1 + np.sin(speed * seconds + phase)) / 2 * [2 * WIDTH, 2 * HEIGHT]
        cv2.circle(image, tuple(int(v) for v in place), 22, int(paths.integers(0, 256)), -1)
    return cv2.GaussianBlur(image, (0, 0), 1.0)


def shown(image: Gray, matrix: Floats) -> Gray:
    """The scene under a transform in shares of the frame's width."""
    warp = matrix.copy()
    warp[:, 2] *= 2 * WIDTH
    return np.asarray(cv2.warpAffine(image, warp, (2 * WIDTH, 2 * HEIGHT)), np.uint8)


def shift(x: float, y: float, scale: float = 1.0) -> Floats:
    return np.array([[scale, 0.0, x], [0.0, scale, y]])


def clip(take: int, shaking: float) -> tuple[list[Gray], list[Gray], Floats, Floats]:
    """(pictures, frames, picture times, frame moments): the frames shaken by so much."""
    times, moments = np.arange(0.5, SECONDS, 1.0), np.arange(0.0, SECONDS, STEP)
    pictures = [cv2.resize(scene(t), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for t in times]
    hands = [(np.sin(9 * m), np.sin(11 * m + 2)) for m in moments]
    frames = [
        shown(scene(m, take), shift(shaking * x, shaking * y))
        for m, (x, y) in zip(moments, hands, strict=True)
    ]
    return pictures, frames, times, moments


def found(take: int, shaking: float) -> tuple[Line, Line]:
    """The best line under a still track, and the one with frames laid one by one."""
    pictures, frames, times, moments = clip(take, shaking)
    track = Track.still(shift(0.0, 0.0))
    p = laid(pictures, frames, times, moments, track)
    plain = best_line(p)
    assert plain is not None
    free = np.ones(len(moments), bool)
    line = Registration(pictures, frames, free, track, p, mirrored=False).best(plain)
    assert line is not None
    return plain, line


def laid(
    pictures: list[Gray], frames: list[Gray], times: Floats, moments: Floats, track: Track
) -> Products:
    overlay = lay_over(
        pictures,
        lambda halvings: [cv2.resize(f, None, fx=0.5**halvings, fy=0.5**halvings) for f in frames],
        moments,
        track,
        mirrored=False,
    )
    assert overlay is not None
    return products(times, moments, overlay.reference, overlay.query)


def test_shaken_frames_agree_once_each_is_laid_by_itself() -> None:
    plain, line = found(take=0, shaking=0.03)
    assert plain.motion < 0.7
    assert line.motion > 0.8
    assert line.last - line.first >= 6
    assert line.speed == 1.0
    assert abs(line.offset) < 0.15


def test_strong_shaking_is_taken_out_of_the_whole_source() -> None:
    pictures, frames, times, moments = clip(take=0, shaking=0.05)
    still = Track.still(shift(0.0, 0.0))
    guides = (times, np.arange(len(times)))
    track = steadied(pictures, frames, moments, still, guides, mirrored=False)
    assert track is not None
    line = best_line(laid(pictures, frames, times, moments, track))
    assert line is not None
    assert line.motion > 0.8
    assert abs(line.offset) < 0.1


def test_another_take_of_the_scene_does_not_agree_for_being_laid_by_itself() -> None:
    for take in (1, 2, 3):
        _, line = found(take=take, shaking=0.0)
        assert line.motion * (line.last - line.first) < 1.0


def test_a_track_is_fitted_to_the_pixels_of_a_slow_zoom() -> None:
    times, moments = np.arange(0.5, SECONDS, 1.0), np.arange(0.0, SECONDS, STEP)
    pictures = [cv2.resize(scene(t), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for t in times]

    def zoom(moment: float) -> Floats:
        return shift(-0.02 * moment, -0.01 * moment, 1.0 + 0.04 * moment)

    frames = [shown(scene(m), zoom(m)) for m in moments]
    right = np.stack([zoom(moment) for moment in moments])
    rough = right + np.random.default_rng(2).normal(0, 0.004, right.shape)
    track = Track(moments[::20], rough[::20])
    p = laid(pictures, frames, times, moments, track)
    line = best_line(p)
    assert line is not None
    fitted = sharpened(pictures, frames, track, p, line, mirrored=False)
    assert fitted is not None

    def off(one: Track) -> float:
        inner = slice(20, -20)
        return float(np.abs(carried(one.at(moments)) - carried(right))[inner].mean())

    assert off(fitted) < 0.5 * off(track)
