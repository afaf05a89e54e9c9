"""A fence on a wintry steppe."""

import numpy as np

from samples.camera import Camera, Developer, Haze, Shake
from samples.colours import Colour, vary
from samples.landscape import Sky, Terrain, sunlit
from samples.people import paint_person
from samples.sprites import Canvas, Sprite
from samples.stage import Walker, settle
from samples.surfaces import Picture, Rng, f32, fractal, mix
from samples.things import paint_tree, paint_truck


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
