"""EXIF tags of a still, or of the cover picture in a video, read in a child process.

EXIF readers fail in many ways on odd files: exceptions without a word, endless loops, half a
directory. Whatever happens in the child, the answer is a dictionary, empty where nothing was found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from provenance.errors import ToolError
from provenance.metadata.values import COVER, safe_tags
from provenance.process import Limits, run_worker
from provenance.settings import Settings

WORKER = "provenance.metadata.worker"
TIMEOUT = 30.0  # a healthy picture takes well under a second
_OUTPUT = 4 << 20  # a worker that prints more than this does not print tags


def exif_tags(path: Path, settings: Settings) -> dict[str, Any]:
    """EXIF tags of a picture file (JPEG, TIFF, PNG, WebP, HEIC, AVIF), such as "Image Model".

    Values are text, numbers and short lists; positions are lists of degrees, minutes and seconds.
    Thumbnails, maker notes and other binary blobs are left out.
    """
    return _read("still", path, settings)


def cover_exif(path: Path, settings: Settings) -> dict[str, Any]:
    """EXIF tags of the cover picture attached to a video; names begin with "Cover: "."""
    return {f"{COVER}{name}": value for name, value in _read("cover", path, settings).items()}


def _read(command: str, path: Path, settings: Settings) -> dict[str, Any]:
    limits = Limits(timeout=TIMEOUT, memory=settings.decode_memory, output=_OUTPUT)
    try:
        return safe_tags(run_worker(WORKER, [command, str(path.absolute())], limits))
    except ToolError:
        return {}
