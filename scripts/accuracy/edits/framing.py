"""Another part or another shape of the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from accuracy.desk import Desk, Frame, Recipe, edit


def wandering(desk: Desk, tracks: int, step: float, seconds: float) -> NDArray[np.float64]:
    """Random walks that are drawn back to 0, one a column, 30 values a second.

    A hand does not drift away for ever: each value keeps 0.96 of the one before.
    """
    steps = desk.numbers().normal(0.0, step, (int(seconds * 30) + 60, tracks))
    walk = np.zeros_like(steps)
    speed = np.zeros(tracks)
    for n in range(1, len(walk)):
        speed = 0.85 * speed + 0.15 * steps[n]
        walk[n] = 0.96 * walk[n - 1] + speed
    return walk


def _other_shape(desk: Desk, along: str) -> str:
    """Crop of landscape footage to 9:16, or of upright footage to 16:9, at a place along it."""
    if desk.upright:
        return f"crop=iw:trunc(iw*9/32)*2:0:(ih-oh)*{along},scale=640:-2"
    return f"crop=trunc(ih*9/32)*2:ih:(iw-ow)*{along}:0,scale=-2:640"


@edit()
def vertical_crop(desk: Desk) -> Recipe:
    """Cropped to 9:16 (upright footage: to 16:9)."""
    return Recipe(f"[v]{_other_shape(desk, f'{desk.between(0.15, 0.85):.3f}')}[out]", desk.whole())


@edit(extreme=True)
def vertical_pan(desk: Desk) -> Recipe:
    """Cropped to 9:16 with a pan."""
    start, end = desk.between(0.0, 0.35), desk.between(0.65, 1.0)
    if desk.random.random() < 0.5:
        start, end = end, start
    along = f"({start:.3f}+{end - start:.3f}*t/{desk.seconds:.2f})"
    return Recipe(f"[v]{_other_shape(desk, along)}[out]", desk.whole())


@edit()
def slow_zoom(desk: Desk) -> Recipe:
    """A slow zoom into the picture."""
    width, height = desk.size
    most, seconds = desk.between(1.3, 1.7), desk.seconds
    x, y = desk.between(0.3, 0.7) * width, desk.between(0.3, 0.7) * height
    outwards = desk.random.random() < 0.3

    def paint(frame: Frame, time: float) -> Frame:
        share = min(1.0, time / seconds)
        zoom = 1 + (most - 1) * (1 - share if outwards else share)
        matrix = np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)]])
        return _warped(frame, matrix)

    return Recipe("[v]null[out]", desk.whole(), paint)


@edit()
def hand_shake(desk: Desk) -> Recipe:
    """A shaking hand: shifts and turns."""
    width, height = desk.size
    walk = wandering(desk, 3, desk.between(0.010, 0.016), desk.seconds)

    def paint(frame: Frame, time: float) -> Frame:
        dx, dy, turn = walk[min(int(time * 30), len(walk) - 1)]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(turn), 1.1)
        matrix[:, 2] += (dx * width, dy * height)
        return _warped(frame, matrix)

    return Recipe("[v]null[out]", desk.whole(), paint)


@edit()
def squeezed(desk: Desk) -> Recipe:
    """Squeezed to 4:3 (upright footage: to 3:4)."""
    return Recipe(f"[v]scale={'360:480' if desk.upright else '480:360'}[out]", desk.whole())


@edit(extreme=True)
def squeezed_upright(desk: Desk) -> Recipe:
    """Squeezed to 9:16 (upright footage: to 16:9)."""
    return Recipe(f"[v]scale={'640:360' if desk.upright else '360:640'}[out]", desk.whole())


@edit(extreme=True)
def filmed_screen(desk: Desk) -> Recipe:
    """Filmed off a screen: perspective, moire, rolling bars, a moving hand."""
    width, height = (480, 640) if desk.upright else (640, 480)
    shown_width, shown_height = desk.size
    scale = min(width / shown_width, height / shown_height) * desk.between(0.82, 0.98)
    half = np.array([shown_width, shown_height]) * scale / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    numbers = desk.numbers()
    corners = np.array([width, height]) / 2 + signs * half
    corners += numbers.uniform(-0.055, 0.055, (4, 2)) * np.array([width, height])
    walk = wandering(desk, 2, 0.004, desk.seconds)
    grid = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = numbers.uniform(0.35, 0.8, (2, 2))
    moire = 0.035 * sum(np.cos(2 * np.pi * (a * grid[0] + b * grid[1]) / 3.1) for a, b in waves)
    noise = numbers.normal(0, 5, (7, height, width, 3)).astype(np.float32)
    tint = np.array([0.95, 1.0, 1.05], np.float32)
    roll, depth = desk.between(0.6, 1.6), desk.between(0.05, 0.12)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)

    def paint(frame: Frame, time: float) -> Frame:
        moved = corners + walk[min(int(time * 30), len(walk) - 1)] * width
        matrix = cv2.getPerspectiveTransform(flat, moved.astype(np.float32))
        lit = cv2.warpPerspective(frame, matrix, (width, height), borderValue=(18, 18, 22))
        bars = depth * np.sin(2 * np.pi * (grid[0] / height * 1.5 + roll * time))
        light = (0.85 * (1 + bars + moire)).astype(np.float32)[..., None]
        hazy = lit * light * tint + (18 + noise[round(time * 30) % len(noise)])
        soft = cv2.GaussianBlur(hazy, (0, 0), 0.9)
        return np.asarray(np.clip(soft, 0, 255), np.uint8)

    return Recipe(f"[v]scale={width}:{height}[out]", desk.whole(), paint)


def _warped(frame: Frame, matrix: cv2.typing.MatLike) -> Frame:
    height, width = frame.shape[:2]
    turned = cv2.warpAffine(frame, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(turned, np.uint8)
