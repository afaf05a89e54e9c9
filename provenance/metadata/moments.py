"""Dates as files have them, read as `When`; what no clock ever showed is no date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provenance.dates import When
from provenance.errors import UsageError

# The zero of the clocks that files are dated by (QuickTime, Unix, FAT), with the day before, which
# the zero is west of Greenwich. Programs write it where they know no date.
_ZEROS = frozenset({(1903, 12, 31), (1904, 1, 1), (1969, 12, 31), (1970, 1, 1), (1980, 1, 1)})
_FIRST_PHOTOGRAPH = 1826
_EXIF_MOMENT = re.compile(
    r"(\d{4}):(\d\d):(\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?", re.ASCII
)
_GOOGLE_DAY = re.compile(r"Created on:\s*(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def read_moment(value: object) -> When | None:
    """An ISO 8601 date or time of a container; None for no date and for one that is not set."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    return _set(text)


def exif_moment(exif: Mapping[str, Any], name: str, offset: str) -> When | None:
    """EXIF's "2019:05:02 10:11:12", with the zone of the tag `offset` where that is told."""
    found = _EXIF_MOMENT.fullmatch(str(exif.get(name, "")).strip())
    if not found:
        return None
    year, month, day, time = found.groups()
    date = f"{year}-{month}-{day}"
    if not time:
        return _set(date)
    zone = str(exif.get(offset, "")).strip()
    return (zone and _set(f"{date}T{time}{zone}")) or _set(f"{date}T{time}")


def exif_gps_moment(exif: Mapping[str, Any]) -> When | None:
    """The satellites' time in EXIF's GPS tags, which is UTC."""
    found = _EXIF_MOMENT.fullmatch(str(exif.get("GPS GPSDate", "")).strip())
    time = exif.get("GPS GPSTimeStamp")
    if not found or not isinstance(time, list) or len(time) != 3:
        return None
    if not all(isinstance(part, int | float) and 0 <= part < 60 for part in time):
        return None
    hour, minute, second = (int(part) for part in time)
    return _set(f"{'-'.join(found.groups()[:3])}T{hour:02d}:{minute:02d}:{second:02d}Z")


def google_day(text: str) -> When | None:
    """The day in "ISO Media file produced by Google Inc. Created on: 05/02/2019." (month first)."""
    found = _GOOGLE_DAY.search(text)
    if not found:
        return None
    month, day, year = found.groups()
    return _set(f"{year}-{month:0>2}-{day:0>2}")


def _set(text: str) -> When | None:
    try:
        when = When.parse(text)
    except UsageError:
        return None
    if when.start.year < _FIRST_PHOTOGRAPH or when.start.timetuple()[:3] in _ZEROS:
        return None
    return when
