"""vPDQ: Meta's open video hash, as PyPI has it, in an environment of its own.

It comes as source code: pip compiles it, for which it needs a C++ compiler, CMake and the headers
of FFmpeg's libraries. A hash of 256 bits a second; hashes below a quality of 50 are left out and
those within 31 bits match, as its authors advise. https://github.com/facebook/ThreatExchange, vpdq/
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import platformdirs

from accuracy.peers.hashes import Bits, compare
from accuracy.truth import Found

VERSION = "0.2.5"
QUALITY = 50
DISTANCE = 31
PACKAGES = (
    "g++ cmake pkg-config libavcodec-dev libavdevice-dev libavfilter-dev libavformat-dev "
    "libavutil-dev libswresample-dev libswscale-dev"
)
BUILD_SECONDS = 900


class VpdqMissingError(Exception):
    """vPDQ cannot be built or run here; the message says why in one line."""


def results(queries: Sequence[Path], known: Sequence[Path]) -> list[Found]:
    """Scores of all pairs that have any. Raises VpdqMissingError."""
    paths = [*queries, *known]
    hashed = dict(zip(paths, hashes(paths), strict=True))
    return compare(
        {path.name: hashed[path] for path in queries},
        {path.name: hashed[path] for path in known},
        DISTANCE,
    )


def hashes(paths: Sequence[Path]) -> list[Bits]:
    """One row of 256 bits a second and file. Raises VpdqMissingError."""
    python = installed()
    child = Path(__file__).with_name("vpdq_child.py")
    done = subprocess.run(
        [python, "-P", child],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if len(lines) != len(paths):
        raise VpdqMissingError(f"vPDQ ended with {done.returncode} at {paths[len(lines)].name}")
    return [_bits(json.loads(line) or []) for line in lines]


def installed(folder: Path | None = None) -> Path:
    """The Python that has vPDQ; made and filled at the first call. Raises VpdqMissingError."""
    cache = folder or platformdirs.user_cache_path("video-provenance") / "benchmark"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    environment = cache / f"vpdq-{VERSION}-python{version}"
    python = environment / "bin" / "python"
    if _works(python):
        return python
    cache.mkdir(parents=True, exist_ok=True)
    log = cache / "vpdq-build.log"
    with log.open("w", encoding="utf-8") as said:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [
                str(python),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                f"vpdq=={VERSION}",
            ],
        ):
            try:
                code = subprocess.run(
                    command, stdout=said, stderr=said, check=False, timeout=BUILD_SECONDS
                ).returncode
            except (OSError, subprocess.TimeoutExpired) as error:
                raise VpdqMissingError(f"vPDQ could not be installed: {error}") from error
            if code:
                break
    if not _works(python):
        raise VpdqMissingError(_reason(log.read_text("utf-8"), log))
    return python


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    done = subprocess.run([python, "-c", "import vpdq"], capture_output=True, check=False)
    return done.returncode == 0


def _reason(said: str, log: Path) -> str:
    """Why it could not be built, in one line."""
    if "No matching distribution" in said or "Failed to establish" in said:
        return f"pip could not fetch vPDQ {VERSION} from the package index ({log})"
    return f"vPDQ {VERSION} could not be compiled; Debian: apt install {PACKAGES} ({log})"


def _bits(features: Sequence[tuple[str, int]]) -> Bits:
    rows = [bytes.fromhex(text) for text, quality in features if quality >= QUALITY]
    if not rows:
        return np.zeros((0, 256), np.uint8)
    return np.unpackbits(np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), 32), axis=1)
