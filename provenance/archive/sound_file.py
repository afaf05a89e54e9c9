"""The file of sound: the items of many footages one behind the other, written once, never changed.

In front stand a magic word, the version, how many footages and items there are; then the footages'
ids by rising id (8 bytes each), how many items each has (4 bytes), and the items (4 bytes each).
The items are mapped into memory and stay where they are. Rows of the catalogue's table `sound`
never change and ids are never given twice, so a file remains right for ever for the footage it
names.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from provenance.archive.durable import new_file
from provenance.archive.listed_files import FileInfo, Kind, read_file, written

SOUND = Kind("sound_file", "items", version=1, suffixes=("sound",))
_MAGIC = b"provsond"
_FRONT = struct.Struct("<8sIIQ")  # magic, version, footages, items

Ids = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]


def write_sound_file(folder: Path, footage: Ids, counts: Ids, parts: Iterable[Codes]) -> FileInfo:
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
    head = _FRONT.pack(_MAGIC, SOUND.version, len(footage), items)
    head += footage.astype("<i8").tobytes() + counts.astype("<u4").tobytes()
    with new_file(folder, SOUND.ending) as (file, name):
        file.write(head)
        for part in parts:
            file.write(part.astype("<u4", copy=False).tobytes())
        if file.tell() != len(head) + 4 * items:
            raise ValueError(f"{file.tell()} bytes are not {items} items")
        return written(file, name, head, items)


class OpenSoundFile:
    """A file of sound mapped into memory.

    Attributes:
        footage: (N,) int64 ids, rising.
        counts: (N,) int64, items of each.
        codes: (items,) uint32, mapped; a plain array, because slicing those of `numpy.memmap` takes
            longer than looking through a small one.

    Raises:
        UnreadableFileError: missing, cut short, or not as it was written in front.
    """

    def __init__(self, folder: Path, info: FileInfo) -> None:
        with read_file(folder, info) as (file, head):
            _, _, footages, items = _FRONT.unpack_from(head)
            self.footage = np.frombuffer(head, "<i8", footages, _FRONT.size).astype(np.int64)
            at = _FRONT.size + 8 * footages
            self.counts = np.frombuffer(head, "<u4", footages, at).astype(np.int64)
            self.codes: Codes = np.zeros(0, np.uint32)
            if items:  # nothing cannot be mapped
                mapped = np.memmap(file, "<u4", "r", info.head_bytes, (items,))
                self.codes = mapped.view(np.ndarray)
