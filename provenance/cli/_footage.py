"""Known footage in words, as `list`, `show`, `add` and the others print it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provenance.dates import spoken
from provenance.models import Appearance, Footage, Link, Linked, Source
from provenance.report import wording

if TYPE_CHECKING:
    from provenance.archive import Change

_NAMES = (
    ("Title", "title"),
    ("Uploader", "uploader"),
    ("Platform", "platform"),
    ("Place", "place"),
    ("URL", "url"),
    ("Note", "note"),
    ("Fact-check", "fact_check"),
)
_LONG = 2000  # characters of a note
_NOBODY = Source("")  # `first_dated` leaves out what is a checked clip itself; none is checked here


def row(footage: Footage, *middle: str) -> str:
    """Footage as one line: id, whatever stands in the middle, duration, first date, name."""
    first = wording.first_dated(footage, _NOBODY)
    columns = (
        f"{footage.id:>5}",
        *middle,
        f"{duration(footage):>11}",
        f"{short_date(first) if first else 'no date':<34}",
        wording.footage_name(footage),
    )
    more = len(footage.appearances) - 1
    return "  ".join(columns) + (f"  (+{more} more)" if more > 0 else "") + "\n"


def header() -> str:
    """What stands above `row`s."""
    return f"{'id':>5}  {'duration':>11}  {'first known appearance':<34}  title\n"


def duration(footage: Footage) -> str:
    """How long it is, or that it is a picture."""
    return "picture" if footage.duration is None else wording.length(footage.duration)


def short_date(appearance: Appearance) -> str:
    """Date and basis in few characters: "2 May 2019 (declared)"."""
    if appearance.published is None:
        return "no date"
    basis = f" ({appearance.basis})" if appearance.basis else ""
    return spoken(appearance.published) + basis


def copy_words(link: Link) -> str:
    """What footage is a copy of: "copy of footage 3 (0:00.0–0:08.0 = 0:04.0–0:12.0 of it)"."""
    parts = [
        f"{wording.span(s.query_start, s.query_end)} = "
        f"{wording.span(s.reference_start, s.reference_end)} of it"
        + (f", {wording.form(s)}" if s.mirrored or s.reversed else "")
        for s in link.segments
    ]
    return f"copy of footage {link.other} ({'; '.join(parts)})"


def sheet(
    footage: Footage,
    history: Sequence[Change],
    rejected: Sequence[str],
    links: Sequence[Link] = (),
    linked: Sequence[Linked] = (),
) -> str:
    """Everything that is known of footage, on several lines.

    Args:
        links: what it is a copy of directly.
        linked: everything that holds seconds of it by way of links.
    """
    size = f"{footage.width} × {footage.height}" if footage.width and footage.height else ""
    lines = [f"Footage {footage.id}: {wording.footage_name(footage)}"]
    lines += _fields(
        ("Location", footage.location),
        ("SHA-256", footage.sha256),
        ("Duration", duration(footage)),
        ("Picture", size),
        ("Frames a second", f"{footage.fps:.4g}" if footage.fps else ""),
        ("Added", spoken(footage.added_at) if footage.added_at else ""),
        ("Pictures kept", "yes" if footage.has_thumbnails else "no"),
        ("Known by", "hashes alone that somebody shared" if footage.hashes_only else ""),
    )
    if links:
        lines += ["", "Holds the same seconds as", *(f"  {copy_words(link)}" for link in links)]
    owner = {a.id: one.footage.id for one in linked for a in one.footage.appearances}
    everywhere = [*footage.appearances, *(a for one in linked for a in one.footage.appearances)]
    lines += ["", "Appearances, earliest first"]
    for appearance in in_time(everywhere):
        copy = f", as footage {owner[appearance.id]}" if appearance.id in owner else ""
        lines.append(f"  {appearance.id}: {wording.dated(appearance)}{copy}")
        lines += _fields(*_said(appearance), indent="     ")
    if history:
        lines += ["", "What they said before they were corrected"]
    for change in history:
        until = f"until {spoken(change.changed_at)}"
        lines.append(f"  {change.before.id}, {until}: {wording.dated(change.before)}")
        lines += _fields(*_said(change.before), indent="     ")
    if rejected:
        lines += ["", "Not the same footage as"]
        lines += [f"  {wording.clean(other)}" for other in rejected]
    return "\n".join(lines) + "\n"


def in_time(appearances: Sequence[Appearance]) -> list[Appearance]:
    """Dated appearances by their date, then the others."""
    dated = [(a.published.earliest, n, a) for n, a in enumerate(appearances) if a.published]
    return [a for _, _, a in sorted(dated)] + [a for a in appearances if not a.published]


def _said(appearance: Appearance) -> list[tuple[str, str]]:
    return [(name, getattr(appearance, field) or "") for name, field in _NAMES]


def _fields(*values: tuple[str, str], indent: str = "  ") -> list[str]:
    return [f"{indent}{name:<16}{wording.cut(value, _LONG)}" for name, value in values if value]
