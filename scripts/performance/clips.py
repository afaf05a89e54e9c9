"""The clips that are checked: 30 s at 720p, one of known footage and edited, one of unknown."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from accuracy.crowd import CLIPS

from performance.pool import SAMPLES
from provenance.process import find_ffmpeg

SECONDS = 30
RATE, HERTZ = 25, 44100
SIZE = "1280:720"
KNOWN = "Zulko_moviepy__big_buck_bunny_0_30.webm"
UNKNOWN = (
    "pytorch_torchcodec__nasa_13013.mp4",
    "facebookresearch_co-tracker__apple.mp4",
    "facebook_ThreatExchange__doorknob-hd-no-bar.mp4",
    "facebookresearch_AugLy__small_input_1.mp4",
)
"""None of them is in the archive."""
# Four fifths of the frame, a bar for a caption, other colours, another encoder.
EDIT = (
    "crop=iw*0.8:ih*0.8:iw*0.15:ih*0.1,"
    f"scale={SIZE},setsar=1,eq=contrast=1.1:brightness=0.03:saturation=0.8,"
    "drawbox=x=0:y=ih*0.82:w=iw:h=ih*0.12:color=black:t=fill"
)
FITTED = f"scale={SIZE}:force_original_aspect_ratio=increase,crop={SIZE},setsar=1"
ENCODED = ("-c:v", "libx264", "-crf", "26", "-g", "100", "-pix_fmt", "yuv420p")
HEARD = ("-c:a", "aac", "-b:a", "96k")


@dataclass(frozen=True)
class CheckedClips:
    """The two files."""

    known: Path
    unknown: Path


def checked_clips(folder: Path) -> CheckedClips:
    """Made at the first call, from the shared clips or from our samples."""
    shared = CLIPS.is_dir()
    known = [CLIPS / KNOWN] if shared else [SAMPLES / "square.mp4"]
    unknown = (
        [CLIPS / name for name in UNKNOWN]
        if shared
        else [SAMPLES.parent / "checks" / "unrelated.mp4"]
    )
    return CheckedClips(
        _made(folder / "known-30s.mp4", known, EDIT),
        _made(folder / "unknown-30s.mp4", unknown, FITTED),
    )


def _made(to: Path, parts: list[Path], look: str) -> Path:
    """The parts one after the other, again and again, for 30 s, with the sound of the first."""
    if to.exists():
        return to
    count = len(parts)
    inputs = [word for path in parts for word in ("-i", str(path))]
    each = "".join(f"[{n}:v:0]fps={RATE},{look},format=yuv420p[v{n}];" for n in range(count))
    joined = "".join(f"[v{n}]" for n in range(count))
    frames = SECONDS * RATE
    graph = f"{each}{joined}concat=n={count},loop=-1:{frames},setpts=N/{RATE}/TB[out];"
    graph += f"[0:a:0]aresample={HERTZ},aloop=loop=-1:size={SECONDS * HERTZ}[heard]"
    unfinished = to.with_suffix(".part.mp4")
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *inputs]
    command += ["-filter_complex", graph, "-map", "[out]", "-map", "[heard]"]
    command += ["-t", str(SECONDS), *ENCODED, *HEARD, str(unfinished)]
    subprocess.run(command, check=True)
    unfinished.replace(to)
    return to
