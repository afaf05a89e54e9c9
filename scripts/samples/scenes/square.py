"""A city square."""

import math

import cv2
import numpy as np

from samples.camera import HEIGHT, WIDTH, Camera, Developer, Haze, draw, stand
from samples.colours import Colour
from samples.landscape import Ground, Sky, paving
from samples.people import paint_person
from samples.sprites import Canvas, Sprite
from samples.stage import Placed, Walker, draw_all
from samples.surfaces import Picture, fractal
from samples.things import paint_flag, paint_tree, paint_truck
from samples.town import paint_facade


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
