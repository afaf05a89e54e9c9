"""The front: a file and its `MediaInfo` in, a `Metadata` out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.metadata.container import container_tags, has_cover, streams_of
from provenance.metadata.exif import cover_exif, exif_tags
from provenance.metadata.findings import findings
from provenance.metadata.oddities import oddities
from provenance.metadata.structure import Structure, read_structure
from provenance.models import Metadata
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.dates import When
    from provenance.media import MediaInfo

_WITH_BOXES = "mov,mp4"  # ffmpeg's name for MP4, QuickTime and their kin


def read_metadata(
    path: str | Path,
    info: MediaInfo,
    settings: Settings | None = None,
    *,
    last_modified: When | None = None,
    name: str | None = None,
) -> Metadata:
    """What a file says of itself. Never raises because of the file: unreadable tags are no tags.

    Args:
        path: the file that `info` was read from.
        info: what `probe` found; its `container` holds the tags of container and streams.
        last_modified: what the server said of a download, where it said it.
        name: the file's own name; None where a download program chose it.
    """
    settings = settings or Settings()
    structure = Structure()
    if info.is_still or str(info.container.get("format", "")).startswith(_WITH_BOXES):
        structure = read_structure(Path(path), settings)
    container = container_tags(info.container) | structure.xmp
    exif = {}
    if info.is_still:
        exif = exif_tags(Path(path), settings)
    elif has_cover(info.container):
        exif = cover_exif(Path(path), settings)
    streams = streams_of(info.container)
    odd = oddities(streams, container, structure.tracks, info.fps)
    found = findings(container, exif, last_modified, name=name, odd=odd)
    return Metadata(container, exif, found)
