"""Values that some program or platform is known to write, and what they mean; pure.

Each line says where the fact is known from. None of them is proof: a remuxer carries another
program's mark along, and anyone can write one. Where two programs leave the same mark, both are
named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from provenance.dates import When, spoken
from provenance.metadata.moments import google_day
from provenance.metadata.tags import Tag
from provenance.metadata.values import quoted
from provenance.models import Finding

_ANY = frozenset({"", "video", "audio"})
_PICTURES = frozenset({"video"})
_HANDLERS = frozenset({"handler_name"})
_PROGRAMS = frozenset({"encoder", "software", "com.apple.quicktime.software", "writing_app"})


@dataclass(frozen=True)
class _Tell:
    """A pattern in tags of these names, and the finding that follows from it."""

    kind: str
    names: frozenset[str]
    pattern: re.Pattern[str]
    text: Callable[[str], str]
    streams: frozenset[str] = _ANY
    when: Callable[[str], When | None] = lambda _: None


def tell_findings(tags: Iterable[Tag]) -> Iterator[Finding]:
    """The findings of the table below and of ByteDance's JSON, in the order of the table."""
    tags = list(tags)
    for tell in _TELLS:
        for tag in tags:
            if _applies(tell, tag):
                text, when = tell.text(tag.value), tell.when(tag.value)
                yield Finding(tell.kind, text, "weak", tag.source, when=when)
    yield from _labelled(tags)


def explains(tag: Tag) -> bool:
    """True where a tell says more of a tag than that it names some software."""
    return any(_applies(tell, tag) for tell in _TELLS)


def _applies(tell: _Tell, tag: Tag) -> bool:
    known = tag.name in tell.names and tag.stream in tell.streams
    return known and tell.pattern.search(tag.value) is not None


def _google(value: str) -> str:
    day = google_day(value)
    date = f"; the day in it reads {spoken(day)}, month first" if day else ""
    return (
        f"The file has the mark of processing by YouTube or another Google service ({quoted(value)}"
        f"{date}): it points to a copy that came from there, not to a camera's original."
    )


def _labelled(tags: list[Tag]) -> Iterator[Finding]:
    """TikTok's label for AI content, as its exports and downloads carry it: {"aigc_label_type": 1}.

    0 is "not labelled". Seen in tags named aigc_info and Information.
    """
    for tag in tags:
        if "aigc_label_type" not in tag.value:
            continue
        label = _found(tag.value, "aigc_label_type")
        if isinstance(label, int) and label > 0:
            text = (
                f"The file carries TikTok's label for AI content (aigc_label_type {label}): its "
                "uploader or the platform called it made or changed by AI. Anyone can write this."
            )
            yield Finding("ai_label", text, "medium", tag.source)


def _found(text: str, name: str) -> Any:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data.get(name) if isinstance(data, dict) else None


