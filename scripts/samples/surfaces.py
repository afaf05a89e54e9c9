"""Pictures as arrays, and the noise that makes a painted surface look like a material."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, Any]  # float32: RGB, or premultiplied RGBA, 0..1
Rng = np.random.Generator


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
