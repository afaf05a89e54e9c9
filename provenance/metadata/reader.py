"""The front: a file and its `MediaInfo` in, a `Metadata` out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.metadata.container import container_tags, has_cover
from provenance.metadata.exif import cover_exif, exif_tags
from provenance.metadata.findings import findings
from provenance.models import Metadata
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.dates import When
    from provenance.media import MediaInfo


def read_metadata(
    path: str | Path,
    info: MediaInfo,
    settings: Settings | None = None,
    *,
    last_modified: When | None = None,
) -> Metadata:
    """What a file says of itself. Never raises because of the file: unreadable tags are no tags.

    Args:
        path: the file that `info` was read from.
        info: what `probe` found; its `container` holds the tags of container and streams.
        last_modified: what the server said of a download, where it said it.
    """
    settings = settings or Settings()
    container = container_tags(info.container)
    exif = {}
    if info.is_still:
        exif = exif_tags(Path(path), settings)
    elif has_cover(info.container):
        exif = cover_exif(Path(path), settings)
    return Metadata(container, exif, findings(container, exif, last_modified))
