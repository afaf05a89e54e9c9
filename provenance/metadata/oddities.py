"""What is odd about a file's streams, and what may be behind it; pure.

All of it has harmless causes too, which each finding names. Edit lists are in MP4 and QuickTime
files only; everything else is told of any container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provenance.metadata.structure import Track
from provenance.metadata.values import quoted
from provenance.models import Finding

HIDDEN = 1.0
"""Seconds that must be skipped to be told: encoders skip some tenths at the start for their own
reasons (up to 0.1 s of sound to warm up, up to 0.2 s of reordered pictures)."""
MISMATCH, MISMATCH_SHARE = 1.0, 0.02
"""Sound and pictures differ in length by this many seconds, and by this share of the longer: the
last packet of sound alone makes some hundredths."""
SLOW = 1.5  # captured so many times as fast as shown

_KINDS = {"vide": "pictures", "soun": "sound"}
_VERSION = re.compile(r"Lav[cf](\d+)\.")
_MARKS = (
    (re.compile(r"^ISO Media file produced by Google"), "YouTube or another Google service"),
    (re.compile(r"^\W?Core Media "), "Apple's devices"),
    (re.compile(r"^\W?Mainconcept "), "MainConcept's encoder"),
    (re.compile(r"^(?:Video|Sound)Handle$"), "Android's own writer"),
    (re.compile(r"^Twitter-vork"), "X (Twitter)"),
    (re.compile(r"^GPAC "), "GPAC's MP4Box"),
    (re.compile(r"^(?:Video|Sound)Handler$"), "ffmpeg"),
)


def oddities(
    streams: Sequence[Mapping[str, Any]],
    container: Mapping[str, Any],
    tracks: Sequence[Track] = (),
    fps: float | None = None,
) -> Iterator[Finding]:
    """Findings on the streams of a file.

    Args:
        streams: as `probe` lists them, with `type`, `cover`, `seconds` and `tags`.
        container: as `container_tags` gives it.
        tracks: of an MP4 or QuickTime file.
        fps: frames a second that are shown.
    """
    yield from _edit_lists(tracks)
    yield from _several(streams)
    yield from _lengths(streams)
    yield from _origins(streams)
    yield from _versions(streams, container)
    yield from _slow_motion(container, fps)


def _edit_lists(tracks: Sequence[Track]) -> Iterator[Finding]:
    hidden = False
    for number, track in enumerate(tracks):
        noun = _KINDS.get(track.kind)
        if noun is None:
            continue
        source = f"track {number} ({noun}): edit list"
        shown = [edit for edit in track.edits if edit.start is not None and edit.length > 0]
        gap = sum(edit.length for edit in track.edits if edit.start is None)
        if gap >= HIDDEN:
            text = (
                f"Players hold the {noun} back for {gap:.1f} s: pictures and sound were shifted "
                "against each other, as when they were joined or cut."
            )
            yield Finding("edit_list", text, "weak", source)
        if any(edit.rate != 1 for edit in shown):
            rates = ", ".join(f"{edit.rate:g}" for edit in shown if edit.rate != 1)
            text = f"Players are told to play parts of the {noun} at another speed ({rates})."
            yield Finding("edit_list", text, "weak", source)
        if len(shown) > 1 or track.more_edits:
            text = (
                f"The {noun} that players show are put together from "
                f"{len(shown) + track.more_edits} stretches of what the file holds: it was cut "
                "without encoding anew, and the rest may still be in it."
            )
            yield Finding("edit_list", text, "medium", source)
        elif shown and not hidden:  # pictures and sound are cut together
            for finding in _hidden(track, noun, source):
                hidden = True
                yield finding


def _hidden(track: Track, noun: str, source: str) -> Iterator[Finding]:
    """Media before the start and behind the end of the one stretch that is shown."""
    edit = next(edit for edit in track.edits if edit.start is not None and edit.length > 0)
    before = edit.start or 0.0
    behind = 0.0
    if track.seconds is not None and edit.rate == 1:
        behind = track.seconds - before - edit.length
    parts = [
        f"{seconds:.1f} s {where}"
        for seconds, where in ((before, "before the start"), (behind, "behind the end"))
        if seconds >= HIDDEN
    ]
    if parts:
        text = (
            f"The file holds {noun} that players skip: {' and '.join(parts)}. It was cut without "
            "encoding anew, as phones and quick cutters do, and what was cut off is still in it."
        )
        yield Finding("hidden_footage", text, "medium", source)


def _several(streams: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    pictures = [s for s in streams if s.get("type") == "video" and not s.get("cover")]
    sounds = [s for s in streams if s.get("type") == "audio"]
    if len(pictures) > 1:
        text = (
            f"The file holds {len(pictures)} streams of pictures; the largest one was compared, "
            "and players may show another. Cameras with two lenses write such files, and so do "
            "some broadcasters."
        )
        yield Finding("several_pictures", text, "medium", "streams")
    if len(sounds) > 1:
        text = (
            f"The file holds {len(sounds)} sound tracks, as editing programs, films in several "
            "languages and screen recorders write them; players play one."
        )
        yield Finding("several_sounds", text, "weak", "streams")


def _lengths(streams: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    pictures = _longest(s for s in streams if s.get("type") == "video" and not s.get("cover"))
    sound = _longest(s for s in streams if s.get("type") == "audio")
    if not pictures or not sound:
        return
    apart = abs(pictures - sound)
    if apart < MISMATCH or apart < MISMATCH_SHARE * max(pictures, sound):
        return
    longer, shorter = ("pictures", "sound") if pictures > sound else ("sound", "pictures")
    text = (
        f"The {longer} last {apart:.1f} s longer than the {shorter} ({max(pictures, sound):.1f} s "
        f"against {min(pictures, sound):.1f} s): the sound may have been laid under the pictures, "
        "or one of them was cut. A recording that broke off looks the same."
    )
    yield Finding("length_mismatch", text, "weak", "streams")


def _longest(streams: Iterator[Mapping[str, Any]]) -> float:
    lengths = [s["seconds"] for s in streams if isinstance(s.get("seconds"), int | float)]
    return max(lengths, default=0.0)


def _origins(streams: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Pictures with the mark of one program and sound with that of another."""
    marks: dict[str, tuple[str, str]] = {}
    for stream in streams:
        kind = str(stream.get("type"))
        handler = _tag(stream, "handler_name")
        mark = next((name for pattern, name in _MARKS if pattern.search(handler)), None)
        if mark and kind in ("video", "audio") and not stream.get("cover"):
            marks.setdefault(kind, (mark, handler))
    if len(marks) < 2 or marks["video"][0] == marks["audio"][0]:
        return
    (pictures, one), (sound, other) = marks["video"], marks["audio"]
    text = (
        f"The pictures bear the mark of {pictures} ({quoted(one)}) and the sound that of {sound} "
        f"({quoted(other)}): the two may come from different files, or one was replaced or "
        "encoded anew."
    )
    yield Finding("mixed_origins", text, "weak", "streams: handler_name")


