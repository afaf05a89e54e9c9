"""What lies behind and below things: sky, floors and land."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from samples.camera import HEIGHT, WIDTH, Camera, Haze
from samples.colours import Colour, shade, vary
from samples.sprites import Sprite
from samples.surfaces import Picture, Rng, f32, fractal, mix


class Sky:
    """Clouds on a plane overhead, so that they drift and shrink towards the horizon."""

    def __init__(self, rng: Rng, top: Colour, low: Colour, lit: Colour, cover: float) -> None:
        self.top, self.low, self.lit, self.cover = top, low, lit, cover
        density = fractal(rng, 1024, 1024, 256, 0.58)
        self.clouds = np.clip((density - 1 + cover) / 0.35, 0, 1)
        thick = cv2.GaussianBlur(np.roll(density, (9, -14), (0, 1)), (0, 0), 3)
        self.light = np.clip(0.75 + 2.2 * (density - thick), 0.35, 1.2).astype(np.float32)

    def paint(self, camera: Camera, time: float, mirror: bool = False) -> Picture:
        """The whole frame as sky; ``mirror``: what still water would show below the horizon."""
        rows, columns = np.indices((HEIGHT, WIDTH), np.float32)
        rise = (camera.horizon - rows) / camera.focal
        rise = np.maximum(-rise if mirror else rise, 0) + f32(0.035)
        east, north = camera.world((columns - WIDTH / 2) / camera.focal, np.ones_like(rows))
        u = (east - camera.x) / rise * 60 + 500 + 9 * time
        v = (north - camera.z) / rise * 60 + 300 + 3 * time
        maps = (u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)
        cloud = cv2.remap(self.clouds, *maps, borderMode=cv2.BORDER_REFLECT)
        light = cv2.remap(self.light, *maps, borderMode=cv2.BORDER_REFLECT)
        picture = mix(self.low, self.top, np.clip(rise * 1.8, 0, 1) ** 0.7)
        cloud *= np.clip(rise * 7 - 0.25, 0, 0.9)
        white = f32(self.lit) / 255 * light[..., None]
        return f32(picture * (1 - cloud[..., None]) + white * cloud[..., None])


class Ground:
    """A flat textured floor, sampled row by row from ever coarser copies."""

    def __init__(self, texture: Picture, scale: float) -> None:
        self.scale = scale
        self.levels = Sprite(texture, 1, 1).levels[:6]

    def paint(
        self, frame: Picture, camera: Camera, haze: Haze, near: float = 0, far: float = 1e4
    ) -> None:
        """Lay the floor over the part of the frame below the horizon, between two depths."""
        first = max(0, math.floor(camera.horizon) + 2)
        rows = np.arange(first, HEIGHT, dtype=np.float32)
        depth = camera.y * camera.focal / (rows - camera.horizon)
        wanted = np.clip(np.log2(depth / camera.focal * self.scale) + 0.8, 0, len(self.levels) - 1)
        across = (np.arange(WIDTH, dtype=np.float32) - WIDTH / 2) / camera.focal
        east, north = camera.world(depth[:, None] * across, depth[:, None] + 0 * across)
        floor = np.zeros((len(rows), WIDTH, 3), np.float32)
        for number, level in enumerate(self.levels):
            weight = np.clip(1 - np.abs(wanted - number), 0, 1).astype(np.float32)
            used = np.flatnonzero(weight)
            if not len(used):
                continue
            part = slice(used[0], used[-1] + 1)
            scale = self.scale / 2**number
            u = (east[part] * scale + level.shape[1] / 2).astype(np.float32)
            v = (north[part] * scale).astype(np.float32)
            seen = cv2.remap(level, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            floor[part] += seen * weight[part, None, None]
        shown = (depth >= near) & (depth <= far)
        hazed = haze.over(floor, depth[:, None])
        frame[first:][shown] = hazed[shown]


# Paints, in place, what is finer than the grid: from the land's colours and its world x and z.
Cover = Callable[[Picture, Picture, Picture], None]


class Terrain:
    """A landscape given by heights and colours on a grid, seen from close above the ground."""

    def __init__(
        self, rng: Rng, heights: Picture, colours: Picture, cell: float, cover: Cover | None = None
    ) -> None:
        self.heights, self.colours = heights.astype(np.float32), colours.astype(np.float32)
        self.cell, self.cover = cell, cover
        self.soft = cv2.GaussianBlur(colours, (0, 0), 2.5)
        self.detail = (0.55 + 0.9 * fractal(rng, 1024, 1024, 32, 0.8)).astype(np.float32)

    def height(self, x: float, z: float) -> float:
        """The ground's height at a place."""
        return float(self._look(self.heights, f32([[x]]), f32([[z]]))[0, 0])

    def _look(self, grid: Picture, x: Picture, z: Picture, cell: float = 0.0) -> Picture:
        cell = cell or self.cell
        u, v = x / cell + grid.shape[1] / 2, z / cell + 40
        maps = (u.astype(np.float32), v.astype(np.float32))
        seen: Picture = cv2.remap(grid, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return seen

    def paint(self, sky: Picture, camera: Camera, haze: Haze) -> tuple[Picture, Picture]:
        """The frame with the land before the sky, and the depth of each of its pixels."""
        steps = np.geomspace(1.2, 2600, 420).astype(np.float32)[:, None]
        across = (np.arange(WIDTH, dtype=np.float32) - WIDTH / 2) / camera.focal
        east, north = camera.world(steps * across, steps + 0 * across)
        rise = self._look(self.heights, east, north) - camera.y
        row = camera.horizon - camera.focal * rise / steps
        skyline = np.minimum.accumulate(row, 0)
        # How many steps each pixel is hidden behind tells the first step that it does see.
        bins = np.clip(np.ceil(skyline), 0, HEIGHT).astype(np.int64)
        counts = np.bincount(
            (bins * WIDTH + np.arange(WIDTH)).ravel(), minlength=(HEIGHT + 1) * WIDTH
        )
        below = counts.reshape(HEIGHT + 1, WIDTH)[::-1].cumsum(0)[::-1]
        first = below[1:]
        seen = first < len(steps)
        index = np.clip(first, 1, len(steps) - 1)
        columns = np.arange(WIDTH)
        before, after = row[index - 1, columns], row[index, columns]
        pixel_rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
        part = np.clip((before - pixel_rows) / np.maximum(before - after, 1e-3), 0, 1)
        depth = steps[index - 1, 0] * (1 - part) + steps[index, 0] * part
        east, north = camera.world(depth * across, depth)
        far = np.clip(depth / 500, 0, 1)[..., None]
        land = self._look(self.colours, east, north) * (1 - far)
        land += self._look(self.soft, east, north) * far
        if self.cover:
            self.cover(land, east, north)
        for size, reach in ((0.02, 14.0), (0.11, 90.0)):
            strength = np.exp(-depth / reach)
            land *= (1 + strength * (self._look(self.detail, east, north, size) - 1))[..., None]
        land = haze.over(land, depth)
        return np.where(seen[..., None], land, sky), np.where(seen, depth, f32(1e6))


def paving(rng: Rng, size: int, stone: Colour, rows: int) -> Picture:
    """A floor of uneven stones with stains and worn tracks."""
    floor = np.full((size, size, 3), 40, np.uint8)
    step = size / rows
    for row in range(rows):
        x, y = -rng.uniform(0, step), row * step
        while x < size:
            wide = step * rng.uniform(0.8, 1.9)
            tone = shade(vary(rng, stone, 6), rng.uniform(0.72, 1.18))
            corners = ((round(x + 1), round(y + 1)), (round(x + wide - 1), round(y + step - 1)))
            cv2.rectangle(floor, *corners, tone, -1)
            x += wide
    stains = 0.45 + 0.85 * fractal(rng, size, size, 256, 0.68)
    stains *= 0.82 + 0.3 * fractal(rng, size, size, 8, 0.9)
    return (floor.astype(np.float32) / 255 * stains[..., None]).astype(np.float32)


def valley_heights(rng: Rng, size: int, cell: float, relief: float) -> Picture:
    """Mountains that rise on both sides of a valley running ahead, and close it far away."""
    x = (np.arange(size, dtype=np.float32) - size / 2)[None] * cell
    z = (np.arange(size, dtype=np.float32)[:, None] - 40) * cell
    rough = 1 - np.abs(2 * fractal(rng, size, size, 256, 0.5) - 1)
    broad = fractal(rng, size, size, 512, 0.4)
    rise = np.clip((np.abs(x + 60 * np.sin(z / 300)) - 30) / 420, 0, 1) ** 1.2
    rise = rise + np.clip((z - 900) / 1500, 0, 1)
    return f32(relief * rise * (0.35 * broad + 0.75 * rough) + 14 * broad)


def sunlit(heights: Picture, cell: float, sun: tuple[float, float], strength: float) -> Picture:
    """How bright slopes are under a low sun."""
    heights = heights.astype(np.float32)
    slope_x = cv2.Sobel(heights, cv2.CV_32F, 1, 0, ksize=3) / (8 * cell)
    slope_z = cv2.Sobel(heights, cv2.CV_32F, 0, 1, ksize=3) / (8 * cell)
    towards = (sun[0] * slope_x + sun[1] * slope_z) / np.sqrt(1 + slope_x**2 + slope_z**2)
    return f32(np.clip(0.85 - strength * towards, 0.42, 1.6)[..., None])
