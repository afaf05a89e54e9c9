"""The words and figures that all reports for people share, and the cleaning of text from outside.

>>> clock(75.44), span(3.0, 15.4)
('1:15.4', '0:03.0–0:15.4')
>>> clean("a\\x1b[31mred\\x1b[0m\\u202etxt")
'aredtxt'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from provenance.dates import When, spoken
from provenance.models import (
    Appearance,
    ArchiveState,
    Basis,
    Claim,
    Coverage,
    Footage,
    FoundIn,
    Label,
    Linked,
    Match,
    Report,
    Segment,
    Sound,
    SoundMatch,
    SoundRelation,
    SoundState,
    Source,
)
from provenance.urls import is_url, scheme_of

NO_MATCH_NOTE = (
    "This only means that the archive that was asked does not know the clip. "
    "It does not say that the footage is genuine, new, or rightly described."
)
_HEADINGS: Mapping[Label, str] = {
    "earlier_appearance": "Appeared earlier than claimed",
    "known_footage": "Known footage",
    "inconclusive": "Inconclusive",
    "no_match": "Not found in this archive",
}
_MEANINGS: Mapping[Label, str] = {
    "earlier_appearance": "Footage in this clip was published before the claim could be true.",
    "known_footage": (
        "This clip holds footage that the archive knows. "
        "Nothing in the archive shows it to be older than the claim allows."
    ),
    "inconclusive": "There is too little to go on for an answer. The reasons say why.",
    "no_match": NO_MATCH_NOTE,
}
# Without a claimed date the source's own date stands in, and no claim must seem contradicted.
_UNDATED_HEADINGS: Mapping[Label, str] = {"earlier_appearance": "Appeared earlier elsewhere"}
_UNDATED_MEANINGS: Mapping[Label, str] = {
    "earlier_appearance": "Footage in this clip was published before this copy of it.",
    "known_footage": (
        "This clip holds footage that the archive knows. No claimed date was given to compare with."
    ),
}
# Words of a download are no claim that somebody put forward; they may be about another day.
_FOUND_MEANING = (
    "Footage in this clip was published before the date that was found in the download's own words."
)
LIMITS = (
    "An accepted match says that these seconds are the same footage, and no more. "
    "Whether a claim is true is for people to judge: old footage can be shown with honest words, "
    "and footage that nobody has published before can be shown with false ones. "
    "A date is as good as its basis, and footage may have been published before the first "
    "appearance that the archive knows."
)
BASES: Mapping[Basis, str] = {
    "platform": "date given by the platform",
    "archived": "captured by a web archive",
    "declared": "declared by the person who added it",
    "ingested": "known to this archive by then",
}
CANDIDATES_NOTE = "Too weak to accept. Resemblance is not identity: do not cite these as matches."
COMMONPLACE_NOTE = "Commonplace: pictures that many clips share, such as logos. Proves nothing."
FINDINGS_NOTE = "Leads, not proof: what a file says of itself can be written by anyone."
NO_ARCHIVE = "No archive was asked."
SOUND_NOTE = (
    "Sound was compared apart from the pictures. It tells of the sound only: "
    "songs and voices are laid over footage of anything."
)
SOUND_STATES: Mapping[SoundState, str] = {
    "compared": "compared with the sound that the archive knows",
    "silent": "nothing to compare: silence, a steady tone or noise, or too short",
    "none": "the clip has no sound track",
    "unavailable": "not compared: this ffmpeg is built without chromaprint",
    "unreadable": "not compared: the sound track could not be decoded",
}
SOUND_RELATIONS: Mapping[SoundRelation, str] = {
    "same": "the footage's own, in step with the pictures",
    "shifted": "the footage's own, but from other moments of it",
    "other": "the footage's own is not heard: replaced, or a voice or music lies over it",
    "source_silent": "none in this clip; the footage has sound here",
    "footage_silent": "the footage is silent here, or its sound is not known",
    "unknown": "cannot be told",
}

_EDITS = {"recoloured": "colours changed"}
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands: titles, hidden links
    r"|[\x1b]\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\x1b[ -/]*[0-~]"
)
_KEPT_FORMAT = "\u200c\u200d"  # joiners: Persian, Indic scripts and emoji need them
_MINUTE, _HOUR, _DECIMAL_DIGITS = 60.0, 3600.0, 1
_KIB = 1024


def heading(report: Report) -> str:
    """The verdict in a few words."""
    if not report.verdict:
        return "Not checked"
    label = report.verdict.label
    unclaimed = not (report.claim and report.claim.date) or _of_the_download(report)
    return (unclaimed and _UNDATED_HEADINGS.get(label)) or _HEADINGS[label]


def meaning(report: Report) -> str:
    """What that verdict means, as a sentence or two; "" without a verdict."""
    if not report.verdict:
        return ""
    label = report.verdict.label
    if label == "earlier_appearance" and _of_the_download(report):
        return _FOUND_MEANING
    undated = not (report.claim and report.claim.date)
    return (undated and _UNDATED_MEANINGS.get(label)) or _MEANINGS[label]


def _of_the_download(report: Report) -> bool:
    """Whether the claimed date was read out of the download's title or description."""
    found = report.claim.found if report.claim else ()
    return any(one.field == "date" and one.source != "claim" for one in found)


