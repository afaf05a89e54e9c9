"""What a user names, as single sources: folders become the media files in them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from provenance.arguments import many_sources, one_source
from provenance.urls import is_url

_VIDEOS = (
    "3g2 3gp asf avi dv f4v flv gif gxf ivf m2ts m2v m4v mj2 mkv mov mp4 mpeg mpg mts mxf nut ogm "
    "ogv rm rmvb swf ts vob webm wmv wtv y4m"
)
_STILLS = "avif bmp heic heif jpeg jpg png tif tiff webp"
MEDIA_EXTENSIONS = frozenset(f"{_VIDEOS} {_STILLS}".split())


def expand_sources(paths: Iterable[str | Path]) -> list[str]:
    """Folders replaced by their media files, recursively and sorted; all else stays as it is.

    Media files are told by their extension. Hidden files and folders, unfinished downloads
    (`.part`) and sidecars (`.info.json`) are passed over, and links to folders are not followed. A
    folder without media stays in the list, and one in it that cannot be read comes into it, so that
    whoever reads it can say what is wrong with it.
    """
    sources: list[str] = []
    for path in map(one_source, many_sources(paths)):
        if is_url(path) or not os.path.isdir(path):  # noqa: PTH112  # Path.is_dir() raises for long names
            sources.append(path)
        else:
            sources += _media_in(path) or [path]
    return sources


def _media_in(folder: str) -> list[str]:
    found: list[str] = []

    def unreadable(error: OSError) -> None:
        found.append(str(Path(error.filename)))

    for parent, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [str(Path(parent) / name) for name in files if _is_media(name)]
    return sorted(found)


def _is_media(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix[1:].lower() in MEDIA_EXTENSIONS
