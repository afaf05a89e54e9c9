"""Render the project's sample clips, so that they carry nobody else's rights.

Everything is painted from seeded random numbers: the same seeds give the same pictures (the bytes
of the files also depend on the ffmpeg at hand). A scene is a class with ``frame(time)``; upright
sprites, a textured ground and a height field are seen through one small pinhole camera, then the
picture is "developed" with lens softness, vignette and grain, because flat clean drawings have
few and ambiguous local features and would be a poor stand-in for real footage.
"""

import argparse
import math
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import cv2
import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS = 640, 360, 25
SAMPLES = Path(__file__).resolve().parent.parent / "samples"

Picture = np.ndarray[Any, Any]  # float32: RGB, or premultiplied RGBA, 0..1
Colour = tuple[float, float, float]  # 0..255
Rng = np.random.Generator


# ---- surfaces ----------------------------------------------------------------------------------


def f32(values: Any) -> Picture:
    """Numbers as an array that does not turn pictures into doubles."""
    return np.asarray(values, np.float32)


def fractal(rng: Rng, height: int, width: int, cell: int = 64, gain: float = 0.55) -> Picture:
    """Multi-octave value noise in 0..1: what makes a painted surface look like a material."""
    total = np.zeros((height, width), np.float32)
    strength = 1.0
    while cell >= 1:
        grid = rng.random((height // cell + 3, width // cell + 3), np.float32)
        large = cv2.resize(grid, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        total += strength * large[cell // 2 :, cell // 2 :][:height, :width]
        strength *= gain
        cell //= 2
    low, high = np.percentile(total, (0.5, 99.5))
    return f32(np.clip((total - low) / (high - low), 0, 1))


def mix(low: Sequence[float], high: Sequence[float], amount: Picture) -> Picture:
    """A picture going from one colour (0..255) to the other where ``amount`` goes from 0 to 1."""
    start, end = f32(low) / 255, f32(high) / 255
    return (start + (end - start) * amount[..., None]).astype(np.float32)


def shade(colour: Colour, factor: float) -> Colour:
    """The colour made darker or lighter."""
    red, green, blue = (min(255.0, part * factor) for part in colour)
    return red, green, blue


def vary(rng: Rng, colour: Colour, amount: float = 18) -> Colour:
    """A colour near this one."""
    light = 1 + rng.normal(0, amount / 90)
    red, green, blue = np.clip(np.array(colour) * light + rng.normal(0, amount / 4, 3), 4, 250)
    return float(red), float(green), float(blue)


def pick(rng: Rng, colours: Sequence[Colour]) -> Colour:
    """One of the colours, slightly off, so that no two things are painted the same."""
    return vary(rng, colours[int(rng.integers(len(colours)))], 12)


def mixed(one: Colour, other: Colour) -> Colour:
    """The colour half-way between two."""
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2


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


# ---- camera ------------------------------------------------------------------------------------


@dataclass
class Camera:
    """A pinhole camera: x right, y up, z ahead. Pitch shifts the picture, so walls stay upright."""

    x: float = 0.0
    y: float = 1.7
    z: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    focal: float = 560.0

    @property
    def horizon(self) -> float:
        """The picture row of everything infinitely far away at the camera's height."""
        return HEIGHT / 2 + self.focal * math.tan(self.pitch)

    def world(self, across: Picture, ahead: Picture) -> tuple[Picture, Picture]:
        """From metres across and ahead of the camera to the world's x and z."""
        sin, cos = math.sin(self.yaw), math.cos(self.yaw)
        return self.x + cos * across + sin * ahead, self.z - sin * across + cos * ahead

    def project(self, points: Picture) -> tuple[Picture, Picture]:
        """World points (n, 3) to picture points and their depths."""
        east, up, north = (points - f32([self.x, self.y, self.z])).T
        sin, cos = math.sin(self.yaw), math.cos(self.yaw)
        depth = sin * east + cos * north
        safe = np.maximum(depth, 1e-3)
        column = WIDTH / 2 + self.focal * (cos * east - sin * north) / safe
        return np.stack([column, self.horizon - self.focal * up / safe], 1), depth


class Shake:
    """The small drift of a hand that holds a camera: yaw, pitch and roll at a time."""

    def __init__(self, rng: Rng, strength: float) -> None:
        self.rate = rng.uniform(0.5, 9, (3, 6))
        self.phase = rng.uniform(0, 7, (3, 6))
        self.size = strength * np.array([[0.012], [0.009], [0.008]]) / (1 + self.rate)

    def at(self, time: float) -> tuple[float, float, float]:
        """Angles in radians."""
        yaw, pitch, roll = (self.size * np.sin(self.rate * time + self.phase)).sum(1)
        return float(yaw), float(pitch), float(roll)


@dataclass
class Haze:
    """Air that takes over with distance."""

    colour: Colour
    reach: float

    def amount(self, depth: Picture) -> Picture:
        """How much of what is seen at a depth is air."""
        return (1 - np.exp(-depth / self.reach)).astype(np.float32)

    def over(self, picture: Picture, depth: Picture) -> Picture:
        """The picture seen through the air."""
        amount = self.amount(depth)[..., None]
        return f32(picture * (1 - amount) + f32(self.colour) / 255 * amount)


def stand(sprite: Sprite, x: float, z: float, y: float = 0.0, turn: float = 0.0) -> Picture:
    """The four corners of a sprite standing upright at a place."""
    half = np.array([math.cos(turn), math.sin(turn)]) * sprite.width / 2
    left, right = np.array([x, z]) - half, np.array([x, z]) + half
    top = y + sprite.height
    corners = [(left, top), (right, top), (right, y), (left, y)]
    return f32([(place[0], level, place[1]) for place, level in corners])


def lie(sprite: Sprite, x: float, z: float, lean: tuple[float, float]) -> Picture:
    """The four corners of a sprite's shadow on the ground: per metre of height, so far it falls."""
    corners = stand(sprite, x, z)
    corners[:2] += f32([lean[0] * sprite.height, -sprite.height, lean[1] * sprite.height])
    return corners


def draw(
    frame: Picture,
    camera: Camera,
    sprite: Sprite,
    corners: Picture,
    haze: Haze,
    depths: Picture | None = None,
) -> None:
    """Put a sprite into the frame; where ``depths`` (of a landscape) is nearer, it stays hidden."""
    near = 0.6
    _, depth = camera.project(corners)
    left, right = float(depth[0] + depth[3]) / 2, float(depth[1] + depth[2]) / 2
    if max(left, right) <= near or (min(depth) <= near and abs(depth[0] - depth[3]) > 0.1):
        return
    start = max(0.0, (near - left) / (right - left)) if right > left else 0.0
    end = min(1.0, (left - near) / (left - right)) if left > right else 1.0
    span = corners[[1, 1, 2, 2]] - corners[[0, 0, 3, 3]]
    edges = f32([start, end, end, start])
    placed, depth = camera.project(corners[[0, 0, 3, 3]] + span * edges[:, None])
    low = np.maximum(np.floor(placed.min(0)), 0).astype(int)
    high = np.minimum(np.ceil(placed.max(0)) + 1, (WIDTH, HEIGHT)).astype(int)
    if (high - low).min() < 1:
        return
    area = abs(cv2.contourArea(placed.astype(np.float32))) + 1e-3
    rows, columns = sprite.levels[0].shape[:2]
    ratio = math.sqrt(rows * columns * (end - start) / area)
    level = sprite.levels[max(0, min(len(sprite.levels) - 1, round(math.log2(ratio))))]
    rows, columns = level.shape[:2]
    corner_rows = f32([0, 0, rows, rows])
    source = np.stack([edges * columns, corner_rows], 1) - f32(0.5)
    home = cv2.getPerspectiveTransform(source, (placed - low).astype(np.float32))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    patch = cv2.warpPerspective(level, home, size, flags=cv2.INTER_LINEAR)
    if start > 0 or end < 1:
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, np.round(placed - low).astype(np.int32), 1)
        patch *= mask[..., None]
    window = (slice(low[1], high[1]), slice(low[0], high[0]))
    if depths is not None:
        patch *= (depths[window] > depth.mean() - 1.5)[..., None]
    air = float(haze.amount(f32(depth.mean())))
    alpha = patch[..., 3:]
    tinted = patch[..., :3] * (1 - air) + alpha * (f32(haze.colour) / 255 * air)
    frame[window] = frame[window] * (1 - alpha) + tinted


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


class Developer:
    """What lens, sensor and hand add to every picture: roll, softness, vignette, grain."""

    def __init__(self, rng: Rng, tint: Colour = (1, 1, 1), grain: float = 0.012) -> None:
        self.tint = f32(tint)
        self.grain = [rng.normal(0, grain, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(7)]
        y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
        self.vignette = (1 - 0.16 * (x**2 + y**2)).astype(np.float32)[..., None] * self.tint

    def develop(self, frame: Picture, time: float, roll: float = 0.0) -> Picture:
        """The finished picture, still 0..1."""
        if roll:
            turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), math.degrees(roll), 1.03)
            frame = cv2.warpAffine(frame, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        frame = cv2.GaussianBlur(frame, (0, 0), 0.55) * self.vignette
        frame = np.clip(frame * (1 + 0.012 * math.sin(time * 2.1)), 0, 1)
        frame = frame * frame * (3 - 2 * frame) * 0.35 + frame * 0.65
        frame += 0.28 * (frame.mean(2, keepdims=True) - frame)  # paint is louder than daylight
        noise = self.grain[round(time * FPS) % len(self.grain)]
        return np.clip(frame + noise[..., None], 0, 1)


# ---- painted things ----------------------------------------------------------------------------

CLOTHES: list[Colour] = [
    (42, 46, 58), (96, 82, 66), (132, 52, 46), (62, 84, 70), (178, 168, 148), (54, 74, 116),
    (30, 30, 32), (148, 116, 60), (112, 108, 116), (196, 190, 190), (86, 50, 70), (70, 70, 48),
]  # fmt: skip
SKINS: list[Colour] = [(222, 180, 152), (196, 148, 116), (150, 104, 78), (232, 196, 172)]
GOODS: list[Colour] = [
    (200, 60, 40), (220, 150, 40), (90, 140, 50), (230, 210, 120), (120, 60, 90), (180, 180, 170),
    (70, 90, 130), (150, 100, 60),
]  # fmt: skip


def paint_person(
    rng: Rng, stride: float = 1.0, clothes: Sequence[Colour] = CLOTHES
) -> list[Sprite]:
    """Somebody walking to the right: eight phases of one step, or one picture if they stand."""
    size, girth = rng.uniform(0.88, 1.08), rng.uniform(0.85, 1.25)
    coat, legs, cap = pick(rng, clothes), pick(rng, CLOTHES[:7]), pick(rng, clothes)
    skin, stripe, bag = pick(rng, SKINS), pick(rng, GOODS), pick(rng, CLOTHES)
    stripe = shade(mixed(coat, stripe), rng.uniform(0.7, 1.3))
    hem, look = rng.uniform(0.62, 0.92), rng.random(5)
    seed = int(rng.integers(1 << 30))
    phases = []
    for phase in np.arange(8 if stride else 1) * math.pi / 4:
        canvas = Canvas(1.5, 2.1, 80)

        def put(*points: tuple[float, float]) -> list[tuple[float, float]]:
            return [(x * size, y * size) for x, y in points]

        swing, rest = math.sin(phase) * 0.5 * stride, 0.06 * (1 - stride)
        for side, tone in ((-1, 0.7), (1, 1.0)):
            angle = swing * side
            lift = 0.1 * max(0.0, math.cos(phase) * side) * stride
            hip, foot = (rest * side, 0.9), (math.sin(angle) * 0.8 + rest * side, 0.07 + lift)
            knee = (math.sin(angle) * 0.34 + 0.05 * stride + rest * side, 0.48 + lift / 2)
            canvas.line(put(hip, knee, foot), shade(legs, tone), 0.15 * girth)
            canvas.line(put(foot, (foot[0] + 0.13, foot[1] - 0.02)), (28, 24, 22), 0.09)
        if look[0] < 0.3:
            canvas.blob(-0.2 * size, 1.22 * size, 0.15, 0.25, bag)
        far_hand = (math.sin(swing) * 0.5 + 0.05, 0.88)
        canvas.line(put((0.02, 1.42), (0.08, 1.15), far_hand), shade(coat, 0.6), 0.11)
        wide = 0.2 * girth
        body = put((-wide, 1.4), (-0.1, 1.5), (0.1, 1.5), (wide, 1.4), (wide * 1.05, hem))
        canvas.poly([*body, *put((-wide * 1.1, hem))], coat)
        canvas.line(put((0.02, 1.48), (0.05, hem)), shade(coat, 0.6), 0.03)
        if look[1] < 0.3:
            for level in np.arange(hem + 0.08, 1.35, 0.16 + 0.1 * look[2]):
                canvas.line(put((-wide, level), (wide, level)), stripe, 0.03)
        hand = (-math.sin(swing) * 0.5 - 0.05, 0.88)
        canvas.line(put((-0.06, 1.42), (-0.1, 1.15), hand), shade(coat, 1.2), 0.12)
        canvas.blob(hand[0] * size, hand[1] * size, 0.05, 0.06, skin)
        if look[2] < 0.35:
            canvas.rect(hand[0] * size - 0.15, 0.42 * size, 0.3, 0.38, bag)
            canvas.scribble(rng, hand[0] * size - 0.1, 0.55 * size, 0.06, 0.2)
        canvas.line(put((0.01, 1.48), (0.02, 1.58)), shade(skin, 0.75), 0.1)
        canvas.blob(0.02 * size, 1.66 * size, 0.1, 0.135, skin)
        for eye in (0.0, 0.07):
            canvas.blob(eye * size, 1.68 * size, 0.022, 0.012, shade(skin, 0.6))
        canvas.line(put((0.0, 1.59), (0.06, 1.595)), shade(skin, 0.75), 0.02)
        canvas.poly(
            put((-0.11, 1.6), (-0.11, 1.76), (0, 1.83), (0.1, 1.78), (0.11, 1.7), (-0.02, 1.7)),
            cap if look[3] < 0.5 else (48, 34, 26),
        )
        if look[4] < 0.35:
            canvas.line(put((-0.12, 1.52), (0.12, 1.5)), stripe, 0.09)
        phases.append(canvas.finish(np.random.default_rng(seed), 0.85, 0.4))
    return phases


def paint_tree(
    rng: Rng, height: float, leaf: Colour, bare: float = 0.0, scale: float = 40
) -> Sprite:
    """A tree grown from its trunk; ``bare`` is the share of twigs without leaves."""
    canvas = Canvas(height * 1.5, height * 1.1, scale)
    tips: list[tuple[float, float]] = []

    def grow(x: float, y: float, angle: float, length: float, width: float) -> None:
        end = x + length * math.sin(angle), y + length * math.cos(angle)
        canvas.line([(x, y), end], vary(rng, (74, 60, 48), 8), width)
        if width < height * 0.004:
            tips.append(end)
            return
        for _ in range(3 if rng.random() < 0.45 else 2):
            turn = angle * 0.9 + rng.normal(0, 0.5)
            grow(*end, turn, length * rng.uniform(0.66, 0.9), width * 0.62)

    grow(0, 0, rng.normal(0, 0.05), height * 0.24, height * 0.03)
    rng.shuffle(tips)
    for x, y in tips:
        if rng.random() < bare:
            continue
        for _ in range(18):
            spread = rng.normal(0, height * 0.035, 2)
            light = 0.75 + 1.2 * (y + spread[1] - 0.6 * x) / height * 0.6 + rng.normal(0, 0.16)
            leaf_size = height * rng.uniform(0.005, 0.012)
            tone = shade(vary(rng, leaf, 9), max(0.25, light - 0.35))
            canvas.blob(x + spread[0], y + spread[1], leaf_size, leaf_size * 0.7, tone)
    return canvas.finish(rng, 0.5, 0.1)


def paint_window(
    canvas: Canvas, rng: Rng, x: float, y: float, wide: float, high: float, trim: Colour
) -> None:
    """One window of a house, with whatever its people did to it."""
    canvas.rect(x - 0.14, y - 0.1, wide + 0.28, high + 0.28, vary(rng, trim, 6))
    canvas.rect(x - 0.03, y - 0.03, wide + 0.06, high + 0.06, (38, 34, 32))
    glass = pick(rng, [(40, 48, 58), (86, 104, 122), (56, 60, 60), (120, 136, 150)])
    canvas.rect(x, y, wide, high, glass)
    for _ in range(5):
        spot = x + rng.uniform(0, wide * 0.7), y + rng.uniform(0, high * 0.7)
        canvas.rect(*spot, wide * 0.3, high * 0.28, shade(glass, rng.uniform(0.55, 1.5)))
    if rng.random() < 0.6:
        drop = rng.uniform(0.2, 1) * high
        curtain = pick(rng, [(214, 206, 190), (160, 120, 90), (190, 190, 200), (120, 60, 50)])
        canvas.rect(x, y + high - drop, wide * rng.uniform(0.2, 1), drop, curtain)
    frame = pick(rng, [(232, 228, 220), (110, 78, 54), (70, 84, 80)])
    canvas.line([(x + wide / 2, y), (x + wide / 2, y + high)], frame, 0.07)
    bar = y + high * rng.choice([0.5, 0.68, 0.72])
    canvas.line([(x, bar), (x + wide, bar)], frame, 0.06)
    canvas.line([(x - 0.2, y - 0.22), (x + wide + 0.2, y - 0.22)], shade(trim, 0.4), 0.09)
    canvas.line([(x - 0.2, y - 0.12), (x + wide + 0.2, y - 0.12)], shade(trim, 1.15), 0.12)
    extra = rng.random()
    if extra < 0.16:
        shutter = pick(rng, [(70, 92, 78), (104, 70, 50), (88, 98, 116)])
        for edge in (x - wide * 0.52, x + wide + 0.06):
            canvas.rect(edge, y, wide * 0.46, high, shutter)
            for level in np.arange(y + 0.1, y + high, 0.16):
                slat = [(edge + 0.05, level), (edge + wide * 0.4, level)]
                canvas.line(slat, shade(shutter, 0.6), 0.04)
    elif extra < 0.36:
        canvas.rect(x - 0.4, y - 0.3, wide + 0.8, 0.18, shade(trim, 0.75))
        for post in np.arange(x - 0.4, x + wide + 0.41, 0.17):
            canvas.line([(post, y - 0.2), (post, y + 0.75)], (36, 34, 36), 0.035)
        canvas.line([(x - 0.4, y + 0.75), (x + wide + 0.4, y + 0.75)], (30, 30, 30), 0.06)
        for _ in range(int(rng.integers(0, 4))):
            hung = x + rng.uniform(-0.3, wide - 0.2)
            canvas.rect(hung, y + rng.uniform(0, 0.3), rng.uniform(0.2, 0.5), 0.5, pick(rng, GOODS))
    elif extra < 0.46:
        canvas.rect(x + wide * 0.2, y - 0.75, 0.75, 0.5, (196, 194, 186))
        canvas.blob(x + wide * 0.2 + 0.3, y - 0.5, 0.18, 0.18, (80, 80, 78))
    elif extra < 0.6:
        for _ in range(14):
            leaf = x + rng.uniform(-0.1, wide + 0.1), y + rng.uniform(-0.15, 0.2)
            canvas.blob(*leaf, 0.08, 0.08, pick(rng, [(70, 110, 50), (190, 60, 70), (90, 130, 60)]))


def paint_shop(canvas: Canvas, rng: Rng, x: float, wide: float, height: float) -> None:
    """The street-level front of a house: goods behind glass, or a door, under a sign."""
    top = height - 0.95
    frame = pick(rng, CLOTHES)
    canvas.rect(x, 0, wide, height - 0.1, frame)
    canvas.rect(x + 0.12, 0.5, wide - 0.24, top - 0.5, (30, 30, 34))
    for _ in range(26):
        spot = x + rng.uniform(0.15, max(0.2, wide - 0.6)), rng.uniform(0.5, top - 0.5)
        box = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5)
        canvas.rect(*spot, *box, shade(pick(rng, GOODS), rng.uniform(0.35, 0.95)))
    if rng.random() < 0.6:
        door = x + rng.uniform(0.1, max(0.2, wide - 1.1))
        canvas.rect(door, 0, 0.95, top - 0.1, shade(frame, 0.6))
        canvas.rect(door + 0.15, 0.9, 0.65, top - 1.3, (92, 100, 104))
    sign = pick(rng, [(36, 60, 100), (150, 36, 36), (226, 216, 190), (40, 84, 60), (30, 30, 30)])
    canvas.rect(x + 0.06, top + 0.08, wide - 0.12, 0.68, sign)
    canvas.scribble(rng, x + 0.3, top + 0.2, 0.38, wide - 0.8)


def paint_facade(
    rng: Rng, width: float, floors: int, wall: Colour, brick: bool = False, scale: float = 44
) -> Sprite:
    """A town house of its own."""
    ground, storey = rng.uniform(3.4, 4.1), rng.uniform(2.9, 3.4)
    height = ground + floors * storey + 1.6
    canvas = Canvas(width, height, scale)
    left, trim = -width / 2, shade(pick(rng, [(214, 204, 184), (170, 158, 140), wall]), 1.05)
    canvas.rect(left, 0, width, height - rng.uniform(0.2, 0.9), wall)
    if brick:
        for level in np.arange(0, height - 1.2, 0.16):
            for x in np.arange(left - rng.uniform(0, 0.4), -left, 0.44):
                canvas.rect(x, level, 0.4, 0.13, shade(wall, rng.uniform(0.68, 1.25)))
    for _ in range(14):  # mended plaster
        x, y = rng.uniform(left, -left), rng.uniform(ground, height)
        ring = [(x + rng.normal(0, 0.5), y + rng.normal(0, 0.35)) for _ in range(7)]
        canvas.poly(ring, shade(wall, rng.uniform(0.78, 1.15)))
    bays = max(2, round(width / rng.uniform(2.3, 3.1)))
    pitch = width / bays
    wide, high = pitch * rng.uniform(0.36, 0.46), storey * rng.uniform(0.5, 0.62)
    for floor in range(floors):
        base = ground + floor * storey
        canvas.line([(left, base + 0.02), (-left, base + 0.02)], shade(wall, 0.55), 0.1)
        canvas.line([(left, base + 0.16), (-left, base + 0.16)], shade(trim, 1.05), 0.18)
        for bay in range(bays):
            x = left + (bay + 0.5) * pitch - wide / 2
            paint_window(canvas, rng, x, base + storey * 0.27, wide, high, trim)
    for bay in range(bays):
        paint_shop(canvas, rng, left + bay * pitch + 0.15, pitch - 0.3, ground)
    top = ground + floors * storey
    canvas.line([(left, top - 0.12), (-left, top - 0.12)], shade(wall, 0.45), 0.22)
    canvas.rect(left, top, width, 0.5, trim)
    for x in np.arange(left, -left, 0.55):
        canvas.rect(x, top + 0.1, 0.25, 0.25, shade(trim, rng.uniform(0.5, 0.8)))
    for _ in range(4):
        x = rng.uniform(left, -left - 1)
        canvas.rect(x, top + 0.3, rng.uniform(0.4, 1), rng.uniform(0.5, 1.2), (104, 74, 62))
    pipe = rng.uniform(left + 0.2, -left - 0.2)
    canvas.line([(pipe, 0), (pipe, top)], (84, 84, 80), 0.12)
    canvas.scribble(rng, rng.uniform(left, 0), 0.6, 0.7, width * 0.25)
    return canvas.finish(rng, 0.75, 0.06)


def paint_truck(rng: Rng, body: Colour, rear: bool = False) -> Sprite:
    """A lorry with a canvas cover, from its side (heading left) or from behind."""
    canvas = Canvas(2.7 if rear else 7.6, 3.3, 44)
    dark = shade(body, 0.5)
    if rear:
        for x in (-1.05, 0.6):
            canvas.rect(x, 0, 0.45, 0.95, (24, 24, 24))
        canvas.rect(-1.2, 0.75, 2.4, 0.35, (40, 38, 36))
        canvas.rect(-1.25, 1.05, 2.5, 0.75, body)
        canvas.poly(
            [(-1.25, 1.8), (1.25, 1.8), (1.2, 2.9), (0.8, 3.2), (-0.8, 3.2), (-1.2, 2.9)], dark
        )
        flap = rng.uniform(-0.6, 0.6)
        canvas.poly([(-1.1, 1.8), (flap, 1.8), (flap / 2, 3.0), (-0.8, 3.1)], shade(body, 1.2))
        for x in np.arange(-1, 1, 0.33):
            canvas.line([(x, 1.1), (x, 1.75)], shade(body, rng.uniform(0.5, 0.9)), 0.05)
        for x in (-1.1, 0.85):
            canvas.rect(x, 0.82, 0.26, 0.16, (190, 36, 24))
        canvas.rect(-0.3, 0.8, 0.6, 0.18, (224, 222, 206))
        canvas.scribble(rng, -0.26, 0.82, 0.12, 0.5)
        canvas.scribble(rng, -0.7, 1.25, 0.35, 1.1)
        return canvas.finish(rng, 0.7)
    canvas.rect(-3.6, 0.75, 7.2, 0.3, (40, 38, 36))
    canvas.poly([(-3.7, 0.7), (-3.7, 1.6), (-3.2, 2.6), (-1.9, 2.65), (-1.9, 0.7)], body)
    canvas.poly([(-3.5, 1.65), (-3.1, 2.42), (-2.15, 2.42), (-2.15, 1.65)], (52, 62, 70))
    canvas.line([(-2.75, 1.65), (-2.75, 2.42)], dark, 0.08)
    canvas.scribble(rng, -3.2, 1.15, 0.3, 0.9)
    canvas.rect(-1.75, 1.05, 5.4, 0.55, dark)
    canvas.poly(
        [(-1.75, 1.6), (-1.75, 2.9), (-1.4, 3.2), (3.3, 3.15), (3.65, 2.8), (3.65, 1.6)], body
    )
    for x in np.arange(-1.4, 3.6, rng.uniform(0.7, 1.0)):
        canvas.line([(x, 1.6), (x + 0.06, 3.1)], shade(body, rng.uniform(0.5, 1.3)), 0.1)
    canvas.scribble(rng, rng.uniform(-1, 0.5), 2.0, 0.55, rng.uniform(1.2, 2.6))
    for x in (-2.8, 1.5, 2.75):
        canvas.blob(x, 0.55, 0.56, 0.56, (22, 22, 22))
        canvas.blob(x, 0.55, 0.26, 0.26, (96, 92, 84))
    return canvas.finish(rng, 0.8)


def paint_ship(rng: Rng, length: float, hull: Colour, scale: float = 9) -> Sprite:
    """A cargo ship from its side, heading left."""
    canvas = Canvas(length, length * 0.42, scale)
    half, deck = length / 2, length * 0.11
    bow = [(-half, deck * 1.35), (-half * 0.9, 0), (half * 0.96, 0), (half, deck)]
    canvas.poly([*bow, (-half * 0.8, deck)], hull)
    keel = [(half * 0.98, deck * 0.3), (-half * 0.92, deck * 0.3)]
    canvas.poly([(-half * 0.9, 0), (half * 0.96, 0), *keel], (112, 44, 36))
    canvas.scribble(rng, -half * 0.75, deck * 0.6, deck * 0.3, length * 0.14)
    for _ in range(60):  # rust
        x, y = rng.uniform(-half * 0.85, half * 0.95), rng.uniform(0.3, 1) * deck
        canvas.line([(x, y), (x + 0.1, y - rng.uniform(0.1, 0.6) * deck)], (122, 72, 44), 0.22)
    x = -half * 0.7
    while x < half * 0.45:
        wide = rng.uniform(0.05, 0.075) * length
        for layer in range(int(rng.integers(1, 5))):
            box = pick(rng, [*GOODS, (40, 84, 110), (150, 60, 40)])
            canvas.rect(x, deck + layer * 2.5, wide, 2.4, box)
            for rib in np.arange(x, x + wide, 0.55):
                tone = shade(box, rng.uniform(0.65, 0.95))
                canvas.line(
                    [(rib, deck + layer * 2.5), (rib, deck + layer * 2.5 + 2.3)], tone, 0.12
                )
        x += wide + 0.3
    for layer in range(5):
        inset = layer * 0.5
        base = deck + layer * 2.6
        house = half * 0.5 + inset, length * 0.19 - inset
        canvas.rect(house[0], base, house[1], 2.6, vary(rng, (214, 210, 200), 8))
        for window in np.arange(house[0] + 0.6, sum(house) - 0.8, 1.3):
            lit = rng.random() < 0.4
            canvas.rect(window, base + 1, 0.7, 0.8, (250, 214, 130) if lit else (44, 50, 58))
    canvas.rect(half * 0.74, deck + 13, 3, 4.5, pick(rng, GOODS))
    for mast in (-half * 0.8, -half * 0.3, half * 0.2, half * 0.62):
        top = deck + rng.uniform(0.14, 0.24) * length
        canvas.line([(mast, deck), (mast, top)], (190, 170, 110), 0.5)
        canvas.line([(mast, top - 1), (mast + rng.uniform(-9, 9), deck + 5)], (170, 150, 100), 0.3)
        canvas.line([(mast, top), (mast + 12, deck)], (60, 58, 56), 0.1)
    return canvas.finish(rng, 0.8, -0.2)


def paint_crane(rng: Rng, height: float, colour: Colour) -> Sprite:
    """A harbour crane: legs, cab and a latticed boom."""
    canvas = Canvas(height * 1.1, height, 9)
    leg, cab = height * 0.4, height * 0.52

    def lattice(start: tuple[float, float], end: tuple[float, float], wide: float) -> None:
        rails = np.array(start), np.array(end)
        normal = np.array([rails[1][1] - rails[0][1], rails[0][0] - rails[1][0]], float)
        normal *= wide / np.hypot(*normal) / 2
        knots = []
        for number, part in enumerate(np.linspace(0, 1, 15)):
            middle = rails[0] + (rails[1] - rails[0]) * part
            knots.append(tuple(middle + normal * (1 if number % 2 else -1) * (1 - 0.6 * part)))
        canvas.line(knots, shade(colour, 0.8), 0.25)
        for side in (-1, 1):
            begin, finish = rails[0] + normal * side, rails[1] + normal * side * 0.4
            canvas.line([tuple(begin), tuple(finish)], colour, 0.4)

    for x in (-0.22, 0.02):
        lattice((x * height, 0), (-0.1 * height, leg), height * 0.08)
    canvas.rect(-0.2 * height, leg, 0.22 * height, cab - leg, colour)
    canvas.rect(-0.02 * height, leg + 1, 2.6, 2.4, (60, 72, 84))
    canvas.scribble(rng, -0.18 * height, leg + 1, 1.8, height * 0.12)
    tip = (rng.uniform(0.3, 0.48) * height, rng.uniform(0.8, 0.96) * height)
    lattice((-0.05 * height, cab), tip, height * 0.06)
    canvas.line(
        [(-0.15 * height, cab), (-0.12 * height, 0.85 * height), tip], shade(colour, 0.6), 0.25
    )
    canvas.line([tip, (tip[0], rng.uniform(0.2, 0.5) * height)], (40, 40, 40), 0.15)
    return canvas.finish(rng, 0.6)


def paint_hills(rng: Rng, width: float, height: float, land: Colour, houses: int) -> Sprite:
    """A distant shore: a ridge, its woods and its houses with some windows lit."""
    canvas = Canvas(width, height, 2.0)
    ridge = fractal(rng, 4, int(width), 256, 0.45)[0] * height * 0.75 + height * 0.12
    line = [(x - width / 2, float(top)) for x, top in enumerate(ridge)]
    canvas.poly([(-width / 2, 0), *line, (width / 2, 0)], land)
    for _ in range(houses):
        at = int(rng.integers(0, len(ridge)))
        x, y = at - width / 2, rng.uniform(0, 0.8) * ridge[at]
        wall = pick(rng, [(150, 130, 112), (120, 112, 110), (176, 150, 126), (96, 84, 84)])
        wide, high = rng.uniform(4, 16), rng.uniform(4, 15)
        canvas.rect(x, y, wide, high, wall)
        canvas.rect(x, y + high, wide, 1.5, pick(rng, [(110, 60, 48), (70, 64, 66)]))
        for _ in range(int(wide * high / 9)):
            spot = x + rng.uniform(0.5, wide - 1), y + rng.uniform(1, high - 1)
            canvas.rect(*spot, 1, 1, (255, 212, 130) if rng.random() < 0.3 else (60, 56, 60))
    return canvas.finish(rng, 0.9, 0.0)


def paint_stall(rng: Rng) -> Sprite:
    """A market stall under its awning."""
    width = rng.uniform(2.4, 3.4)
    canvas = Canvas(width + 0.6, 2.9, 70)
    left = -width / 2
    for x in (left, -left):
        canvas.line([(x, 0), (x, 2.4)], (90, 80, 70), 0.06)
    canvas.rect(left, 1.0, width, 1.2, (48, 42, 38))
    for _ in range(30):
        spot = rng.uniform(left, -left - 0.3), rng.uniform(1.1, 2.0)
        hung = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5)
        canvas.rect(*spot, *hung, shade(pick(rng, GOODS), rng.uniform(0.4, 0.9)))
    cloth = pick(rng, CLOTHES)
    canvas.rect(left - 0.1, 0.1, width + 0.2, 0.85, cloth)
    for x in np.arange(left, -left, 0.23):
        canvas.line(
            [(x, 0.1), (x + rng.normal(0, 0.05), 0.95)], shade(cloth, rng.uniform(0.6, 1.3)), 0.07
        )
    for crate in np.arange(left, -left - 0.3, 0.52):
        fruit = pick(rng, GOODS)
        canvas.rect(crate, 0.85, 0.5, 0.2, (136, 104, 66))
        for _ in range(22):
            spot = crate + rng.uniform(0.03, 0.47), rng.uniform(1.0, 1.2)
            canvas.blob(*spot, 0.06, 0.06, shade(vary(rng, fruit, 14), rng.uniform(0.6, 1.2)))
    first, second = pick(rng, GOODS), pick(rng, [(230, 224, 210), (220, 200, 160), (60, 70, 80)])
    stripes = np.linspace(left - 0.25, -left + 0.25, int(rng.integers(8, 15)))
    for number, (x, after) in enumerate(pairwise(stripes)):
        drop = 2.05 + rng.uniform(-0.06, 0.06)
        outline = [
            (x * 0.92, 2.85),
            (after * 0.92, 2.85),
            (after, 2.2),
            (after, drop),
            (x, drop),
            (x, 2.2),
        ]
        canvas.poly(outline, shade(second if number % 2 else first, rng.uniform(0.85, 1.1)))
    canvas.scribble(rng, left * 0.6, 0.4, 0.3, width * 0.5)
    return canvas.finish(rng, 0.7)


def paint_flag(rng: Rng, colours: Sequence[Colour]) -> Sprite:
    """A flag of no country, with something like arms on it."""
    canvas = Canvas(3.2, 2.6, 50)
    for number, colour in enumerate(colours):
        canvas.rect(-1.4, 0.4 + number * 1.8 / len(colours), 2.8, 1.8 / len(colours), colour)
    for _ in range(14):
        x, y = rng.normal((-0.3, 1.3), 0.22)
        canvas.blob(float(x), float(y), 0.12, 0.1, pick(rng, GOODS))
    return canvas.finish(rng, 0.35)


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


# ---- scenes ------------------------------------------------------------------------------------


Placed = tuple[Sprite, float, float, float]  # something upright: its x, z and turn


class Scene(Protocol):
    """Something to film."""

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""


@dataclass
class Walker:
    """Somebody crossing the scene in a straight line; turned around when heading left."""

    phases: list[Sprite]
    x: float
    z: float
    speed: tuple[float, float] = (0.0, 0.0)
    beat: float = 0.0

    def place(self, time: float) -> Placed:
        """Sprite, x, z and turn at a time."""
        across, ahead = self.speed
        pace = math.hypot(across, ahead)
        phase = int((time * pace * 1.15 + self.beat) * 8) % len(self.phases)
        turn = math.pi if across < 0 else 0.0
        return self.phases[phase], self.x + across * time, self.z + ahead * time, turn


def draw_all(
    frame: Picture,
    camera: Camera,
    haze: Haze,
    things: Iterable[Placed],
    lean: tuple[float, float] | None = None,
    depths: Picture | None = None,
) -> None:
    """Upright things on the flat ground, far ones first; shadows below all if the sun shines."""
    ordered = sorted(
        things, key=lambda thing: -math.hypot(thing[1] - camera.x, thing[2] - camera.z)
    )
    if lean:
        for sprite, x, z, _ in ordered:
            draw(frame, camera, sprite.shadow, lie(sprite, x, z, lean), haze)
    for sprite, x, z, turn in ordered:
        draw(frame, camera, sprite, stand(sprite, x, z, 0, turn), haze, depths)


def settle(
    frame: Picture,
    camera: Camera,
    haze: Haze,
    things: Iterable[Placed],
    land: Terrain,
    depths: Picture,
) -> None:
    """Upright things on a landscape, far ones first, each on a dark patch where it touches."""
    for sprite, x, z, turn in sorted(things, key=lambda thing: -thing[2]):
        corners = stand(sprite, x, z, land.height(x, z) - 0.08, turn)
        patch = corners[[3, 2, 2, 3]] + f32([[0, 0.1, 2], [0, 0.1, 2], [0, 0.1, -1], [0, 0.1, -1]])
        draw(frame, camera, sprite.shadow, patch, haze, depths)
        draw(frame, camera, sprite, corners, haze, depths)


class Harbour:
    """A quay in the evening, panned by hand: ships, cranes, water and lorries."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.sky = Sky(rng, (92, 112, 150), (250, 190, 130), (255, 214, 176), 0.75)
        self.haze = Haze((226, 176, 138), 900)
        self.quay = Ground(paving(rng, 1536, (150, 132, 112), 60), 46)
        self.waves = [fractal(rng, 512, 512, 64, 0.62) - f32(0.5) for _ in range(2)]
        shores = [
            paint_hills(rng, 900, 70, (92, 84, 92), 150),
            paint_hills(rng, 620, 34, (74, 70, 66), 120),
        ]
        self.still = [(shores[0], -60.0, 620.0), (shores[1], 120.0, 400.0)]
        self.still += [
            (paint_crane(rng, 46, vary(rng, tone)), x, 210.0 + 12 * number)
            for number, (x, tone) in enumerate(
                [
                    (-120, (196, 150, 50)),
                    (-60, (70, 104, 140)),
                    (30, (180, 74, 50)),
                    (96, (200, 170, 70)),
                ]
            )
        ]
        self.still += [
            (paint_ship(rng, 74, (40, 52, 70)), -62.0, 170.0),
            (paint_ship(rng, 60, (58, 84, 70)), 66.0, 150.0),
        ]
        self.tug = paint_ship(rng, 30, (130, 50, 40), 20)
        greens: list[Colour] = [(92, 96, 66), (140, 90, 60), (80, 96, 112)]
        self.trucks = [
            (paint_truck(rng, pick(rng, greens)), -18.0 + 15 * n, 17.5 + 2.2 * (n % 2))
            for n in range(5)
        ]
        self.people = [
            Walker(
                paint_person(rng),
                rng.uniform(-12, 14),
                rng.uniform(13.5, 21),
                (rng.choice([-1.1, 1.2]), 0),
                rng.random(),
            )
            for _ in range(9)
        ]
        self.shake = Shake(rng, 0.55)
        self.developer = Developer(rng, (1.04, 0.98, 0.93))

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        yaw, pitch, roll = self.shake.at(time)
        yaw += -0.24 + 0.46 * (0.5 - 0.5 * math.cos(math.pi * min(time / 14, 1)))
        camera = Camera(0, 5.2, 0, yaw, pitch - 0.02, 600)
        afloat = [*self.still, (self.tug, 52.0 - 3.4 * time, 88.0)]
        mirrored = self.sky.paint(camera, time, mirror=True)
        frame = self.sky.paint(camera, time)
        for sprite, x, z in afloat:
            corners = stand(sprite, x, z)
            draw(frame, camera, sprite, corners, self.haze)
            corners[:, 1] *= -1
            draw(mirrored, camera, sprite, corners, self.haze)
        top = math.ceil(camera.horizon) + 1
        self._water(frame, mirrored, camera, time, top)
        for sprite, x, z in afloat:
            draw(frame, camera, sprite, stand(sprite, x, z), self.haze)
        self.quay.paint(frame, camera, self.haze, far=24)
        things = [(sprite, x + 2.1 * time - 8, z, math.pi) for sprite, x, z in self.trucks]
        things += [walker.place(time) for walker in self.people]
        draw_all(frame, camera, self.haze, things, (-1.3, -0.5))
        return self.developer.develop(frame, time, roll)

    def _water(
        self, frame: Picture, mirrored: Picture, camera: Camera, time: float, top: int
    ) -> None:
        """What the mirror shows, torn by two trains of waves that run across each other."""
        rows = np.arange(top, HEIGHT, dtype=np.float32)[:, None]
        columns = np.arange(WIDTH, dtype=np.float32)[None]
        depth = camera.y * camera.focal / (rows - camera.horizon)
        east, north = camera.world(
            depth * (columns - WIDTH / 2) / camera.focal, depth + 0 * columns
        )
        slope = np.zeros(east.shape, np.float32)
        for waves, scale, drift in ((self.waves[0], 7.0, 9.0), (self.waves[1], 2.2, -5.0)):
            u, v = (east * scale * 0.6 + drift * time + 2560), (north * scale + 7 * time)
            maps = (u.astype(np.float32) % 512, v.astype(np.float32) % 512)
            slope += cv2.remap(waves, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        reach = np.clip(1400 / depth, 3, 60)
        from_row = np.clip(rows + slope * reach, top, HEIGHT - 1).astype(np.float32)
        from_column = (columns + slope * reach * 0.2).astype(np.float32)
        seen = cv2.remap(
            mirrored, from_column, from_row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        glint = np.clip(slope * 2.2 - 0.35, 0, 1)[..., None] * f32([0.5, 0.36, 0.22])
        tone = (0.72 + 0.5 * slope)[..., None]
        frame[top:] = seen * tone + f32([0.01, 0.03, 0.05]) + glint


class Market:
    """Walking down a market street with a telephone in the hand."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.sky = Sky(rng, (120, 160, 205), (215, 222, 226), (250, 248, 244), 0.95)
        self.haze = Haze((206, 208, 206), 150)
        self.street = Ground(paving(rng, 1536, (134, 126, 118), 48), 120)
        walls: list[Colour] = [
            (206, 178, 122),
            (176, 112, 88),
            (188, 186, 172),
            (150, 160, 158),
            (198, 146, 116),
        ]
        self.walls: list[tuple[Sprite, Picture]] = []
        for side in (-1, 1):
            z = -2.0
            while z < 88:
                width = rng.uniform(8, 13)
                house = paint_facade(
                    rng, width, int(rng.integers(2, 5)), pick(rng, walls), rng.random() < 0.3
                )
                corners = stand(house, side * 6.6, z + width / 2, 0, -side * math.pi / 2)
                self.walls.append((house, corners))
                z += width + 0.05
        end = paint_facade(rng, 22, 5, (172, 152, 130))
        self.walls.append((end, stand(end, 0.5, 92)))
        self.still = [
            (paint_stall(rng), side * rng.uniform(4.2, 4.7), z + rng.uniform(-1, 1), -side * 0.55)
            for side in (-1, 1)
            for z in np.arange(7, 62, 4.6)
        ]
        self.people = []
        for _ in range(58):
            coming = rng.random() < 0.6
            start = rng.uniform(5, 75) + (12 if coming else 0)
            speed = (
                float(rng.normal(0, 0.12)),
                rng.uniform(-1.3, -0.7) if coming else rng.uniform(0.5, 1.2),
            )
            self.people.append(
                Walker(paint_person(rng, 0.55), rng.uniform(-3, 3), start, speed, rng.random())
            )
        self.shake = Shake(rng, 1.3)
        self.developer = Developer(rng, (1.15, 1.14, 1.12))

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        yaw, pitch, roll = self.shake.at(time)
        bob = 0.035 * math.sin(time * 11)
        yaw += 0.16 * math.sin(time * 0.55 + 0.4)
        camera = Camera(0.4 * math.sin(time * 0.4), 1.75 + bob, 0.95 * time, yaw, pitch + 0.09, 500)
        frame = self.sky.paint(camera, time)
        self.street.paint(frame, camera, self.haze)
        for sprite, corners in sorted(self.walls, key=lambda wall: -wall[1][:, 2].mean()):
            draw(frame, camera, sprite, corners, self.haze)
        people = [walker.place(time) for walker in self.people]
        things = [thing for thing in (*self.still, *people) if 3.2 < thing[2] - camera.z < 62]
        draw_all(frame, camera, self.haze, things, (0.5, 0.15))
        return self.developer.develop(frame, time, roll)


class Square:
    """A city square filmed from a tripod: a queue, passers-by, flags and trees in the wind."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.sky = Sky(rng, (146, 168, 196), (214, 216, 214), (240, 238, 234), 0.95)
        self.haze = Haze((190, 194, 196), 260)
        self.floor = Ground(paving(rng, 1536, (158, 150, 140), 44), 52)
        plan: list[tuple[float, int, Colour, bool]] = [
            (17, 4, (172, 92, 74), True),
            (13, 5, (198, 186, 160), False),
            (20, 3, (142, 150, 148), False),
            (15, 4, (206, 170, 110), False),
            (18, 5, (128, 84, 70), True),
        ]
        self.walls = []
        x = -40.0
        for width, floors, wall, brick in plan:
            house = paint_facade(rng, width, floors, wall, brick, 26)
            self.walls.append((house, stand(house, x + width / 2, 46 + rng.uniform(-1.5, 1.5))))
            x += width
        self.trees = [
            (paint_tree(rng, rng.uniform(7, 10), (112, 116, 52), bare), x, z, rng.uniform(0, 6))
            for x, z, bare in ((-15, 33, 0.2), (-5.5, 36, 0.5), (9, 34, 0.1), (20, 31, 0.35))
        ]
        flags: list[list[Colour]] = [
            [(40, 110, 120), (230, 224, 206), (190, 90, 40)],
            [(120, 50, 90), (236, 200, 80)],
            [(60, 120, 70), (226, 226, 220), (50, 60, 90), (226, 226, 220)],
        ]
        self.flags = [
            (paint_flag(rng, colours), 1.0 + 3.8 * n, 6.3 - 0.3 * n)
            for n, colours in enumerate(flags)
        ]
        pole = Canvas(0.4, 6.4, 50)
        pole.line([(0, 0), (0, 6.4)], (206, 206, 200), 0.09)
        self.pole = pole.finish(rng, 0.3)
        uniforms: list[Colour] = [
            (86, 88, 62),
            (100, 96, 72),
            (70, 74, 56),
            (60, 62, 70),
            (120, 104, 80),
        ]
        truck, other = paint_truck(rng, (98, 102, 76)), paint_truck(rng, (150, 146, 136))
        self.still = [(truck, 8.2, 20.5, 0.0), (other, -14.0, 28.0, math.pi)]
        self.queue = [
            Walker(
                paint_person(rng, 0, uniforms),
                3.4 - 0.72 * n,
                17.8 + 0.13 * n + rng.normal(0, 0.12),
            )
            for n in range(17)
        ]
        self.people = [
            Walker(
                paint_person(rng),
                rng.uniform(-12, 12),
                rng.uniform(9.5, 31),
                (rng.choice([-1.3, -1, 1, 1.25]), 0),
                rng.random(),
            )
            for _ in range(22)
        ]
        self.shadows = fractal(rng, 512, 1024, 256, 0.4)
        self.developer = Developer(rng, (0.99, 1.0, 1.02))

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        camera = Camera(0, 3.4, 0, 0.0, -0.01, 620)
        frame = self.sky.paint(camera, time)
        self.floor.paint(frame, camera, self.haze)
        for sprite, corners in self.walls:
            draw(frame, camera, sprite, corners, self.haze)
        things: list[Placed] = [
            (self._swayed(tree, phase, time), x, z, 0.0) for tree, x, z, phase in self.trees
        ]
        things += self.still
        for number, walker in enumerate(self.queue):  # who queues shifts and now and then moves up
            sprite, x, z, _ = walker.place(0)
            step = 0.3 * np.clip(time - 1.2 - 0.25 * number, 0, 1) + 0.35 * np.clip(
                time - 7 - 0.3 * number, 0, 1
            )
            things.append(
                (
                    sprite,
                    x + float(step) + 0.05 * math.sin(time * (1 + 0.13 * number) + number),
                    z,
                    0.0,
                )
            )
        things += [walker.place(time) for walker in self.people]
        draw_all(frame, camera, self.haze, things, (0.55, 0.2))
        for flag, x, top in self.flags:
            self._fly(frame, camera, flag, x, top, time)
        start = int(time * 14)
        cloud = cv2.resize(self.shadows[100:300, start : start + 500], (WIDTH, HEIGHT))
        return self.developer.develop(frame * (1.0 + 0.26 * cloud)[..., None], time)

    def _swayed(self, tree: Sprite, phase: float, time: float) -> Sprite:
        """The tree in a wind that comes in gusts and stirs the crown more than the trunk."""
        rows, columns = np.indices(tree.levels[0].shape[:2], np.float32)
        aloft = np.clip(1 - rows / rows.shape[0], 0, 1) ** 1.5
        gust = 7 * math.sin(time * 1.7 + phase) + 4 * math.sin(time * 0.6)
        flutter = 2.2 * np.sin(time * 6 + columns * 0.05 + rows * 0.07 + phase)
        return tree.bent((aloft * (gust + flutter)).astype(np.float32))

    def _fly(
        self, frame: Picture, camera: Camera, flag: Sprite, x: float, top: float, time: float
    ) -> None:
        """A pole and its flag, rippling from the pole outwards."""
        columns = np.indices(flag.levels[0].shape[:2], np.float32)[1]
        out = columns / columns.shape[1]
        ripple = np.sin(out * 9 - time * 7 + x) + 0.5 * np.sin(out * 17 - time * 11)
        flown = flag.bent(
            (out * ripple * 14).astype(np.float32), (1 + 0.22 * ripple).astype(np.float32)
        )
        draw(frame, camera, self.pole, stand(self.pole, x, 26, top - self.pole.height), self.haze)
        draw(frame, camera, flown, stand(flown, x + 1.5, 26, top - 2.4), self.haze)


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


class MountainRoad:
    """Driving up a wooded valley behind a convoy."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size, cell = 1500, 1.5
        self.sky = Sky(rng, (84, 128, 186), (206, 216, 222), (255, 250, 240), 0.8)
        self.haze = Haze((178, 192, 206), 1500)
        heights = valley_heights(rng, size, cell, 420)
        x = (np.arange(size, dtype=np.float32) - size / 2)[None] * cell
        z = (np.arange(size, dtype=np.float32)[:, None] - 40) * cell
        off = np.abs(x - self.bend(z))
        bed = cv2.GaussianBlur(heights, (0, 0), 30)
        bed = np.take_along_axis(bed, np.round(self.bend(z) / cell + size / 2).astype(int), 1)
        verge = np.clip((off - 5) / 30, 0, 1)
        heights = (
            bed * (1 - verge) + heights * verge + f32(1.6) * fractal(rng, size, size, 16) * verge
        )
        heights = heights.astype(np.float32)
        wood = fractal(rng, size, size, 128, 0.6)
        wood = np.clip((wood - 0.46) * 9, 0, 1) * (off > 16) * np.clip((300 - heights) / 60, 0, 1)
        crowns = fractal(rng, size, size, 4, 0.8)
        light = sunlit(heights + wood * crowns * 7, cell, (0.3, -0.7), 0.8)
        meadow = mix((116, 120, 58), (170, 150, 92), fractal(rng, size, size, 64, 0.7))
        rock = mix((112, 106, 100), (182, 172, 160), fractal(rng, size, size, 32, 0.75))
        forest = mix((34, 50, 30), (140, 138, 58), crowns * fractal(rng, size, size, 64))
        steep = cv2.GaussianBlur(
            np.hypot(cv2.Sobel(heights, -1, 1, 0), cv2.Sobel(heights, -1, 0, 1)), (0, 0), 2
        )
        bare = np.clip(steep / (8 * cell) * 1.5 - 0.9 + heights / 400, 0, 1)[..., None]
        colours = meadow * (1 - bare) + rock * bare
        colours = (colours * (1 - wood[..., None]) + forest * wood[..., None]) * light
        self.land = Terrain(
            rng, heights + wood * crowns * 7, colours.astype(np.float32), cell, self._road
        )
        leaves: list[Colour] = [(70, 92, 40), (120, 112, 44), (50, 76, 44), (150, 108, 40)]
        self.roadside = []
        for number in range(34):
            tree = paint_tree(rng, rng.uniform(5, 11), pick(rng, leaves), rng.uniform(0, 0.3), 30)
            far = 12 + number * 10 + rng.uniform(-4, 4)
            aside = rng.choice([-1, 1]) * rng.uniform(7.5, 20)
            self.roadside.append((tree, float(self.bend(far)) + aside, far, 0.0))
        greens: list[Colour] = [
            (92, 96, 70),
            (76, 82, 60),
            (120, 112, 88),
            (84, 78, 66),
            (104, 104, 96),
        ]
        self.convoy = [
            (paint_truck(rng, colour, rear=True), 15.0 + 15 * n + rng.uniform(-2, 3))
            for n, colour in enumerate(greens)
        ]
        self.shake = Shake(rng, 1.0)
        self.developer = Developer(rng, (1.0, 1.0, 0.99))

    @staticmethod
    def bend(z: Any) -> Any:
        """Where the road's middle is."""
        return 16 * np.sin(z / 70) + 24 * np.sin(z / 190 + 1)

    def _road(self, land: Picture, x: Picture, z: Picture) -> None:
        off = x - self.bend(z)
        asphalt = np.clip(3.9 - np.abs(off), 0, 1)[..., None] * 0.95
        land *= 1 - asphalt
        land += asphalt * f32([0.36, 0.35, 0.35]) * (0.9 + 0.1 * np.cos(off * 3.2))[..., None]
        edge = (np.abs(np.abs(off) - 3.3) < 0.1) | ((np.abs(off) < 0.09) & (z % 9 < 4))
        land[edge & (z < 160)] = (0.78, 0.77, 0.72)

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        yaw, pitch, roll = self.shake.at(time)
        z = 11.0 * time
        x = float(self.bend(z)) - 0.4
        ahead = float(self.bend(z + 22)) + 1.0 - x
        ground = self.land.height(x, z)
        climb = (self.land.height(float(self.bend(z + 25)), z + 25) - ground) / 25
        camera = Camera(x, ground + 2.3, z, math.atan2(ahead, 22) + yaw, climb + pitch + 0.05, 520)
        frame, depths = self.land.paint(self.sky.paint(camera, time), camera, self.haze)
        things = [thing for thing in self.roadside if 2 < thing[2] - z < 260]
        for number, (truck, gap) in enumerate(self.convoy):
            far = z + gap + 1.5 * math.sin(time * 0.4 + number)
            things.append(
                (
                    truck,
                    float(self.bend(far)) + 1.7,
                    far,
                    -math.atan(float(self.bend(far + 1) - self.bend(far))),
                )
            )
        settle(frame, camera, self.haze, things, self.land, depths)
        return self.developer.develop(frame, time, roll)


class Border:
    """A fence across a wintry steppe, with a tower, lorries and a few guards."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size, cell = 1200, 1.0
        self.sky = Sky(rng, (132, 140, 154), (202, 200, 196), (226, 224, 220), 1.05)
        self.haze = Haze((190, 190, 190), 420)
        heights = 26 * fractal(rng, size, size, 512, 0.3) + 0.7 * fractal(rng, size, size, 16, 0.6)
        snow = np.clip((fractal(rng, size, size, 64, 0.75) - 0.62) * 7, 0, 1)[..., None]
        grass = mix((92, 78, 52), (168, 146, 100), fractal(rng, size, size, 16, 0.8))
        colours = (grass * (1 - snow) + f32(0.86) * snow) * sunlit(heights, cell, (0.8, 0.4), 1.0)
        self.land = Terrain(rng, heights, colours.astype(np.float32), cell)
        dull: list[Colour] = [(84, 88, 70), (112, 108, 96), (70, 72, 66)]
        self.things = [(self._fence(rng, 90), 4.0, 27.0, 0.12), (self._tower(rng), 15.0, 34.0, 0.0)]
        self.things += [
            (paint_truck(rng, tone), -13.0 + 11.5 * n, 20.0 + n, 0.1) for n, tone in enumerate(dull)
        ]
        self.things += [
            (
                paint_tree(rng, rng.uniform(4, 8), (84, 76, 44), 0.85),
                rng.uniform(-50, 60),
                rng.uniform(36, 90),
                0.0,
            )
            for _ in range(20)
        ]
        self.guards = [
            Walker(
                paint_person(rng, 1, dull),
                rng.uniform(-8, 12),
                rng.uniform(11, 18),
                (rng.choice([-1, 0.9]), 0),
            )
            for _ in range(6)
        ]
        self.shake = Shake(rng, 1.2)
        self.developer = Developer(rng, (0.97, 1.0, 1.05), 0.014)

    @staticmethod
    def _fence(rng: Rng, length: float) -> Sprite:
        canvas = Canvas(length, 3.6, 24)
        x = -length / 2
        while x < length / 2:
            lean = rng.normal(0, 0.06)
            canvas.line(
                [(x, 0), (x + lean, 2.7), (x + lean + 0.4, 3.3)], vary(rng, (110, 104, 98)), 0.14
            )
            x += rng.uniform(2.2, 3.1)
        for level in (0.4, 0.9, 1.4, 1.9, 2.4, 2.9):
            wire = [
                (w, level + rng.normal(0, 0.05)) for w in np.arange(-length / 2, length / 2, 0.7)
            ]
            canvas.line(wire, (70, 70, 72), 0.05)
        for w in np.arange(-length / 2, length / 2, 0.42):
            canvas.line([(w, 2.9), (w + 0.3, 3.4), (w + 0.5, 2.9)], (96, 96, 98), 0.04)
        return canvas.finish(rng, 0.7, 0)

    @staticmethod
    def _tower(rng: Rng) -> Sprite:
        canvas = Canvas(5, 11, 36)
        for a, b in ((-2, -1.3), (2, 1.3)):
            canvas.line([(a, 0), (b, 7.5)], (92, 74, 58), 0.28)
            canvas.line([(a, 0.5), (-b, 4), (b, 7)], (84, 68, 54), 0.14)
        canvas.rect(-1.9, 7.4, 3.8, 2.3, (116, 96, 72))
        for x in np.arange(-1.9, 1.9, 0.26):
            canvas.line([(x, 7.4), (x, 8.6)], (82, 66, 50), 0.05)
        canvas.rect(-1.6, 8.6, 3.2, 0.9, (46, 52, 58))
        canvas.poly([(-2.4, 9.6), (2.4, 9.6), (1.4, 10.7), (-1.4, 10.7)], (92, 96, 96))
        canvas.scribble(rng, -1.2, 7.7, 0.5, 2)
        return canvas.finish(rng, 0.9)

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        yaw, pitch, roll = self.shake.at(time)
        camera = Camera(0.25 * time, 0, 0, yaw - 0.3 + 0.055 * time, pitch - 0.01, 520 + 6 * time)
        camera.y = self.land.height(camera.x, 0) + 2.6
        frame, depths = self.land.paint(self.sky.paint(camera, time), camera, self.haze)
        things = [*self.things, *(walker.place(time) for walker in self.guards)]
        settle(frame, camera, self.haze, things, self.land, depths)
        return self.developer.develop(frame, time, roll)


class Coast:
    """A drone's flight along a rocky shore."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size, cell = 1200, 1.0
        self.sky = Sky(rng, (70, 120, 190), (220, 214, 196), (255, 246, 230), 0.6)
        self.haze = Haze((196, 200, 204), 900)
        x = (np.arange(size, dtype=np.float32) - size / 2)[None]
        cliffs = 75 * fractal(rng, size, size, 256, 0.52) - 30 + np.clip((x - 10) * 0.25, -60, 55)
        self.heights = (cliffs + 5 * fractal(rng, size, size, 16, 0.7) * (cliffs > -4)).astype(
            np.float32
        )
        scrub = np.clip((fractal(rng, size, size, 64, 0.7) - 0.45) * 6, 0, 1) * np.clip(
            (self.heights - 12) / 10, 0, 1
        )
        rock = mix((128, 104, 82), (224, 204, 174), fractal(rng, size, size, 32, 0.8))
        green = mix((44, 62, 34), (128, 126, 66), fractal(rng, size, size, 8, 0.85))
        colours = rock * (1 - scrub[..., None]) + green * scrub[..., None]
        colours = (colours * sunlit(self.heights, cell, (-0.8, 0.5), 0.7)).astype(np.float32)
        self.land = Terrain(rng, np.maximum(self.heights, 0), colours, cell, self._sea)
        self.ripples = fractal(rng, 1024, 1024, 32, 0.7)
        self.time = 0.0
        self.shake = Shake(rng, 0.4)
        self.developer = Developer(rng, (1.02, 1.0, 0.98))

    def _sea(self, land: Picture, x: Picture, z: Picture) -> None:
        level = cv2.remap(
            self.heights, x + 600, z + 40, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        maps = ((x * 5 + 14 * self.time) % 1024, (z * 5 - 9 * self.time) % 1024)
        ripple = cv2.remap(self.ripples, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        deep = np.clip(-level / 22, 0, 1)
        water = mix((70, 150, 150), (22, 62, 96), deep) * (0.7 + 0.6 * ripple)[..., None]
        surf = np.clip(1.2 - np.abs(level + 1.6 + math.sin(self.time * 1.3)) / 3, 0, 1) * (
            ripple > 0.45
        )
        water += (surf * 0.65)[..., None]
        wet = (level < 0)[..., None]
        np.copyto(land, water, where=wet)

    def frame(self, time: float) -> Picture:
        """The picture at a time in seconds."""
        self.time = time
        yaw, pitch, roll = self.shake.at(time)
        camera = Camera(-40, 62, 20 + 10 * time, 0.25 + 0.04 * time + yaw, pitch - 0.22, 480)
        frame, _ = self.land.paint(self.sky.paint(camera, time), camera, self.haze)
        return self.developer.develop(frame, time, roll - 0.03)


# ---- films -------------------------------------------------------------------------------------


def ambience(rng: Rng, seconds: float, crowd: float) -> Any:
    """Quiet outdoor sound: wind or water, and as much murmur of voices as ``crowd`` says."""
    rate = 16000
    count = round(seconds * rate)
    pitch = np.fft.rfftfreq(count, 1 / rate)

    def noise(low: float, high: float) -> Any:
        bell = np.exp(-((np.log2(np.maximum(pitch, 1)) - math.log2(math.sqrt(low * high))) ** 2))
        spectrum = bell * np.exp(1j * rng.uniform(0, 2 * math.pi, len(pitch)))
        wave_form = np.fft.irfft(spectrum, count)
        return wave_form / np.abs(wave_form).max()

    def swell(rate_hz: float) -> Any:
        knots = rng.random(int(seconds * rate_hz) + 3)
        return np.interp(np.arange(count) / rate * rate_hz, np.arange(len(knots)), knots)

    sound = 0.5 * noise(80, 400) * (0.4 + swell(0.5))
    for _ in range(9):  # voices too far off to be understood
        sound += crowd * 0.25 * noise(rng.uniform(180, 500), 1800) * swell(5) ** 4
    for _ in range(8):  # gulls, or tools
        start, length = rng.uniform(0, seconds - 1), rng.uniform(0.1, 0.35)
        time = np.arange(round(length * rate)) / rate
        tone = rng.uniform(900, 2400) * (1 - 0.5 * time / length)
        cry = np.sin(2 * math.pi * np.cumsum(tone) / rate) * np.sin(math.pi * time / length) ** 2
        first = round(start * rate)
        sound[first : first + len(cry)] += (1 - crowd) * 0.1 * cry
    return np.round(np.clip(0.25 * sound, -1, 1) * 32767).astype("<i2")


def encode(
    target: Path, frames: Iterable[Picture], size: tuple[int, int], crf: int, sound: Any = None
) -> None:
    """Write a film without dates or tool names, so that it changes only if the pictures do."""
    with tempfile.TemporaryDirectory() as folder:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"]
        command += ["-r", str(FPS), "-i", "-"]
        if sound is not None:
            track = Path(folder) / "sound.wav"
            with wave.open(str(track), "wb") as out:
                out.setparams((1, 2, 16000, 0, "NONE", ""))
                out.writeframes(sound.tobytes())
            command += ["-i", str(track), "-c:a", "aac", "-b:a", "32k"]
        command += ["-c:v", "libx264", "-preset", "slow", "-crf", str(crf), "-pix_fmt", "yuv420p"]
        command += ["-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact"]
        command += ["-flags:v", "+bitexact", "-movflags", "+faststart", str(target)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin
            for frame in frames:
                process.stdin.write(np.round(frame * 255).astype(np.uint8).tobytes())
        if process.returncode:
            raise SystemExit(f"ffmpeg could not write {target}")


def shoot(scene: Scene, seconds: float, start: float = 0.0) -> Iterator[Picture]:
    """The frames of one take."""
    for number in range(round(seconds * FPS)):
        yield scene.frame(start + number / FPS)


def copied(source: Path, start: float, seconds: float) -> Iterator[Picture]:
    """The frames of a stretch of a finished film, as somebody who found it online has them."""
    film = cv2.VideoCapture(str(source))
    for number in range(round((start + seconds) * FPS)):
        found, frame = film.read()
        if not found:
            raise SystemExit(f"{source} ends before {start + seconds} s")
        if number >= round(start * FPS):
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    film.release()


KNOWN = {"harbour": 13, "market": 12, "mountain-road": 13, "square": 15}  # seconds
SOURCE, SOURCE_START, CUT_SECONDS, OPENING, CLOSING = "square", 4.0, 8.0, 5.0, 6.0
CROP = (104, 70, 480, 270)  # left, top, width, height: three quarters of each side
POST, BAND = (432, 244), 44


def disguised(frame: Picture) -> Picture:
    """What hides the origin: mirrored, and cut to three quarters."""
    left, top, width, height = CROP
    return frame[top : top + height, left : left + width][:, ::-1]


def posted(frames: Iterable[Picture]) -> Iterator[Picture]:
    """The frames as a post shows them: smaller, below a white band with words, with a logo."""
    card = Image.new("RGB", (POST[0], POST[1] + BAND), "white")
    pen = ImageDraw.Draw(card)
    pen.text(
        (10, 3), "BREAKING: Soldiers queue for equipment", "black", ImageFont.load_default(size=18)
    )
    pen.text(
        (10, 24),
        "near the border, filmed today - share!",
        (60, 60, 60),
        ImageFont.load_default(size=14),
    )
    logo = Image.new("L", (64, 22))
    pen = ImageDraw.Draw(logo)
    pen.rounded_rectangle((0, 0, 63, 21), 6, fill=215)
    pen.text((6, 2), "NOW24", 0, ImageFont.load_default(size=14))
    seen = np.asarray(logo, np.float32)[..., None] / 255
    blank = np.asarray(card, np.float32) / 255
    corner = (slice(BAND + 8, BAND + 30), slice(POST[0] - 74, POST[0] - 10))
    for frame in frames:
        page = blank.copy()
        page[BAND:] = cv2.resize(frame, POST, interpolation=cv2.INTER_AREA)
        page[corner] = page[corner] * (1 - seen) + seen * f32([0.85, 0.15, 0.12])
        yield page


def reused(scene: Scene, source: Path) -> Iterator[Picture]:
    """The lie: something new, then the stretch of the known film, then more of the new."""
    yield from shoot(scene, OPENING)
    yield from map(disguised, copied(source, SOURCE_START, CUT_SECONDS))
    yield from shoot(scene, CLOSING, start=OPENING + 1)


def main() -> None:
    """Render everything, or only what is named."""
    parser = argparse.ArgumentParser(description="Render the sample clips again.")
    parser.add_argument("only", nargs="*", help="harbour, market, ..., reused, unrelated")
    parser.add_argument("--out", type=Path, default=SAMPLES, help="folder to write to")
    options = parser.parse_args()
    footage, checks = options.out / "footage", options.out / "checks"
    footage.mkdir(parents=True, exist_ok=True)
    checks.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    full = (WIDTH, HEIGHT)

    def known(name: str, scene: Scene, crf: int, sound: Any = None) -> None:
        encode(footage / f"{name}.mp4", shoot(scene, KNOWN[name]), full, crf, sound)

    def sound(seed: int, name: str, crowd: float) -> Any:
        return ambience(np.random.default_rng(seed), KNOWN[name], crowd)

    square = footage / f"{SOURCE}.mp4"
    post = (POST[0], POST[1] + BAND)
    films: dict[str, Callable[[], None]] = {
        "harbour": lambda: known("harbour", Harbour(11), 29, sound(1, "harbour", 0.1)),
        "market": lambda: known("market", Market(22), 31, sound(2, "market", 0.9)),
        "mountain-road": lambda: known("mountain-road", MountainRoad(33), 29),
        "square": lambda: known("square", Square(44), 29, sound(4, "square", 0.5)),
        "reused": lambda: encode(
            checks / "reused.mp4", posted(reused(Border(55), square)), post, 31
        ),
        "unrelated": lambda: encode(checks / "unrelated.mp4", shoot(Coast(66), 8), full, 30),
    }
    for name in options.only or films:
        if name not in films:
            parser.error(f"no such clip: {name}")
        films[name]()
        print(f"rendered {name}")


if __name__ == "__main__":
    main()
