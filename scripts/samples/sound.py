"""Outdoor sound made of filtered noise."""

import math
from typing import Any

import numpy as np

from samples.surfaces import Rng


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
