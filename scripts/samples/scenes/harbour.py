"""A quay in the evening."""

import math

import cv2
import numpy as np

from samples.camera import HEIGHT, WIDTH, Camera, Developer, Haze, Shake, draw, stand
from samples.colours import Colour, pick, vary
from samples.landscape import Ground, Sky, paving
from samples.people import paint_person
from samples.port import paint_crane, paint_hills, paint_ship
from samples.stage import Walker, draw_all
from samples.surfaces import Picture, f32, fractal
from samples.things import paint_truck


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
