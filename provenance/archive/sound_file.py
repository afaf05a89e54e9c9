"""The file of sound: the items of many footages one behind the other, written once, never changed.

In front stand a magic word, the version, how many footages and items there are; then the footages'
ids by rising id (8 bytes each), how many items each has (4 bytes), and the items (4 bytes each).
The items are mapped into memory and stay where they are. Rows of the catalogue's table `sound`
never change and ids are never given twice, so a file remains right for ever for the footage it
names.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from provenance.archive.durable import new_file, sha256_of

VERSION = 1
_NAME = re.compile(r"[0-9a-f]{32}\.v\d+\.sound(\.part)?")
_MAGIC = b"provsond"
_FRONT = struct.Struct("<8sIIQ")  # magic, version, footages, items

Ids = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class SoundFileInfo:
    """What the catalogue records of a file of sound.

    `head_bytes` of it, in front, say whose items stand where, and are checked whenever the file is
    opened.
    """

    file: str
    bytes: int
    sha256: str
    head_bytes: int
    head_sha256: str
    items: int


class UnreadableSoundFileError(Exception):
    """A file of sound is missing or not as it was written; the message says which of both."""


def write_sound_file(
    folder: Path, footage: Ids, counts: Ids, parts: Iterable[Codes]
) -> SoundFileInfo:
    """Write a new file piece by piece under a temporary name, make it durable, give it its name.

    Args:
        footage: (N,) ids, rising.
        counts: (N,) items of each.
        parts: all items, by rising footage, in pieces of any length.

    Raises:
        ValueError: there are more or fewer items than were told.
        OSError: it cannot be written. Nothing is left behind in either case.
    """
    items = int(counts.sum())
    head = _FRONT.pack(_MAGIC, VERSION, len(footage), items)
    head += footage.astype("<i8").tobytes() + counts.astype("<u4").tobytes()
    whole, size = hashlib.sha256(head), len(head)
    with new_file(folder, f".v{VERSION}.sound") as (file, name):
        file.write(head)
        for part in parts:
            content = part.astype("<u4", copy=False).tobytes()
            whole.update(content)
            size += file.write(content)
        if size != len(head) + 4 * items:
            raise ValueError(f"{size} bytes are not {items} items")
    digest = hashlib.sha256(head).hexdigest()
    return SoundFileInfo(name, size, whole.hexdigest(), len(head), digest, items)


class OpenSoundFile:
    """A file of sound mapped into memory.

    Attributes:
        footage: (N,) int64 ids, rising.
        counts: (N,) int64, items of each.
        codes: (items,) uint32, mapped; a plain array, because slicing those of `numpy.memmap` takes
            longer than looking through a small one.

    Raises:
        UnreadableSoundFileError: missing, cut short, or not as it was written in front.
    """

    def __init__(self, folder: Path, info: SoundFileInfo) -> None:
        path = folder / info.file
        try:
            with path.open("rb") as file:
                head = file.read(info.head_bytes)
                size = os.fstat(file.fileno()).st_size
                if size != info.bytes or hashlib.sha256(head).hexdigest() != info.head_sha256:
                    raise UnreadableSoundFileError(f"{path} is damaged")
                _, _, footages, items = _FRONT.unpack_from(head)
                self.footage = np.frombuffer(head, "<i8", footages, _FRONT.size).astype(np.int64)
                at = _FRONT.size + 8 * footages
                self.counts = np.frombuffer(head, "<u4", footages, at).astype(np.int64)
                self.codes: Codes = np.zeros(0, np.uint32)
                if items:  # nothing cannot be mapped
                    mapped = np.memmap(file, "<u4", "r", info.head_bytes, (items,))
                    self.codes = mapped.view(np.ndarray)
        except OSError as error:
            raise UnreadableSoundFileError(f"{path} is missing") from error


def is_as_written(folder: Path, info: SoundFileInfo) -> bool:
    """Whether every byte is. Raises UnreadableSoundFileError where the file is missing."""
    try:
        return sha256_of(folder / info.file) == info.sha256
    except OSError as error:
        raise UnreadableSoundFileError(f"{folder / info.file} is missing") from error


def sound_files(folder: Path) -> Iterator[Path]:
    """Files in `folder` that carry such a name, of any version, finished or not."""
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if _NAME.fullmatch(path.name))
