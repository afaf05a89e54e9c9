"""A rocky shore from the air."""

import math

import cv2
import numpy as np

from samples.camera import Camera, Developer, Haze, Shake
from samples.landscape import Sky, Terrain, sunlit
from samples.surfaces import Picture, fractal, mix


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
