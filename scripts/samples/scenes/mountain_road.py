"""A road up a valley."""

import math
from typing import Any

import cv2
import numpy as np

from samples.camera import Camera, Developer, Haze, Shake
from samples.colours import Colour, pick
from samples.landscape import Sky, Terrain, sunlit, valley_heights
from samples.stage import settle
from samples.surfaces import Picture, f32, fractal, mix
from samples.things import paint_tree, paint_truck


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
