"""How a file is built and what its XMP packet says, read in a child process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from provenance.errors import ToolError
from provenance.metadata.values import XMP, safe_tags
from provenance.process import Limits, run_worker
from provenance.settings import Settings

WORKER = "provenance.metadata.worker"
TIMEOUT = 30.0  # only headers are read
_OUTPUT = 1 << 20


class Edit(NamedTuple):
    """One line of an edit list: so many seconds of the movie show the media from a second on."""

    length: float
    start: float | None
    """Second of the media; None where nothing is shown."""
    rate: float


class Track(NamedTuple):
    """A track of an MP4 or QuickTime file."""

    kind: str
    """ "vide" or "soun" for pictures and sound."""
    seconds: float | None
    """Length of what it holds, shown or not."""
    edits: tuple[Edit, ...]
    more_edits: int


class Structure(NamedTuple):
    """What was found: tracks where the file has boxes, and XMP properties by name."""

    tracks: tuple[Track, ...] = ()
    xmp: dict[str, Any] = {}  # noqa: RUF012 - never changed


def read_structure(path: Path, settings: Settings) -> Structure:
    """Tracks and XMP of a file; empty where there are none or they cannot be read."""
    limits = Limits(timeout=TIMEOUT, memory=settings.decode_memory, output=_OUTPUT)
    try:
        found = run_worker(WORKER, ["structure", str(path.absolute())], limits)
    except ToolError:
        return Structure()
    if not isinstance(found, dict):
        return Structure()
    tracks = found.get("tracks")
    xmp = {f"{XMP}{name}": value for name, value in safe_tags(found.get("xmp")).items()}
    return Structure(tuple(map(_track, tracks)) if isinstance(tracks, list) else (), xmp)


def _track(found: dict[str, Any]) -> Track:
    edits = tuple(Edit(*edit) for edit in found["edits"])
    return Track(found["kind"], found["seconds"], edits, found["edits_left_out"])