def _versions(
    streams: Sequence[Mapping[str, Any]], container: Mapping[str, Any]
) -> Iterator[Finding]:
    """Marks of different ffmpegs: its libraries share one major number in a release."""
    marks = {"file": str(container.get("encoder", ""))}
    for stream in streams:
        kind = {"video": "pictures", "audio": "sound"}.get(str(stream.get("type")))
        if kind and not stream.get("cover"):
            marks.setdefault(kind, _tag(stream, "encoder"))
    versions = {part: found[1] for part, mark in marks.items() if (found := _VERSION.match(mark))}
    if len(set(versions.values())) < 2:
        return
    named = ", ".join(f"{part} {quoted(marks[part])}" for part in versions)
    text = (
        f"Different versions of ffmpeg left their mark ({named}): it was processed at least twice, "
        "at different times or places."
    )
    yield Finding("mixed_encoders", text, "weak", "streams: encoder")


def _slow_motion(container: Mapping[str, Any], fps: float | None) -> Iterator[Finding]:
    """Android notes how fast the camera captured what is shown slowly."""
    try:
        captured = float(container.get("com.android.capture.fps", 0))
    except (TypeError, ValueError):
        return
    if fps and captured > SLOW * fps:
        text = (
            f"The camera captured {captured:g} frames a second and {fps:g} are shown: it is slow "
            f"motion, {captured / fps:.1f} times slower than what happened."
        )
        yield Finding("slow_motion", text, "weak", "container: com.android.capture.fps")


def _tag(stream: Mapping[str, Any], name: str) -> str:
    tags = stream.get("tags")
    if not isinstance(tags, Mapping):
        return ""
    return next((str(v) for n, v in tags.items() if str(n).lower() == name), "")
