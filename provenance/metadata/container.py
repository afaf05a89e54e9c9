"""Tags of a container and its streams, flat and by name.

The container's own tags keep their names; those of streams are named "stream 0 (video): title".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provenance.metadata.values import STREAM, safe_tags

_COVER_CODECS = frozenset({"mjpeg", "png", "webp", "bmp", "tiff", "gif"})


def container_tags(container: Mapping[str, Any]) -> dict[str, Any]:
    """The tags that `probe` found (`MediaInfo.container`) as JSON-ready values.

    `format` is the container's format, whatever a tag of that name says.
    """
    return safe_tags(dict(_named(container)))


def has_cover(container: Mapping[str, Any]) -> bool:
    """True when one of several picture streams may be a cover: a picture attached to a video."""
    videos = [stream for stream in streams_of(container) if stream.get("type") == "video"]
    return len(videos) > 1 and any(stream.get("codec") in _COVER_CODECS for stream in videos)


def _named(container: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if container.get("format"):
        yield "format", container["format"]
    for name, value in _mapping(container.get("tags")).items():
        if name != "format":
            yield str(name), value
    for number, stream in enumerate(streams_of(container)):
        for name, value in _mapping(stream.get("tags")).items():
            yield f"{STREAM}{number} ({stream.get('type')}): {name}", value


def streams_of(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The streams as `probe` lists them."""
    streams = container.get("streams")
    return [_mapping(stream) for stream in streams] if isinstance(streams, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
