"""The child process that reads tags from untrusted files; prints one JSON object.

Run by `process.run_worker`, never imported by the rest of the package. Commands: `still PATH` and
`cover PATH` for EXIF, `structure PATH` for boxes and XMP. It prints `{}` where nothing can be read.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from provenance.media.formats import FORMAT_WHITELIST, PROTOCOL_WHITELIST, is_picture
from provenance.metadata.boxes import MOST_XMP, read_boxes
from provenance.metadata.xmp import xmp_properties

TAG_LIMIT, TEXT_LIMIT, LIST_LIMIT = 400, 2000, 16
SCAN_LIMIT = 64 << 20  # EXIF of a HEIC lies behind some index boxes, far before this
_EXIF_HEADER = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
# MP4 and QuickTime begin with one of these; old QuickTime has no ftyp.
_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
# Addresses inside the file, and blobs that say nothing as text.
_LEFT_OUT = re.compile(
    r"Thumbnail |.*(?:Thumbnail|MakerNote|ApplicationNotes|InterColorProfile|PrintIM|Offsets?"
    r"|GPSInfo|StripByteCounts|TileByteCounts|JPEGTables|IPTC/NAA|ImageResources|Padding"
    r"|OffsetSchema)$"
)


def main(arguments: list[str]) -> None:
    command, path = arguments
    tags: dict[str, Any] = {}
    reader = {"cover": _cover, "still": _still, "structure": _structure}[command]
    with suppress(Exception):
        tags = reader(Path(path))
    json.dump(tags, sys.stdout)


def _still(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        found = _exif(file)
    for source in (_block_by_pillow, _block_by_search):
        if not found and (block := source(path)):
            found = _exif(io.BytesIO(block))
    return found


def _cover(path: Path) -> dict[str, Any]:
    import av

    options = {"protocol_whitelist": PROTOCOL_WHITELIST, "format_whitelist": FORMAT_WHITELIST}
    with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
        covers = [
            stream
            for stream in container.streams.video
            if stream.disposition & av.stream.Disposition.attached_pic
        ]
        # Each cover is one packet, and they come first; to ask for more would read the whole file.
        packets = container.demux(covers) if covers else ()
        for packet in itertools.islice(packets, len(covers)):
            if found := _exif(io.BytesIO(bytes(packet))):
                return found
    return {}


def _structure(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(32)
        found: dict[str, Any] = {}
        packet = None
        if is_picture(head):
            packet = _packet_by_pillow(path)
        elif head[4:8] in _FIRST_BOXES:
            found = read_boxes(file)
            packet = found.pop("xmp")
    return {**found, "xmp": xmp_properties(packet) if packet else {}}


def _packet_by_pillow(path: Path) -> str | None:
    from PIL import Image

    with suppress(Exception), Image.open(path) as image:
        tags = getattr(image, "tag_v2", {})  # TIFF
        block = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or tags.get(700)
        if isinstance(block, bytes):
            return block[:MOST_XMP].decode("utf-8", "replace")
        return str(block)[:MOST_XMP] if block else None
    return None


def _exif(file: BinaryIO) -> dict[str, Any]:
    """Tags by exifread; none where it gives up (on some HEIC files by a bare AssertionError)."""
    import exifread

    try:
        found = exifread.process_file(file, details=False)
    except Exception:
        return {}
    tags: dict[str, Any] = {}
    for name, tag in found.items():
        value = None if _LEFT_OUT.match(name) else _value(name, tag)
        if value is not None and len(tags) < TAG_LIMIT:
            tags[name] = value
    return tags


def _block_by_pillow(path: Path) -> bytes:
    """The EXIF block as Pillow finds it: in AVIF, and in WebP without the header it may lack."""
    from PIL import Image

    with suppress(Exception), Image.open(path) as image:
        block = image.info.get("exif")
        return bytes(block).removeprefix(b"Exif\0\0") if block else b""
    return b""


def _block_by_search(path: Path) -> bytes:
    """The EXIF block of a HEIC whose index cannot be followed."""
    with path.open("rb") as file:
        data = file.read(SCAN_LIMIT)
    found = _EXIF_HEADER.search(data) if data[4:8] == b"ftyp" else None
    return data[found.end() :] if found else b""


def _value(name: str, tag: Any) -> str | int | float | list[int | float] | None:
    """A tag as JSON has it: numbers where they are counted with, else as exifread prints it."""
    values = getattr(tag, "values", None)
    if values is None:  # a thumbnail is bare bytes
        return None
    if isinstance(values, bytes):
        return values[:TEXT_LIMIT].decode("utf-8", "replace")
    if isinstance(values, str):
        return values[:TEXT_LIMIT]
    if name.startswith("GPS ") and all(hasattr(value, "denominator") for value in values):
        return _numbers(values)
    printable = str(tag.printable)
    if len(values) > LIST_LIMIT and printable.startswith("["):
        return None
    return printable[:TEXT_LIMIT]


def _numbers(values: list[Any]) -> int | float | list[int | float] | None:
    if not values or len(values) > LIST_LIMIT or not all(value.denominator for value in values):
        return None
    numbers = [
        int(v) if v.denominator == 1 else round(v.numerator / v.denominator, 9) for v in values
    ]
    return numbers[0] if len(numbers) == 1 else numbers
