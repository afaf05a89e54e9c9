"""What the name of a file says: which app named it so, and the date in it; pure.

Apps name files by fixed schemes, and people seldom rename what they forward. Only schemes that
cannot be mistaken for something else are read; days that do not exist are no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from provenance.dates import When, spoken
from provenance.errors import UsageError
from provenance.metadata.values import quoted
from provenance.models import Finding

SOURCE = "file name"
_DAY = r"(?P<year>20\d\d)-?(?P<month>\d\d)-?(?P<day>\d\d)"
_TIME = r"(?P<hour>\d\d)[-.]?(?P<minute>\d\d)[-.]?(?P<second>\d\d)"
_PUBLISHED = "It is no publication date, and anyone can rename a file."
_RECORDED = "recorded"
_LOCAL = "local time; the zone is not told"


@dataclass(frozen=True)
class _Scheme:
    """A pattern of names, who names so, and what the date in the name is the date of."""

    pattern: re.Pattern[str]
    who: str
    what: str
    messenger: bool = False
    zone: str | None = None


_SCHEMES = (
    # WhatsApp on Android counts the files of a day; the day is that of sending or receiving.
    _Scheme(
        re.compile(rf"(?:VID|IMG)-{_DAY}-WA\d{{4}}(?!\d)", re.ASCII),
        *("WhatsApp on Android", "sent or received", True),
    ),
    # WhatsApp on computers, and what is saved from it on an iPhone; "3.07.03 PM" where clocks
    # have twelve hours.
    _Scheme(
        re.compile(
            rf"WhatsApp (?:Video|Image) {_DAY} at (?P<hour>\d{{1,2}})\.(?P<minute>\d\d)\."
            r"(?P<second>\d\d)(?:[ \u202f]?(?P<half>[AP]M))?",
        ),
        *("WhatsApp", "sent or saved", True),
    ),
    # Telegram Desktop, when a file without a name of its own is saved.
    _Scheme(
        re.compile(rf"(?:video|photo)_{_DAY}_{_TIME}(?!\d)", re.ASCII),
        *("Telegram", "sent or saved", True),
    ),
    _Scheme(re.compile(rf"signal-{_DAY}-{_TIME}(?!\d)", re.ASCII), "Signal", "sent or saved", True),
    # Google's Pixel phones write UTC; most other Android cameras write local time.
    _Scheme(
        re.compile(rf"PXL_{_DAY}_{_TIME}(?=\d|\D|$)", re.ASCII),
        *("the camera of a Pixel phone", _RECORDED),
        zone="Z",
    ),
    _Scheme(
        re.compile(rf"(?:VID|IMG)_{_DAY}_{_TIME}(?=\d|\D|$)", re.ASCII),
        *("the camera of an Android phone", _RECORDED),
    ),
    _Scheme(
        re.compile(rf"{_DAY}_{_TIME}(?:\(\d+\))?\.(?:mp4|jpg)", re.ASCII | re.IGNORECASE),
        *("a Samsung phone, among others,", _RECORDED),
    ),
    _Scheme(
        re.compile(rf"Screen_Recording_{_DAY}[-_]{_TIME}", re.ASCII),
        *("an Android phone that records its screen", _RECORDED),
    ),
)
# iOS names recordings of the screen by seconds since 1970.
_REPLAY = re.compile(r"RPReplay_Final(1[0-9]{9})(?!\d)", re.ASCII)


class _Named(NamedTuple):
    """What a name tells: who gives such names, and what happened when."""

    who: str
    what: str
    when: When
    messenger: bool = False


def name_findings(name: str) -> Iterator[Finding]:
    """At most two findings: the messenger that named the file, and the date in its name."""
    named = _read(name)
    if named is None:
        return
    when = named.when
    zone = f" ({_LOCAL})" if when.precision == "second" and when.zone is None else ""
    text = (
        f"By its name {quoted(name)}, as {named.who} gives it, the file was {named.what} on "
        f"{spoken(when)}{zone}. {_PUBLISHED}"
    )
    yield Finding("name_date", text, "weak", SOURCE, when=when)
    if named.messenger:
        text = (
            f"The name {quoted(name)} is one that {named.who} gives: it points to a forwarded "
            "copy, which the app has usually encoded anew, not to a camera's original."
        )
        yield Finding("platform_copy", text, "weak", SOURCE)


def recording_time(name: str) -> When | None:
    """The time of recording in a name that a camera gave, else None."""
    named = _read(name)
    return named.when if named and named.what == _RECORDED else None


def _read(name: str) -> _Named | None:
    if replay := _REPLAY.match(name):
        when = When.from_timestamp(int(replay[1]))
        return _Named("iOS when it records its screen", _RECORDED, when)
    for scheme in _SCHEMES:
        if found := scheme.pattern.match(name):
            date = _when(found.groupdict(), scheme.zone)
            return _Named(scheme.who, scheme.what, date, scheme.messenger) if date else None
    return None


def _when(part: Mapping[str, str | None], zone: str | None) -> When | None:
    hour = part.get("hour")
    if half := part.get("half"):
        hour = str(int(hour or 0) % 12 + (12 if half == "PM" else 0))
    day = f"{part['year']}-{part['month']}-{part['day']}"
    time = f"T{int(hour):02d}:{part['minute']}:{part['second']}{zone or ''}" if hour else ""
    try:
        return When.parse(day + time)
    except UsageError:
        return None
