"""Upright paintings: where they are painted, and how they are kept for any distance."""

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from samples.colours import Colour, pick
from samples.surfaces import Picture, Rng, f32, fractal


class Sprite:
    """A see-through painting with its half-size copies, so that far away it does not flicker."""

    def __init__(self, rgba: Picture, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.levels = [rgba]
        while min(self.levels[-1].shape[:2]) > 8:
            last = self.levels[-1]
            half = (last.shape[1] // 2, last.shape[0] // 2)
            self.levels.append(cv2.resize(last, half, interpolation=cv2.INTER_AREA))

    @cached_property
    def shadow(self) -> "Sprite":
        """The soft dark shape this throws on the ground."""
        alpha = cv2.GaussianBlur(self.levels[0][..., 3], (0, 0), 2.5) * f32(0.5)
        black = np.zeros_like(alpha)
        return Sprite(np.dstack([black, black, black, alpha]), self.width, self.height)

    def bent(self, shift: Picture, light: Picture | float = 1.0) -> "Sprite":
        """The painting with its pixels moved sideways and down by ``shift`` (wind)."""
        rgba = self.levels[0]
        rows, columns = np.indices(rgba.shape[:2], np.float32)
        moved = cv2.remap(rgba, columns + shift, rows + 0.4 * shift, cv2.INTER_LINEAR)
        moved[..., :3] *= np.atleast_3d(light)
        return Sprite(moved, self.width, self.height)


class Canvas:
    """Where a sprite is painted; measured in metres from the middle of its bottom edge."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self.width, self.height, self.scale = width, height, scale
        self.pixels = np.zeros((round(height * scale), round(width * scale), 4), np.uint8)

    def points(self, points: Iterable[tuple[float, float]]) -> Any:
        """Metres to the fixed-point pixels (4 fraction bits) that OpenCV draws with."""
        placed = [((x + self.width / 2), (self.height - y)) for x, y in points]
        return np.round(np.array(placed) * self.scale * 16).astype(np.int32)

    def poly(self, points: Iterable[tuple[float, float]], colour: Colour) -> None:
        """A filled outline."""
        cv2.fillPoly(self.pixels, [self.points(points)], (*colour, 255), cv2.LINE_AA, 4)

    def rect(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled box, given by its bottom-left corner."""
        self.poly([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def line(self, points: Iterable[tuple[float, float]], colour: Colour, width: float) -> None:
        """A stroke of a width in metres."""
        pixels = max(1, round(width * self.scale))
        placed = [self.points(points)]
        cv2.polylines(self.pixels, placed, False, (*colour, 255), pixels, cv2.LINE_AA, 4)

    def blob(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """A filled ellipse around a middle."""
        turns = np.linspace(0, 2 * math.pi, 18)
        self.poly([(x + wide * math.cos(a), y + high * math.sin(a)) for a in turns], colour)

    def scribble(self, rng: Rng, x: float, y: float, size: float, length: float) -> None:
        """Lettering that cannot be read."""
        colour = pick(rng, [(240, 235, 220), (30, 25, 25), (200, 40, 35), (240, 200, 60)])
        for start in np.arange(x, x + length, size * 0.75):
            steps = rng.uniform(-0.1, size, (4, 2))
            self.line([(start + a * 0.6, y + b) for a, b in steps], colour, size * 0.16)

    def finish(self, rng: Rng, grime: float = 0.5, side: float = 0.25) -> Sprite:
        """Dirt, grain and light from the left over the flat paint."""
        rgba = self.pixels.astype(np.float32) / 255
        height, width = rgba.shape[:2]
        cell = max(4, min(64, width // 3))
        stains = fractal(rng, height, width, cell, 0.75)
        streaks = cv2.resize(fractal(rng, height // 6 + 2, width, 16), (width, height))
        tone = 1 + grime * (0.7 * stains + 0.5 * streaks - 0.6)
        tone *= np.linspace(1 + side, 1 - side, width, dtype=np.float32)
        rgba[..., :3] = np.minimum(rgba[..., :3] * tone[..., None], rgba[..., 3:])
        return Sprite(rgba, self.width, self.height)
