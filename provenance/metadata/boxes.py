"""The boxes of an MP4 or QuickTime file, as far as they tell what a player leaves out; pure Python.

Run in the worker child on untrusted bytes, so nothing in the file is believed: a box ends where its
parent ends, and depth, number and size of what is read are bounded. Media bytes are never read.
Layouts are those of ISO/IEC 14496-12 (2022): mvhd 8.2.2, tkhd 8.3.2, mdhd 8.4.2, hdlr 8.4.3,
elst 8.6.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

MOST_BOXES, MOST_DEPTH, MOST_TRACKS, MOST_EDITS = 5000, 8, 32, 64
MOST_XMP = 1 << 20
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"edts", b"udta"})
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP specification, part 3, 1.1.4
_EMPTY_EDIT = -1


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    """Offset of what it holds."""
    end: int
    depth: int


def read_boxes(file: BinaryIO) -> dict[str, Any]:
    """Lengths, edit lists and XMP of a file, as JSON-ready data.

    Returns:
        `tracks`: dictionaries with `kind` ("vide", "soun", ...), `seconds` (length of the media)
        and `edits`: (seconds of the movie, second of the media or None for a gap, rate);
        `edits_left_out`: how many more there were; `xmp`: the XMP packet as text, or None.
        A damaged file gives what could be read before the damage.
    """
    reader = _Reader(file)
    reader.read()
    return {"tracks": [track for track in reader.tracks if track["kind"]], "xmp": reader.xmp}


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_BOXES
        self._movie_scale = 0
        self.tracks: list[dict[str, Any]] = []
        self.xmp: str | None = None

    def read(self) -> None:
        end = self._file.seek(0, 2)
        for box in self._boxes(0, end, 0):
            self._take(box)
        for track in self.tracks:
            self._finish(track)

    def _boxes(self, start: int, end: int, depth: int) -> Iterator[_Box]:
        """All boxes between two offsets, parents before what they hold."""
        while start + 8 <= end and self._left > 0:
            self._left -= 1
            self._file.seek(start)
            head = self._file.read(16)
            if len(head) < 8:
                return
            size, kind = struct.unpack(">I4s", head[:8])
            body = start + 8
            if size == 1 and len(head) == 16:
                size, body = struct.unpack(">Q", head[8:])[0], start + 16
            stop = end if size == 0 else min(end, start + size)
            if stop < body:
                return
            box = _Box(kind, body, stop, depth)
            yield box
            if kind in _CONTAINERS and depth < MOST_DEPTH:
                yield from self._boxes(body, stop, depth + 1)
            start = stop

    def _take(self, box: _Box) -> None:
        if box.kind == b"trak" and len(self.tracks) < MOST_TRACKS:
            self.tracks.append({"kind": "", "seconds": None, "edits": [], "edits_left_out": 0})
        elif box.kind == b"mvhd":
            self._movie_scale, _ = self._clock(box)
        elif box.kind == b"uuid" and box.depth == 0:
            data = self._data(box, 16 + MOST_XMP)
            if data.startswith(_XMP_UUID):
                self._keep_xmp(data[16:])
        elif box.kind == b"XMP_":
            self._keep_xmp(self._data(box, MOST_XMP))
        elif self.tracks:
            self._take_of_track(box, self.tracks[-1])

    def _take_of_track(self, box: _Box, track: dict[str, Any]) -> None:
        if box.kind == b"mdhd":
            track["scale"], ticks = self._clock(box)
            if track["scale"] and ticks is not None:
                track["seconds"] = ticks / track["scale"]
        elif box.kind == b"hdlr" and not track["kind"]:
            # QuickTime has a second one in minf, for where the data lies; the first is the media's.
            track["kind"] = self._data(box, 12)[8:12].decode("ascii", "replace").strip("\0 ")
        elif box.kind == b"elst" and "raw" not in track:
            track["raw"], track["edits_left_out"] = self._edits(box)

    def _clock(self, box: _Box) -> tuple[int, int | None]:
        """Ticks a second, and the length in ticks (None: not known), of an mvhd or mdhd."""
        data = self._data(box, 32)
        wide = data[:1] == b"\1"
        form, at = (">IQ", 20) if wide else (">II", 12)
        if len(data) < at + struct.calcsize(form):
            return 0, None
        scale, ticks = struct.unpack_from(form, data, at)
        return scale, None if ticks in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) else ticks

    def _edits(self, box: _Box) -> tuple[list[tuple[int, int, float]], int]:
        data = self._data(box, 8 + MOST_EDITS * 20)
        if len(data) < 8:
            return [], 0
        form = struct.Struct(">QqhH" if data[0] == 1 else ">IihH")
        number = min(struct.unpack_from(">I", data, 4)[0], (box.end - box.start - 8) // form.size)
        kept = min(number, MOST_EDITS, (len(data) - 8) // form.size)
        edits = []
        for place in range(kept):
            length, start, whole, fraction = form.unpack_from(data, 8 + place * form.size)
            edits.append((length, start, whole + fraction / 65536))
        return edits, number - kept

    def _finish(self, track: dict[str, Any]) -> None:
        """Edits in seconds; the movie's scale may stand behind the track."""
        raw, scale = track.pop("raw", []), track.pop("scale", 0)
        if self._movie_scale and scale:
            track["edits"] = [
                (
                    length / self._movie_scale,
                    None if start == _EMPTY_EDIT else start / scale,
                    rate,
                )
                for length, start, rate in raw
            ]

    def _keep_xmp(self, data: bytes) -> None:
        if self.xmp is None:
            self.xmp = data.decode("utf-8", "replace").strip("\0")

    def _data(self, box: _Box, limit: int) -> bytes:
        self._file.seek(box.start)
        return self._file.read(min(limit, box.end - box.start))
