"""What an evidence bundle holds besides the report: full frames, and what the site said."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from provenance.dates import When
from provenance.download import PlatformFacts
from provenance.errors import UnreadableMediaError
from provenance.media import Frame, MediaInfo, read_frames
from provenance.models import Evidence, EvidenceFrame, Match, Segment
from provenance.settings import Settings

MOST_MATCHES = 5
FRAMES_A_SEGMENT = 3
_SHARES = tuple((k + 0.5) / FRAMES_A_SEGMENT for k in range(FRAMES_A_SEGMENT))
_LOOK = 1.0  # s; a frame is shown at least once a second, or the moment is left out


def evidence_of(
    path: Path, info: MediaInfo, facts: PlatformFacts, matches: Sequence[Match], settings: Settings
) -> Evidence:
    """Frames of the accepted segments as they are in the file, and the download's own data.

    Args:
        path: the source.
        facts: what the site, or the sidecar of the file, says of it.
        matches: those of the report, in its order.
    """
    frames = tuple(_frames(path, info, matches, settings))
    said = {name: _plain(value) for name, value in asdict(facts).items()}
    for name in ("published", "last_modified"):
        when: When | None = getattr(facts, name)
        said[name] = when and when.value
    known = any(value is not None for value in said.values())
    return Evidence(frames, said if known else None)


def _frames(
    path: Path, info: MediaInfo, matches: Sequence[Match], settings: Settings
) -> Iterator[EvidenceFrame]:
    for number, match in enumerate(matches[:MOST_MATCHES]):
        for place, segment in enumerate(match.segments):
            for share in _SHARES if info.duration is not None else (0.0,):
                at = segment.query_start + share * (segment.query_end - segment.query_start)
                frame = _frame_at(path, info, at, settings) if match.accepted else None
                if frame:
                    seconds = frame.seconds
                    known = _reference(segment, seconds)
                    yield EvidenceFrame(number, place, seconds, known, _png(frame))


def _frame_at(path: Path, info: MediaInfo, at: float, settings: Settings) -> Frame | None:
    try:
        frames = read_frames(
            path,
            info,
            long_side=max(info.width, info.height),
            start=max(0.0, at),
            end=at + _LOOK,
            colour=True,
            settings=settings,
        )
        return next(iter(frames), None)
    except UnreadableMediaError:
        return None


def _reference(segment: Segment, seconds: float) -> float:
    """The moment of the footage that stands at this moment of the source."""
    passed = (seconds - segment.query_start) * segment.speed
    if segment.reversed:
        return max(segment.reference_start, segment.reference_end - passed)
    return min(segment.reference_end, segment.reference_start + passed)


def _png(frame: Frame) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(frame.image).save(data, "PNG")
    return data.getvalue()


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
