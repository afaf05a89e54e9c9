"""How scenes put upright things and people before the camera."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from samples.camera import Camera, Haze, draw, lie, stand
from samples.landscape import Terrain
from samples.sprites import Sprite
from samples.surfaces import Picture, f32

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
