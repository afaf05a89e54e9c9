"""What stands in a bundle: a ZIP file of

manifest.json     all other files with size and SHA-256, the versions, the source
timestamp.tsr     a time stamp over manifest.json, where one was asked for
report.json       the report for programs         report.html   the page for people
download.json     what the site said of the source
frames/           matched frames of the source in full resolution, PNG
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SCHEMA = "provenance.bundle/1"
MANIFEST = "manifest.json"
STAMP = "timestamp.tsr"
REPORT = "report.json"
PAGE = "report.html"
DOWNLOAD = "download.json"
FRAMES = "frames"

MOST_FILES = 2000
MOST_BYTES = 2 * 1024**3
"""Of all files of a bundle, unpacked. Fifteen frames of 8K are some 800 MB."""
MOST_PACKED = 200
"""Bytes that one packed byte may become; JSON of reports becomes 5 to 20."""
SMALL = 1024 * 1024
"""Files up to this size may be packed as they like."""
MOST_TEXT = 128 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LINK, _KIND = 0o120000, 0o170000


@dataclass(frozen=True)
class Listed:
    """One file of the manifest."""

    name: str
    bytes: int
    sha256: str


def listed_files(manifest: Any) -> list[Listed] | None:
    """The files that a manifest lists; None where it is no manifest of a bundle."""
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        return None
    files = manifest.get("files")
    if not isinstance(files, list) or len(files) > MOST_FILES:
        return None
    found = []
    for entry in files:
        if not isinstance(entry, dict):
            return None
        name, size, digest = entry.get("name"), entry.get("bytes"), entry.get("sha256")
        if not (isinstance(name, str) and isinstance(size, int) and isinstance(digest, str)):
            return None
        found.append(Listed(name, size, digest))
    return found


def unfit(entries: list[zipfile.ZipInfo]) -> str | None:
    """Why a ZIP file is refused unread, or None: names that leave a folder, bombs, links."""
    return next(_objections(entries), None)


def _objections(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    if len(entries) > MOST_FILES:
        yield f"it has {len(entries)} files, and a bundle has at most {MOST_FILES}"
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        yield f"it would unpack to more than {MOST_BYTES >> 30} GiB"
    names: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _NAME.fullmatch(entry.orig_filename) or entry.orig_filename != name:
            yield f"it has a file with a name that no bundle has: {entry.orig_filename!r}"
        if name in names:
            yield f"it has two files of the name {name}"
        names.add(name)
        if (entry.external_attr >> 16) & _KIND == _LINK:
            yield f"{name} is a link"
        if entry.flag_bits & 1:
            yield f"{name} is encrypted"
        if entry.file_size > max(SMALL, entry.compress_size * MOST_PACKED):
            yield f"{name} would unpack to {entry.file_size} bytes from {entry.compress_size}"
