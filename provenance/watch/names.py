"""Names in a watched folder: what is no clip, what is still being written, how reports are called.

>>> is_unfinished("clip.mp4.crdownload"), is_passed_over("clip.info.json"), is_list("links.txt")
(True, True, True)
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import PurePath

from provenance.urls import without_login

TABLES = ("claims.csv", "Claims.csv", "CLAIMS.CSV", "claims.CSV")
"""Of claims; systems that do not tell capitals from small letters write them as they like."""
CLAIM_ENDING = ".claim.json"
FAILED = "failed.csv"
STATUS = "status.json"
LIST_ENDINGS = (".txt", ".url", ".webloc")

_UNFINISHED = re.compile(
    # Browsers, yt-dlp (also its pieces and what it is putting together), aria2, torrents, editors.
    r"\.(part(ial)?|part-Frag\d+|crdownload|opdownload|download|ytdl|aria2|filepart|unfinished"
    r"|te?mp|swp|!qb|!ut|bc!|xltd|td)$|\.temp\.\w+$",
    re.IGNORECASE,
)
_BESIDE = (".part", ".partial", ".crdownload", ".aria2", ".ytdl", ".filepart", ".download")
"""Endings of files beside a file that say that it is not complete."""
_COMPANIONS = (
    *(".info.json", ".live_chat.json", ".report.json", ".report.html"),
    *(".description", ".annotations.xml", ".nfo", ".srt", ".vtt", ".ass", ".lrc", ".ttml"),
    *(".md5", ".sha1", ".sha256"),
)
_OF_SYSTEMS = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
_FOLDERS_OF_SYSTEMS = frozenset(("@eadir", "#recycle", "$recycle.bin", "lost+found", "__macosx"))
_LONGEST = 200
"""Bytes of a report's name without its ending: file systems end at 255."""
_LONGEST_SLUG = 60


def is_unfinished(name: str) -> bool:
    """Whether a program writes under this name what will have another when it is complete."""
    return _UNFINISHED.search(name) is not None


def is_passed_over(name: str) -> bool:
    """Whether a file of this name is never looked at for itself: hidden files, what belongs to
    other files, what systems leave lying about, and what is unfinished.

    A claim whose name would not be found is none of them: better listed as failed than ignored."""
    low = name.lower()
    return (
        name.startswith((".", "~"))
        or name.endswith("~")
        or name.endswith(CLAIM_ENDING)
        or name in TABLES
        or low.endswith(_COMPANIONS)
        or low in _OF_SYSTEMS
        or is_unfinished(name)
    )


def is_folder_passed_over(name: str) -> bool:
    """Whether nothing in a folder of this name is looked at."""
    # Folders have their name among the reports, too: those of our own files there are taken.
    return (
        name.startswith((".", "~"))
        or name.lower() in _FOLDERS_OF_SYSTEMS
        or name in (FAILED, STATUS)
    )


def controls(name: str) -> list[str]:
    """Names of files that, while they stand beside this one, say that it is not complete."""
    return [name + ending for ending in _BESIDE]


def is_list(name: str) -> bool:
    """Whether it holds addresses: a text, or a shortcut of Windows or macOS."""
    return name.lower().endswith(LIST_ENDINGS)


def claim_names(name: str) -> list[str]:
    """Where the claim of a file may stand, the first that is there counts."""
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - of a name with its folders
    return [name + CLAIM_ENDING, stem + CLAIM_ENDING]


def table_names(name: str) -> list[str]:
    """Tables that may say what is claimed of a file: its own folder's, then the inbox's."""
    folder = name.rpartition("/")[0]
    return [f"{folder}/{table}" for table in TABLES if folder] + list(TABLES)


def told_by(name: str) -> list[str]:
    """All that may say something of a file, and is read when it is checked."""
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - of a name with its folders
    return [*claim_names(name), *table_names(name), f"{stem}.info.json"]


def report_name(name: str, number: int = 0, address: str = "") -> str:
    """How the reports of a file are called, without their ending: as the file, ending included.

    Args:
        number, address: of one address in the file, counted from 1.
    """
    if address:
        slug = re.sub(
            r"[^A-Za-z0-9]+", "-", re.sub(r"^https?://(www\.)?", "", without_login(address))
        ).strip("-")
        name = f"{name}.{number:02d}-{slug[:_LONGEST_SLUG].strip('-')}"
    folder, _, last = name.rpartition("/")
    data = os.fsencode(last)
    if len(data) > _LONGEST:
        digest = hashlib.sha256(data).hexdigest()[:8]
        kept = data[: _LONGEST - len(digest) - 1].decode("utf-8", "ignore")
        last = f"{kept}-{digest}{PurePath(last).suffix[:10]}"
    return f"{folder}/{last}" if folder else last