_TELLS = (
    _Tell(
        # Seen in every download from YouTube; the form with a day until about 2020.
        *("platform_copy", _HANDLERS, re.compile(r"^ISO Media file produced by Google"), _google),
        when=google_day,
    ),
    _Tell(
        # The muxer of X (Twitter): seen in downloads from there.
        *("platform_copy", _HANDLERS, re.compile(r"^Twitter-vork muxer")),
        lambda value: f"The handler {quoted(value)} is what X (Twitter) writes into its copies.",
    ),
    _Tell(
        *("platform_copy", frozenset({"comment"}), re.compile(r"^vid:v\w+")),
        lambda value: (
            f"The comment {quoted(value)} has the form that is seen in downloads from TikTok."
        ),
    ),
    _Tell(
        *("platform_copy", frozenset({"description"})),
        re.compile(r"^Packed by Bilibili", re.IGNORECASE),
        lambda value: f"The description {quoted(value)} is what Bilibili's processing writes.",
    ),
    _Tell(
        # Exports of both apps carry a JSON object with "product":"vicut" (in the tags artwork,
        # comment or description), which does not tell them apart.
        *(
            "edited",
            frozenset({"com.apple.quicktime.artwork", "artwork", "comment", "description"}),
        ),
        re.compile(r'"(?:product|source_type)"\s*:\s*"vicut"'),
        lambda value: (
            "The file has the mark of an export from CapCut or JianYing (“vicut”): it was edited "
            "there, or at least put out by that program."
        ),
    ),
    _Tell(
        # A constant of ByteDance's editing library; CapCut's and TikTok's own exports have it.
        *("edited", frozenset({"te_is_reencode"}), re.compile(r"^\d+$")),
        lambda value: (
            "The file has a mark of ByteDance's editing library (te_is_reencode), which is part of "
            "CapCut, JianYing and the editor in TikTok."
        ),
    ),
    _Tell(
        # `encoder` of Resolve's MOV and MP4 exports.
        *("edited", _PROGRAMS, re.compile(r"DaVinci Resolve")),
        lambda value: (
            "The file is marked as put out by DaVinci Resolve, an editing program "
            f"({quoted(value)})."
        ),
    ),
    _Tell(
        *("edited", _PROGRAMS, re.compile(r"Adobe (?:Premiere|Media Encoder|After Effects)")),
        lambda value: (
            f"The file is marked as put out by an editing program of Adobe ({quoted(value)})."
        ),
    ),
    _Tell(
        # The encoder that Adobe licenses: MP4 exports of Premiere and Media Encoder have it.
        *("edited", _HANDLERS, re.compile(r"^\W?Mainconcept ")),
        lambda value: (
            f"The handler {quoted(value)} is that of MainConcept's encoder, which editing programs "
            "use, Adobe Premiere and Media Encoder among them."
        ),
        streams=_PICTURES,
    ),
    _Tell(
        # HandBrake writes its name, version and date of build.
        *("reencoded", frozenset({"encoder"}), re.compile(r"^HandBrake ")),
        lambda value: (
            f"The file was converted by HandBrake ({quoted(value)}), which encodes pictures anew."
        ),
        streams=frozenset({""}),
    ),
    _Tell(
        *("reencoded", frozenset({"encoder"}), re.compile(r"^Lavc")),
        lambda value: (
            f"The pictures are marked as encoded by ffmpeg ({quoted(value)}), so not as a camera "
            "wrote them."
        ),
        streams=_PICTURES,
    ),
    _Tell(
        *("rewritten", frozenset({"encoder", "software"}), re.compile(r"^Lavf")),
        lambda value: (
            f"The file is marked as written by ffmpeg ({quoted(value)}), so not a camera's "
            "untouched file. Download programs and platforms leave this mark too."
        ),
        streams=frozenset({""}),
    ),
    _Tell(
        # MP4Box of GPAC, and L-SMASH's muxer, name their handlers so.
        *("rewritten", _HANDLERS, re.compile(r"^(?:GPAC ISO |L-SMASH )")),
        lambda value: (
            f"The file was put together by a tool for MP4 files ({quoted(value)}), not by a camera."
        ),
    ),
    _Tell(
        # AVFoundation on iPhone, iPad and Mac.
        *("apple_writer", _HANDLERS, re.compile(r"^\W?Core Media (?:Video|Audio)")),
        lambda value: (
            f"The handler {quoted(value)} is what Apple's devices write, when they record as well "
            "as when they export or forward."
        ),
        streams=_PICTURES,
    ),
    _Tell(
        # MPEG4Writer of Android (AOSP, frameworks/av) writes these names without a final "r".
        *("android_writer", _HANDLERS, re.compile(r"^(?:Video|Sound)Handle$")),
        lambda value: (
            f"The handler {quoted(value)} is what Android's own writer of MP4 files uses, in "
            "recordings as well as in what apps convert or forward."
        ),
        streams=_PICTURES,
    ),
)
