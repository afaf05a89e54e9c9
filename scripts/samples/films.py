"""Takes of a scene, and films on disk."""

import subprocess
import tempfile
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import imageio_ffmpeg
import numpy as np

from samples.camera import FPS
from samples.stage import Scene
from samples.surfaces import Picture


def shoot(scene: Scene, seconds: float, start: float = 0.0) -> Iterator[Picture]:
    """The frames of one take."""
    for number in range(round(seconds * FPS)):
        yield scene.frame(start + number / FPS)


def encode(
    target: Path, frames: Iterable[Picture], size: tuple[int, int], crf: int, sound: Any = None
) -> None:
    """Write a film without dates or tool names, so that it changes only if the pictures do."""
    with tempfile.TemporaryDirectory() as folder:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"]
        command += ["-r", str(FPS), "-i", "-"]
        if sound is not None:
            track = Path(folder) / "sound.wav"
            with wave.open(str(track), "wb") as out:
                out.setparams((1, 2, 16000, 0, "NONE", ""))
                out.writeframes(sound.tobytes())
            command += ["-i", str(track), "-c:a", "aac", "-b:a", "32k"]
        command += ["-c:v", "libx264", "-preset", "slow", "-crf", str(crf), "-pix_fmt", "yuv420p"]
        command += ["-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact"]
        command += ["-flags:v", "+bitexact", "-movflags", "+faststart", str(target)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin
            for frame in frames:
                process.stdin.write(np.round(frame * 255).astype(np.uint8).tobytes())
        if process.returncode:
            raise SystemExit(f"ffmpeg could not write {target}")


def copied(source: Path, start: float, seconds: float) -> Iterator[Picture]:
    """The frames of a stretch of a finished film, as somebody who found it online has them."""
    film = cv2.VideoCapture(str(source))
    for number in range(round((start + seconds) * FPS)):
        found, frame = film.read()
        if not found:
            raise SystemExit(f"{source} ends before {start + seconds} s")
        if number >= round(start * FPS):
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    film.release()
