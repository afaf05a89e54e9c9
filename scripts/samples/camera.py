"""A pinhole camera in a hand, the air before it, and what its lens and sensor add."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from samples.colours import Colour
from samples.sprites import Sprite
from samples.surfaces import Picture, Rng, f32

WIDTH, HEIGHT, FPS = 640, 360, 25


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
