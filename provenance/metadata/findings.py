"""What follows from the tags of a file: findings for people, each with its source; pure.

Nothing here proves anything: make, model, place and date of a file can be written by anyone with
free tools, and most platforms remove them. A date in a file is never a publication date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from provenance.dates import When, spoken
from provenance.metadata import xmp_findings
from provenance.metadata.moments import exif_gps_moment, exif_moment, read_moment
from provenance.metadata.names import name_findings, recording_time
from provenance.metadata.positions import Position, exif_position, parse_iso6709, xmp_position
from provenance.metadata.tags import Tag, container_tag_list, xmp_tags
from provenance.metadata.tells import explains, tell_findings
from provenance.metadata.values import COVER, quoted
from provenance.metadata.zones import zone_findings
from provenance.models import Finding
from provenance.urls import canonical_url, is_url

MAX_FINDINGS = 40
_SAME_MOMENT = dt.timedelta(minutes=1)
_FORGED = "Anyone can write or change this."
_NOT_PUBLISHED = f"It is no publication date. {_FORGED}"
_CREATION_TIME = "creation_time"
_SOFTWARE_NAMES = frozenset(
    {"encoder", "software", "com.apple.quicktime.software", "com.android.version", "writing_app"}
)
_UTC_NOTE = "The field is UTC by specification; many devices write their local time into it."


class _Exif(NamedTuple):
    """EXIF tags of one picture, and the words for the picture and the place the tags stand in."""

    subject: str
    source: str
    tags: Mapping[str, Any]


def findings(
    container: Mapping[str, Any],
    exif: Mapping[str, Any],
    last_modified: When | None = None,
    *,
    name: str | None = None,
    odd: Iterable[Finding] = (),
) -> tuple[Finding, ...]:
    """The findings, most telling first: dates, places, devices, programs, the server's date.

    Args:
        container: as `container_tags` gives it, with XMP properties.
        exif: as `exif_tags` or `cover_exif` gives it.
        last_modified: the Last-Modified of the server that a file was downloaded from.
        name: the file's own name; None where a download program chose it.
        odd: what is odd about the streams.

    The same thing said in several places is told once, by the place named first.
    """
    tags, pictures = list(container_tag_list(container)), list(_pictures(exif))
    xmp = xmp_tags(container)
    found = [
        *xmp_findings.ai_labels(xmp),
        *_recording_dates(tags, pictures, xmp),
        *(name_findings(name) if name else ()),
        *_zones(tags, pictures, name),
        *_positions(tags, pictures, xmp),
        *xmp_findings.named_places(xmp),
        *_devices(tags, pictures, xmp),
        *_software(tags, pictures),
        *xmp_findings.programs(xmp),
        *tell_findings(tags),
        *odd,
        *_addresses(tags),
        *_server(last_modified),
    ]
    told: dict[tuple[str, str], Finding] = {}
    for finding in found:
        told.setdefault((finding.kind, finding.text), finding)
    return tuple(told.values())[:MAX_FINDINGS]


def _pictures(exif: Mapping[str, Any]) -> Iterator[_Exif]:
    own = {name: value for name, value in exif.items() if not name.startswith(COVER)}
    cover = {n.removeprefix(COVER): value for n, value in exif.items() if n.startswith(COVER)}
    if own:
        yield _Exif("The file", "EXIF", own)
    if cover:
        yield _Exif("The cover picture in the file", "EXIF of the cover", cover)


def _recording_dates(
    tags: list[Tag], pictures: list[_Exif], xmp: Mapping[str, str]
) -> Iterator[Finding]:
    told: list[When] = []
    for subject, kind, when, note, source in _dates(tags, pictures, xmp):
        # An iPhone tells the same moment twice: with its zone, and as creation_time in UTC.
        if when is None or any(_same(when, other) for other in told):
            continue
        told.append(when)
        zone = f" (written with the zone {when.zone})" if when.zone not in (None, "Z") else ""
        if when.zone is None and when.precision == "second":
            zone = " (local time; the zone is not told)"
        verb = "last changed" if kind == "changed_date" else "recorded or created"
        parts = (f"{subject} says that it was {verb} on {spoken(when)}{zone}.", note)
        text = " ".join(filter(None, (*parts, _NOT_PUBLISHED)))
        yield Finding(kind, text, "weak", source, when=_reliable(when, source))


def _reliable(when: When, source: str) -> When:
    """The date as it can be counted with: without the zone of a field that is often local time."""
    if source.lower().endswith(_CREATION_TIME) and when.zone == "Z":
        return When(when.start, when.precision)
    return when


def _same(one: When, other: When) -> bool:
    """The same moment: sound and picture are stamped some seconds apart."""
    alike = one.precision == other.precision and bool(one.zone) == bool(other.zone)
    return alike and abs(one.start - other.start) <= _SAME_MOMENT


def _dates(
    tags: list[Tag], pictures: list[_Exif], xmp: Mapping[str, str]
) -> Iterator[tuple[str, str, When | None, str, str]]:
    """(subject, kind, date, note, source), the most exact sources first."""
    for subject, source, exif in pictures:
        for kind, name, offset in (
            ("recording_date", "EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal"),
            ("recording_date", "EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized"),
            ("changed_date", "Image DateTime", "EXIF OffsetTime"),
        ):
            yield subject, kind, exif_moment(exif, name, offset), "", f"{source}: {name}"
        when = exif_gps_moment(exif)
        note = "The time is by the satellites of its position."
        yield subject, "recording_date", when, note, f"{source}: GPS GPSDate"
    for wanted, note in (
        ("com.apple.quicktime.creationdate", ""),
        (_CREATION_TIME, _UTC_NOTE),
        ("date", "Programs also write the day of a download or release into this field."),
    ):
        for tag in tags:
            if tag.name == wanted:
                when = read_moment(tag.value)
                yield "The file", "recording_date", when, note, tag.source
    for kind, name in xmp_findings.DATES:
        yield "The file", kind, read_moment(xmp.get(name)), "", f"XMP: {name}"


def _zones(tags: list[Tag], pictures: list[_Exif], name: str | None) -> Iterator[Finding]:
    """What creation_time and the other times of the same recording say of each other."""
    others = [
        (when, source)
        for _, kind, when, _, source in _dates(tags, pictures, {})
        if when and kind == "recording_date" and not source.endswith(_CREATION_TIME)
    ]
    if name and (when := recording_time(name)):
        others.append((when, "the file's name"))
    utc = next(
        (
            (when, tag.source)
            for tag in tags
            if tag.name == _CREATION_TIME and (when := read_moment(tag.value))
        ),
        None,
    )
    yield from zone_findings(utc, others)


def _positions(tags: list[Tag], pictures: list[_Exif], xmp: Mapping[str, str]) -> Iterator[Finding]:
    told = set()
    for subject, position, source in _places(tags, pictures, xmp):
        # Five decimals are a metre: the same place in two tags differs by rounding alone.
        if position is None or (key := str(position)) in told:
            continue
        told.add(key)
        height = "" if position.altitude is None else f"; altitude {position.altitude:.0f} m"
        text = (
            f"{subject} gives the position {position} (latitude and longitude in decimal "
            f"degrees{height}). {_FORGED}"
        )
        yield Finding(
            *("position", text, "medium", source),
            latitude=position.latitude,
            longitude=position.longitude,
        )


def _places(
    tags: list[Tag], pictures: list[_Exif], xmp: Mapping[str, str]
) -> Iterator[tuple[str, Position | None, str]]:
    for subject, source, exif in pictures:
        yield subject, exif_position(exif), f"{source}: GPS GPSLatitude"
    for tag in tags:
        if tag.name.endswith("location.iso6709") or tag.name.split("-")[0] == "location":
            yield "The file", parse_iso6709(tag.value), tag.source
    yield "The file", xmp_position(xmp), "XMP: exif:GPSLatitude"


def _devices(tags: list[Tag], pictures: list[_Exif], xmp: Mapping[str, str]) -> Iterator[Finding]:
    for subject, source, exif in pictures:
        make, model = (str(exif.get(f"Image {name}", "")).strip() for name in ("Make", "Model"))
        yield from _device(subject, make, model, source + ": Image Make, Model")
    for makes, models in (
        ("com.apple.quicktime.make", "com.apple.quicktime.model"),
        ("com.android.manufacturer", "com.android.model"),
        ("make", "model"),
    ):
        found = {t.name: t for t in reversed(tags) if t.name in (makes, models) and not t.stream}
        named = [found[name] for name in (makes, models) if name in found]
        make, model = (found[n].value.strip() if n in found else "" for n in (makes, models))
        yield from _device("The file", make, model, ", ".join(tag.source for tag in named))
    make, model = xmp.get("tiff:Make", ""), xmp.get("tiff:Model", "")
    yield from _device("The file", make, model, "XMP: tiff:Make, Model")


def _device(subject: str, make: str, model: str, source: str) -> Iterator[Finding]:
    name = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    if name:
        text = f"{subject} names the device {quoted(name)}. {_FORGED}"
        yield Finding("device", text, "weak", source)


def _software(tags: list[Tag], pictures: list[_Exif]) -> Iterator[Finding]:
    for subject, source, exif in pictures:
        if name := str(exif.get("Image Software", "")).strip():
            text = f"{subject} names the software {quoted(name)}. {_FORGED}"
            yield Finding("software", text, "weak", f"{source}: Image Software")
    for tag in tags:
        if tag.name not in _SOFTWARE_NAMES or tag.stream or explains(tag):
            continue
        name = f"Android {tag.value}" if tag.name == "com.android.version" else tag.value
        text = f"The file names the software {quoted(name)}. {_FORGED}"
        yield Finding("software", text, "weak", tag.source)


def _addresses(tags: Iterable[Tag]) -> Iterator[Finding]:
    for tag in tags:
        if tag.name in ("purl", "comment") and is_url(tag.value) and " " not in tag.value:
            text = (
                f"The file names the address {quoted(canonical_url(tag.value), 300)}, as download "
                f"programs note where a file came from. {_FORGED}"
            )
            yield Finding("source_address", text, "weak", tag.source)


def _server(last_modified: When | None) -> Iterator[Finding]:
    if last_modified:
        text = (
            f"The server says that the file was last changed on {spoken(last_modified)}: not a "
            "publication date, since a copy may be newer or older than what it shows."
        )
        source = "server: Last-Modified"
        yield Finding("last_modified", text, "weak", source, when=last_modified)