def clean(text: str) -> str:
    """Text from outside on one line, without anything that steers a terminal or reorders letters.

    Escape sequences, control characters, marks of writing direction, invisible tags and halves of
    surrogate pairs go; line breaks and tabs become spaces.
    """
    text = _ESCAPES.sub("", text)
    return " ".join("".join(_clean_character(character) for character in text).split())


def cut(text: str, limit: int = 240) -> str:
    """The cleaned text, at most `limit` characters, with "…" where something was left out."""
    text = clean(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def safe_url(url: str | None) -> str | None:
    """The address if it may become a link: http or https, a host, nothing hidden in it.

    An address with a user name before the host is none: it shows one site and opens another.
    """
    if not url or clean(url) != url or any(c in url for c in " \"'<>\\`"):
        return None
    try:
        parts = urlsplit(url)
        named = parts.username is not None or parts.password is not None
    except ValueError:
        return None
    return url if is_url(url) and parts.hostname and not named else None


def clock(seconds: float) -> str:
    """Seconds as a player shows them, to a tenth: "0:03.0", "1:15.4", "1:02:03.4"."""
    tenths = round(abs(seconds) * 10)
    whole, tenth = divmod(tenths, 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    head = f"{hours}:{minute:02d}" if hours else f"{minute}"
    return ("-" if seconds < 0 and tenths else "") + f"{head}:{second:02d}.{tenth}"


def span(start: float, end: float) -> str:
    """From when to when: "0:03.0–0:15.4"; one time where both look the same."""
    first, last = clock(start), clock(end)
    return first if first == last else f"{first}–{last}"


_FILLS = 0.9  # share of the frame from which footage is not said to lie anywhere in it
_MIDDLE = (0.45, 0.55)  # share of width and height: nearer to the middle is neither side


def alignment(segment: Segment, source: Source, footage: Footage) -> str:
    """Which seconds are which: "0:03.0–0:15.4 of this clip = 1:20.0–1:32.4 of the footage"."""
    here = f"{span(segment.query_start, segment.query_end)} of this clip"
    there = f"{span(segment.reference_start, segment.reference_end)} of the footage"
    if source.duration is None:
        here = "this picture"
    if footage.duration is None:
        there = "the known picture"
    return f"{here} = {there}"


def form(segment: Segment) -> str:
    """How the footage is shown: "mirrored", "reversed", both, or "as it is"."""
    words = [w for w, on in (("mirrored", segment.mirrored), ("reversed", segment.reversed)) if on]
    return ", ".join(words) or "as it is"


def place(segment: Segment) -> str:
    """Where in the frame it shows: "lower right, 45 % × 40 % of the frame"; "" for all of it."""
    region = segment.region
    if region is None or region.width * region.height > _FILLS:
        return ""
    across, down = region.x + region.width / 2, region.y + region.height / 2
    high = "upper" if down < _MIDDLE[0] else "lower" if down > _MIDDLE[1] else ""
    wide = "left" if across < _MIDDLE[0] else "right" if across > _MIDDLE[1] else ""
    where = " ".join(word for word in (high, wide) if word)
    if where in ("upper", "lower"):
        where += " part"
    size_text = f"{percent(region.width)} × {percent(region.height)} of the frame"
    return f"{where or 'middle'}, {size_text}"


def speed(segment: Segment) -> str:
    """Playing speed: "1×", "1.25×"."""
    return f"{segment.speed:.2f}".rstrip("0").rstrip(".") + "×"


def length(seconds: float) -> str:
    """How long something is: "12.4 s", "3 min 20 s", "1 h 2 min"."""
    if round(seconds, _DECIMAL_DIGITS) < _MINUTE:
        return f"{seconds:.1f} s"
    if round(seconds) < _HOUR:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def size(count: int) -> str:
    """Bytes for people: "812 bytes", "3.4 MiB"."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < _KIB or unit == "GiB":
            return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= _KIB
    raise AssertionError("unreachable: the last unit always returns")


def percent(share: float) -> str:
    """A share 0..1: "30 %". Never rounded up to 100 % or down to 0 %."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        return "over 99 %"
    if whole == 0 and share > 0:
        return "under 1 %"
    return f"{whole} %"


def file_name(location: str) -> str:
    """The last part of a path, without its folders; an address stays whole."""
    if scheme_of(location):
        return location
    name = PurePosixPath(location).name
    return PureWindowsPath(name).name or location


def source_name(source: Source) -> str:
    """What to call the clip that was checked."""
    return cut(source.title or file_name(source.location))


def footage_name(footage: Footage) -> str:
    """What to call known footage."""
    titles = (a.title for a in footage.appearances if a.title)
    return cut(footage.title or next(titles, None) or file_name(footage.location))


def candidate_name(match: Match) -> str:
    """What to call footage that was not accepted, and what weakens it further."""
    name = footage_name(match.footage)
    return f"{name} (known by hashes alone)" if match.footage.hashes_only else name


def dated(appearance: Appearance) -> str:
    """Date and basis: "2 May 2019 (date given by the platform)"."""
    if not appearance.published:
        return "date unknown"
    basis = f" ({BASES[appearance.basis]})" if appearance.basis else ""
    return spoken(appearance.published) + basis


def whereabouts(appearance: Appearance) -> str:
    """Platform, uploader and place in one line, or ""."""
    parts = (appearance.platform, appearance.uploader, appearance.place)
    return ", ".join(cut(part, 120) for part in parts if part)


def reached(linked: Linked) -> str:
    """How footage was reached that did not match by itself: "copy: footage 1, through 5"."""
    return f"a copy: footage {linked.footage.id}, through {' and '.join(map(str, linked.through))}"


def first_dated(footage: Footage, source: Source) -> Appearance | None:
    """The appearance whose date begins first, or None where none has a date.

    The checked clip itself is no appearance of the footage in this sense.
    """
    others = [a for a in footage.appearances if not is_source_itself(a, source)]
    known = [(a.published.earliest, n) for n, a in enumerate(others) if a.published]
    return others[min(known)[1]] if known else None


def is_source_itself(appearance: Appearance, source: Source) -> bool:
    """True where the appearance is the very clip that was checked, so it is no earlier one."""
    if appearance.remembered_sha256 and appearance.remembered_sha256 == source.sha256:
        return True
    return bool(appearance.url) and appearance.url == source.url


def split_matches(report: Report) -> tuple[list[tuple[int, Match]], list[tuple[int, Match]]]:
    """(accepted, candidates), each match with its index in the report."""
    numbered = list(enumerate(report.matches))
    return [m for m in numbered if m[1].accepted], [m for m in numbered if not m[1].accepted]


def edits_with_figures(match: Match) -> list[str]:
    """Edits as words, with their figures: "cropped (left 0.12, top 0.05)"."""
    return [
        cut(_EDITS.get(edit, edit.replace("_", " "))) + _figures(match.edit_details.get(edit, {}))
        for edit in match.edits
    ]


def figures(values: Mapping[str, float]) -> str:
    """Named figures on one line: "inliers 212, frames 24"."""
    return ", ".join(f"{cut(name, 60).replace('_', ' ')} {v:.4g}" for name, v in values.items())


def claim_dates(claim: Claim) -> str | None:
    """The claimed date or interval in words."""
    if not claim.date:
        return None
    first = spoken(claim.date)
    return f"{first} to {spoken(claim.date_end)}" if claim.date_end else first


def found_lines(claim: Claim | None) -> list[str]:
    """What of the claim was found in words, one line each, with the words and their meanings."""
    lines = []
    for one in claim.found if claim else ():
        where = _FOUND_IN[one.source]
        if one.field == "text":
            lines.append(f"Nothing was claimed; the {where} stands for it.")
            continue
        told = [spoken(When.parse(v)) if one.field == "date" else cut(v) for v in one.values]
        counted = ""
        if one.counted_from:
            counted = f", counted from {spoken(When.parse(one.counted_from))}"
        lines.append(
            f"{one.field.capitalize()} found in the {where}: “{cut(one.words)}” = "
            f"{' or '.join(told)}{counted}"
        )
    return lines


_FOUND_IN: Mapping[FoundIn, str] = {
    "claim": "claim's words",
    "title": "title of the download",
    "description": "description of the download",
}


def coverage_sentence(coverage: Coverage, source: Source) -> str:
    """How much of the clip is explained."""
    if source.duration is None:
        return f"{percent(coverage.share)} of the picture is explained by accepted matches."
    return (
        f"{length(coverage.seconds)} of {length(source.duration)} ({percent(coverage.share)}) "
        "is explained by accepted matches."
    )


def sound_sentence(sound: Sound) -> str:
    """What became of the clip's sound, in a few words."""
    text = SOUND_STATES[sound.state]
    if sound.state != "compared" or sound.matches:
        return text
    return f"{text}; none of it is in this clip"


def telling_sounds(sound: Sound | None) -> list[SoundMatch]:
    """The matches that are worth a line of their own."""
    return [match for match in sound.matches if not match.commonplace] if sound else []


def shared_sounds(sound: Sound | None) -> str:
    """One line for all that is commonplace, or ""."""
    number = sum(match.commonplace for match in sound.matches) if sound else 0
    pieces = "1 piece" if number == 1 else f"{number} pieces"
    return f"Commonplace, as a song is: {pieces} of footage have this sound." if number else ""


def sound_name(match: SoundMatch) -> str:
    """The footage whose sound it is, and what weakens that."""
    parts = [f"{footage_name(match.footage)} (footage {match.footage.id})"]
    if not match.accepted:
        parts.append("not accepted")
    if match.pictures == "other":
        parts.append("its pictures are not in this clip")
    return ", ".join(parts)


def archive_sentence(state: ArchiveState) -> str:
    """What the archive held when it was asked."""
    if not state.footages:
        return "It was empty: nothing could have been found."
    pieces = "1 piece" if state.footages == 1 else f"{state.footages:,} pieces"
    sentence = f"It held {pieces} of footage, {length(state.hours * _HOUR)} in all"
    if state.earliest and state.latest:
        sentence += f", published between {spoken(state.earliest)} and {spoken(state.latest)}"
    if state.updated_at:
        sentence += f"; last changed {spoken(state.updated_at)}"
    return sentence + "."


def facts(source: Source) -> Sequence[tuple[str, str]]:
    """What is known of the checked file, as (name, value) lines. Its location is not among them."""
    resolution = f"{source.width} × {source.height}" if source.width and source.height else None
    length_text = f"{length(source.duration)} ({clock(source.duration)})" if source.duration else ""
    published = spoken(source.published) if source.published else ""
    basis = f" ({BASES[source.basis]})" if published and source.basis else ""
    lines = (
        ("Title", source.title),
        ("Uploader", source.uploader),
        ("Platform", source.platform),
        ("Published", published + basis),
        ("SHA-256", source.sha256),
        ("Size", None if source.bytes is None else size(source.bytes)),
        ("Duration", length_text or ("still picture" if source.width else None)),
        ("Picture", resolution),
        ("Frames a second", f"{source.fps:.4g}" if source.fps else None),
        ("Codec", source.codec),
    )
    return [(name, cut(value)) for name, value in lines if value]


def _figures(values: Mapping[str, float]) -> str:
    return f" ({figures(values)})" if values else ""


def _clean_character(character: str) -> str:
    if character in "\n\r\t\x0b\x0c\x85":
        return " "
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    if category in ("Zl", "Zp"):
        return " "
    hidden = category == "Cc" or (category == "Cf" and character not in _KEPT_FORMAT)
    return "" if hidden else character
