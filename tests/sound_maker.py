"""Sounds made of numbers: speech-like, music, street noise; and ways to treat them with ffmpeg.

    write_wav(folder / "talk.wav", speech(1, 20))

Every seed is another speaker or another piece. Arrays are (N,) float64 between -1 and 1 at RATE.
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 16000
Samples = npt.NDArray[np.float64]

_CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14), (2, 5, 9), (4, 7, 11))
_VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)


def speech(seed: int, seconds: float) -> Samples:
    """Syllables: a voice with moving pitch through the formants of vowels, hisses and pauses."""
    chooser = np.random.default_rng(seed)
    voice = chooser.uniform(95, 230)
    parts: list[Samples] = []
    made = 0
    while made < seconds * RATE:
        if chooser.random() < 0.12:
            part = np.zeros(round(chooser.uniform(0.15, 0.5) * RATE))
        elif chooser.random() < 0.25:
            part = _hiss(chooser, chooser.uniform(0.05, 0.13), chooser.uniform(2500, 6000))
        else:
            part = _syllable(chooser, voice, chooser.uniform(0.09, 0.28))
        parts.append(part)
        made += len(part)
    return _level(np.concatenate(parts)[: round(seconds * RATE)])


def music(seed: int, seconds: float) -> Samples:
    """Chords, a melody, a bass and a beat, in a key, a tempo and a timbre of the piece's own."""
    chooser = np.random.default_rng(seed)
    key, beat = 45 + chooser.integers(12), 60 / chooser.uniform(80, 150)
    timbre = chooser.dirichlet(np.ones(6))
    out = np.zeros(round(seconds * RATE) + RATE)
    progression = chooser.permutation(len(_CHORDS))[:4]
    for bar in range(int(seconds / (4 * beat)) + 1):
        chord = _CHORDS[progression[bar % 4]]
        for note in chord:
            _add(out, 4 * bar * beat, _tone(key + 12 + note, 4 * beat, timbre) * 0.25)
        for step in range(8):
            start = (4 * bar + step / 2) * beat
            if chooser.random() < 0.75:
                note = key + 24 + chord[chooser.integers(3)] + chooser.choice((0, 0, 2, -1, 12))
                _add(out, start, _tone(note, beat * chooser.uniform(0.4, 1.2), timbre) * 0.5)
            if step % 2 == 0:
                _add(out, start, _tone(key - 12 + chord[0], beat * 0.8, timbre) * 0.4)
            _add(out, start, _hiss(chooser, 0.05, 4000) * (0.5 if step % 4 == 2 else 0.15))
    return _level(out[: round(seconds * RATE)])


def street(seed: int, seconds: float) -> Samples:
    """Wind and traffic: noise that swells, and now and then a horn or a call."""
    chooser = np.random.default_rng(seed)
    count = round(seconds * RATE)
    out = np.zeros(count + 2 * RATE)
    for low, high in ((60, 250), (200, 900), (700, 2600)):
        knots = chooser.random(int(seconds) + 3)
        swell = np.interp(np.arange(count) / RATE, np.arange(len(knots)), knots)
        out[:count] += _band(chooser, count, low, high) * (0.2 + swell)
    for _ in range(max(1, int(seconds / 2))):
        length = chooser.uniform(0.15, 0.9)
        tone = _tone(chooser.uniform(60, 86), length, chooser.dirichlet(np.ones(4)))
        _add(out, chooser.uniform(0, seconds), tone * chooser.uniform(0.2, 1.0))
    return _level(out[:count])


def hum(seconds: float, pitch: float = 50.0) -> Samples:
    """A steady mains hum."""
    time = np.arange(round(seconds * RATE)) / RATE
    return _level(sum(np.sin(2 * np.pi * pitch * k * time) / k for k in (1, 2, 3, 5)))


def mixed(front: Samples, behind: Samples, decibels: float) -> Samples:
    """`front` over `behind`, which is so many decibels louder (negative: fainter)."""
    count = min(len(front), len(behind))
    a, b = front[:count], behind[:count]
    loudness = np.sqrt(np.mean(a**2) / max(np.mean(b**2), 1e-12))
    return _level(a + b * loudness * 10 ** (decibels / 20))


def write_wav(to: Path, samples: Samples) -> Path:
    """16-bit PCM, one channel."""
    with wave.open(str(to), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return to


def _level(samples: Any) -> Samples:
    samples = np.asarray(samples, float)
    return 0.5 * samples / max(float(np.abs(samples).max()), 1e-9)


def _add(out: Samples, start: float, part: Samples) -> None:
    first = round(start * RATE)
    room = out[first : first + len(part)]
    room += part[: len(room)]


def _tone(note: float, seconds: float, timbre: Samples) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 440 * 2 ** ((note - 69) / 12)
    wave_form = sum(w * np.sin(2 * np.pi * pitch * (k + 1) * time) for k, w in enumerate(timbre))
    return np.asarray(wave_form * np.exp(-2.5 * time / seconds) * np.minimum(1, time / 0.01))


def _band(chooser: np.random.Generator, count: int, low: float, high: float) -> Samples:
    pitch = np.fft.rfftfreq(count, 1 / RATE)
    bell = np.exp(-((np.log2(np.maximum(pitch, 1) / np.sqrt(low * high))) ** 2))
    phase = np.exp(2j * np.pi * chooser.random(len(pitch)))
    return _level(np.fft.irfft(bell * phase, count))


def _hiss(chooser: np.random.Generator, seconds: float, pitch: float) -> Samples:
    count = max(8, round(seconds * RATE))
    return _band(chooser, count, pitch * 0.7, pitch * 1.4) * np.hanning(count) * 0.5


def _syllable(chooser: np.random.Generator, voice: float, seconds: float) -> Samples:
    count = round(seconds * RATE)
    pitch = voice * np.linspace(*chooser.uniform(0.75, 1.3, 2), count)
    phase = np.cumsum(pitch) / RATE
    first, last = (np.array(_VOWELS[chooser.integers(len(_VOWELS))], float) for _ in range(2))
    out = np.zeros(count)
    for harmonic in range(1, int(4000 / voice)):
        tone = pitch * harmonic
        gain = np.zeros(count)
        for k in range(3):
            formant = np.linspace(first[k], last[k], count)
            gain += np.exp(-(((tone - formant) / (60 + 40 * k)) ** 2)) / (1 + k)
        out += (gain + 0.02) / harmonic**0.3 * np.sin(2 * np.pi * harmonic * phase)
    return out * np.hanning(count) ** 0.5
