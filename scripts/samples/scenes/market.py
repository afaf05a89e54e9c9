"""A market street."""

import math

import numpy as np

from samples.camera import Camera, Developer, Haze, Shake, draw, stand
from samples.colours import Colour, pick
from samples.landscape import Ground, Sky, paving
from samples.people import paint_person
from samples.sprites import Sprite
from samples.stage import Walker, draw_all
from samples.surfaces import Picture
from samples.town import paint_facade, paint_stall


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
