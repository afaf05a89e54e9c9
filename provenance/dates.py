"""Dates as well as they are known: an interval of instants, never a guess.

A day without a time zone began somewhere on Earth at UTC+14 and ended somewhere at UTC-12, so
"2024-10-29" may mean any instant from 28 October 10:00 UTC to 30 October 12:00 UTC.

    >>> When.parse("2024-10").precision
    'month'
    >>> When.parse("2024-10-28").is_before(When.parse("2024-10-29"))
    False
    >>> When.parse("2024-10-27").is_before(When.parse("2024-10-29"))
    True
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, get_args

from provenance.errors import UsageError

Precision = Literal["year", "month", "day", "second"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

EARLIEST_ZONE = dt.timedelta(hours=14)  # Line Islands: the first place where a day begins
LATEST_ZONE = dt.timedelta(hours=12)  # Baker Island, UTC-12: the last place where it ends

_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d:?\d\d|[+-]\d\d)?)?)?)?",
    re.IGNORECASE,
)
_MIN = dt.datetime.min.replace(tzinfo=dt.UTC)
_MAX = dt.datetime.max.replace(tzinfo=dt.UTC, microsecond=0)


@dataclass(frozen=True, slots=True)
class When:
    """A point in time with the precision that was known.

    Attributes:
        start: first possible local instant, without tzinfo; in UTC where `zone` is set.
        precision: "year", "month", "day" or "second".
        zone: the zone it came with ("Z", "+02:00"), or None for a date or time without one.
    """

    start: dt.datetime
    precision: Precision
    zone: str | None = None

    @classmethod
    def parse(cls, text: str) -> When:
        """Read "2019", "2019-05", "2019-05-02", "20190502" or an RFC 3339 instant.

        Raises:
            UsageError: the text is no date, or names a day that does not exist.
        """
        found = _PATTERN.fullmatch(text.strip())
        if not found:
            raise _no_date(text)
        part = {name: int(v) for name, v in found.groupdict().items() if v and name != "zone"}
        zone = found["zone"]
        try:
            start = dt.datetime(
                part["year"],
                part.get("month", 1),
                part.get("day", 1),
                part.get("hour", 0),
                part.get("minute", 0),
                part.get("second", 0),
            )
            if zone:
                zone = _normal_zone(zone)
                start -= _offset(zone)
        except (ValueError, OverflowError) as error:
            raise _no_date(text) from error
        precision: Precision = (
            "second"
            if "hour" in part
            else "day"
            if "day" in part
            else "month"
            if "month" in part
            else "year"
        )
        return cls(start, precision, zone)

    @classmethod
    def of(cls, value: When | dt.datetime | dt.date | str) -> When:
        """Whatever a caller holds, as a `When`. An aware datetime keeps its zone."""
        if isinstance(value, When):
            return value
        if isinstance(value, dt.datetime):
            return cls.parse(value.replace(microsecond=0).isoformat())
        if isinstance(value, dt.date):
            return cls.parse(value.isoformat())
        return cls.parse(value)

    @classmethod
    def from_timestamp(cls, seconds: float) -> When:
        """An instant from seconds since 1970-01-01 UTC (may be negative)."""
        epoch = dt.datetime(1970, 1, 1)
        return cls(epoch + dt.timedelta(seconds=int(seconds)), "second", "Z")

    @property
    def earliest(self) -> dt.datetime:
        """The first instant (UTC) that this may mean."""
        return _clamped(self.start, dt.timedelta() if self.zone else -EARLIEST_ZONE)

    @property
    def latest(self) -> dt.datetime:
        """The instant (UTC) that lies just behind everything this may mean."""
        return _clamped(self._end(), dt.timedelta() if self.zone else LATEST_ZONE)

    @property
    def value(self) -> str:
        """The text for reports: "2019", "2019-05", "2019-05-02", "2019-05-02T10:00:00Z"."""
        start = self.start
        if self.precision == "second":
            return start.isoformat(timespec="seconds") + ("Z" if self.zone else "")
        length = {"year": 4, "month": 7, "day": 10}[self.precision]
        return f"{start.year:04d}{start.strftime('-%m-%d')}"[:length]

    def is_before(self, other: When) -> bool:
        """True when every instant this may mean lies before every instant `other` may mean.

        Two dates that both lack a zone need a whole calendar day between them: 27 October is
        before 29 October, 28 October is not yet. (Counted to the hour, UTC+14 to UTC-12 would
        ask for 26 hours between them, not 24; a whole day is the rule that the contract's
        examples state, and the two hours belong to uninhabited islands.)
        """
        if self.zone is None and other.zone is None:
            return _clamped(self._end(), dt.timedelta(days=1)) <= _clamped(
                other.start, dt.timedelta()
            )
        return self.latest <= other.earliest

    def _end(self) -> dt.datetime:
        start = self.start
        try:
            if self.precision == "year":
                return start.replace(year=start.year + 1)
            if self.precision == "month":
                return (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
            step = dt.timedelta(days=1) if self.precision == "day" else dt.timedelta(seconds=1)
            return start + step
        except (ValueError, OverflowError):  # the last year that a calendar here can hold
            return dt.datetime.max.replace(microsecond=0)


def spoken(when: When) -> str:
    """The date as a sentence has it: "2 May 2019", "May 2019", "2019", "2 May 2019, 10:00 UTC"."""
    start = when.start
    if when.precision == "year":
        return f"{start.year}"
    month = f"{start:%B} {start.year}"
    if when.precision == "month":
        return month
    day = f"{start.day} {month}"
    if when.precision == "day":
        return day
    return f"{day}, {start:%H:%M}" + (" UTC" if when.zone else "")


def _clamped(start: dt.datetime, shift: dt.timedelta) -> dt.datetime:
    try:
        return start.replace(tzinfo=dt.UTC) + shift
    except OverflowError:
        return _MIN if shift < dt.timedelta() else _MAX


def _normal_zone(zone: str) -> str:
    if zone.upper() == "Z":
        return "Z"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _offset(zone: str) -> dt.timedelta:
    if zone == "Z":
        return dt.timedelta()
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(f"no such time zone: {zone}")
    offset = dt.timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def _no_date(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is not a date.",
        "Write a year, a month, a day or an instant: 2024, 2024-10, 2024-10-29, "
        "2024-10-29T08:30:00Z.",
    )
