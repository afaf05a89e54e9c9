"""Tags of a container one by one, as the readers of findings look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from provenance.metadata.values import STREAM, XMP


class Tag(NamedTuple):
    """One text tag of a container: `name` in lower case, without the stream it stands in."""

    source: str
    name: str
    value: str
    stream: str
    """Kind of the stream ("video"), or "" for a tag of the container itself."""


def container_tag_list(container: Mapping[str, Any]) -> Iterator[Tag]:
    """The tags of `container_tags`, XMP left out."""
    for key, value in container.items():
        head, _, name = key.partition(": ")
        if head.startswith(STREAM) and name:
            yield Tag(key, name.lower(), str(value), head.partition("(")[2].rstrip(")"))
        elif key != "format" and not key.startswith(XMP):
            yield Tag(f"container: {key}", key.lower(), str(value), "")


def xmp_tags(container: Mapping[str, Any]) -> dict[str, str]:
    """The XMP properties by name, such as "xmp:CreatorTool"."""
    return {n.removeprefix(XMP): str(v) for n, v in container.items() if n.startswith(XMP)}
