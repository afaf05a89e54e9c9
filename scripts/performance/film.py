"""Films to measure speed on, joined from real clips (or from our own samples) by ffmpeg."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

from provenance.errors import ProvenanceError
from provenance.media import MediaInfo, probe
from provenance.process import find_ffmpeg

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PROVENANCE_SHARED") or ROOT.parent / "shared")

LEAST_SIDE = 480
"""Pixels of the longer side; what is smaller has no texture left at full size."""
LONGEST_PART = 12.0
"""Seconds of a clip that go into a film."""
RATE = 25
GOP_SECONDS = 4
QUALITY = ("-c:v", "libx264", "-crf", "23", "-pix_fmt", "yuv420p")
SOUND = ("-c:a", "aac", "-b:a", "128k")
NOISE = "anoisesrc=color=pink:sample_rate=48000:amplitude=0.4,tremolo=f=3:d=0.8"


def clips() -> list[Path]:
    """The clips that films are made of: those of ../shared, else the repository's own samples."""
    folder = SHARED / "footage" / "clips"
    return sorted((folder if folder.is_dir() else ROOT / "samples" / "footage").iterdir())


def make_film(to: Path, seconds: float, *, height: int = 1080) -> Path:
    """A film of so many seconds: H.264 with a keyframe every 4 s at the latest, and AAC sound."""
    parts: list[tuple[Path, float]] = []
    left = seconds
    for path, info in itertools.cycle(_usable()):
        part = min(left, LONGEST_PART, info.duration or 0.0)
        parts.append((path, part))
        left -= part
        if left < 0.1:
            break
    width = height * 16 // 9
    fitted = (
        f"fps={RATE},scale={width}:{height}:force_original_aspect_ratio=increase:flags=lanczos,"
        f"crop={width}:{height},setsar=1,format=yuv420p"
    )
    chains = [f"[{n}:v:0]trim=duration={part},{fitted}[v{n}]" for n, (_, part) in enumerate(parts)]
    joined = "".join(f"[v{n}]" for n in range(len(parts))) + f"concat=n={len(parts)}[out]"
    inputs = [word for path, _ in parts for word in ("-i", str(path))]
    _ffmpeg(
        *(*inputs, "-f", "lavfi", "-t", str(seconds), "-i", NOISE),
        *(
            "-filter_complex",
            ";".join([*chains, joined]),
            "-map",
            "[out]",
            "-map",
            f"{len(parts)}:a",
        ),
        *("-g", str(RATE * GOP_SECONDS), *QUALITY, *SOUND, to),
    )
    return to


def make_folder(to: Path, count: int) -> Path:
    """A folder of small films: 4 to 10 s, 640 pixels wide, each with bytes of its own."""
    to.mkdir(parents=True, exist_ok=True)
    for number, (path, info) in enumerate(itertools.islice(itertools.cycle(_usable()), count)):
        made = to / f"{number:03d}.mp4"
        if not made.exists():
            seconds = min(info.duration or 4.0, 4 + number * 0.37 % 6)
            _ffmpeg(
                *("-t", f"{seconds:.2f}", "-i", path, "-vf", "scale=640:-2", "-an"),
                *("-metadata", f"comment=number {number}", *QUALITY, "-preset", "veryfast", made),
            )
    return to


def _usable() -> list[tuple[Path, MediaInfo]]:
    found = []
    for path in clips():
        try:
            info = probe(path)
        except ProvenanceError:
            continue
        if max(info.width, info.height) >= LEAST_SIDE and (info.duration or 0.0) > 1:
            found.append((path, info))
    return found


def _ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg; what it makes appears whole or not at all."""
    *words, to = arguments
    unfinished = Path(to).with_suffix(".part.mp4")
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, words), str(unfinished)]
    subprocess.run(command, check=True)
    unfinished.replace(to)
