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
import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from provenance.errors import UsageError

Precision = Literal["year", "month", "day", "second"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

EARLIEST_ZONE = dt.timedelta(hours=14)  # Line Islands: the first place where a day begins
LATEST_ZONE = dt.timedelta(hours=12)  # Baker Island, UTC-12: the last place where it ends
LEAP_SECOND = 60  # RFC 3339 allows 23:59:60; no calendar here does, so it is read as :59

_TIME = (
    r"(?:[T ](?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?"
)
# Without dashes only a whole day is read: "191102" might mean November 2019, or February 1911.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d){_TIME})?)?",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d){_TIME}",
    )
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MIN = dt.datetime.min.replace(tzinfo=dt.UTC)
# Not a whole second, so that it lies behind every start, also behind the last second of 9999.
_MAX = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class When:
    """A point in time with the precision that was known.

    Attributes:
        start: first possible local instant, without tzinfo; in UTC where `zone` is set.
        precision: "year", "month", "day" or "second".
        zone: the zone it came with ("Z", "+02:00"), or None for a date or time without one.

    What `start` says beyond the precision is cut off: the month of a year, the hour of a day.
    """

    start: dt.datetime
    precision: Precision
    zone: str | None = None

    def __post_init__(self) -> None:
        start = self.start.replace(microsecond=0)
        if self.zone is None and self.precision != "second":
            start = start.replace(hour=0, minute=0, second=0)
            if self.precision != "day":
                start = start.replace(day=1, month=1 if self.precision == "year" else start.month)
        object.__setattr__(self, "start", start)

    @classmethod
    def parse(cls, text: str) -> When:
        """Read "2019", "2019-05", "2019-05-02", "20190502" or an RFC 3339 instant.

        A time may lack its seconds (then it is the first of that minute) and its zone.

        Raises:
            UsageError: the text is no date, or names a day, hour or zone that does not exist.
        """
        found = next(filter(None, (form.fullmatch(text.strip()) for form in _FORMS)), None)
        if not found:
            raise _no_date(text)
        part = {name: int(v) for name, v in found.groupdict().items() if v and name != "zone"}
        zone, second = found["zone"], part.get("second", 0)
        try:
            start = dt.datetime(
                part["year"],
                part.get("month", 1),
                part.get("day", 1),
                part.get("hour", 0),
                part.get("minute", 0),
                59 if second == LEAP_SECOND else second,
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
        """Whatever a caller holds, as a `When`. An aware datetime keeps its zone.

        Raises:
            UsageError: it is no date, or its instant in UTC lies outside the years 1 to 9999.
        """
        if isinstance(value, When):
            return value
        if isinstance(value, dt.datetime):
            offset = value.utcoffset()
            if offset is None:
                return cls(value.replace(tzinfo=None), "second")
            try:
                return cls(value.replace(tzinfo=None) - offset, "second", _zone_of(offset))
            except OverflowError as error:
                raise _no_date(value.isoformat()) from error
        if isinstance(value, dt.date):
            return cls.parse(value.isoformat())
        if not isinstance(value, str):
            raise _no_date(value)
        return cls.parse(value)

    @classmethod
    def from_timestamp(cls, seconds: float) -> When:
        """An instant from seconds since 1970-01-01 UTC (may be negative).

        Raises:
            UsageError: no number, or an instant outside the years 1 to 9999.
        """
        epoch = dt.datetime(1970, 1, 1)
        try:
            return cls(epoch + dt.timedelta(seconds=math.floor(seconds)), "second", "Z")
        except (ValueError, OverflowError) as error:
            raise _no_date(seconds) from error

    @property
    def earliest(self) -> dt.datetime:
        """The first instant (UTC) that this may mean."""
        return _clamped(self.start, dt.timedelta() if self.zone else -EARLIEST_ZONE)

    @property
    def latest(self) -> dt.datetime:
        """The instant (UTC) that lies just behind everything this may mean."""
        return _clamped(self.end, dt.timedelta() if self.zone else LATEST_ZONE)

    @property
    def end(self) -> dt.datetime:
        """The local instant (UTC where `zone` is set) just behind this; the opposite of `start`."""
        start = self.start
        try:
            if self.precision == "year":
                return start.replace(year=start.year + 1)
            if self.precision == "month":
                return (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
            step = dt.timedelta(days=1) if self.precision == "day" else dt.timedelta(seconds=1)
            return start + step
        except (ValueError, OverflowError):  # the last year that a calendar here can hold
            return dt.datetime.max

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
            return _clamped(self.end, dt.timedelta(days=1)) <= _clamped(other.start, dt.timedelta())
        return self.latest <= other.earliest

    def ends_before(self, other: When) -> bool:
        """True when this is over before `other` begins, both told by the same person.

        Unlike `is_before`, two dates without a zone are taken to be in the same one: for the ends
        of one interval, never for comparing what different people say.
        """
        if self.zone is None and other.zone is None:
            return self.end <= other.start
        return self.latest <= other.earliest


DateLike = When | dt.date | str
"""What a caller may give where a date is wanted; see `When.of`."""


def spoken(when: When) -> str:
    """The date as a sentence has it: "2 May 2019", "May 2019", "2019", "2 May 2019, 10:00 UTC"."""
    start = when.start
    if when.precision == "year":
        return f"{start.year}"
    month = f"{_MONTHS[start.month - 1]} {start.year}"  # strftime would follow the locale
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
    offset = dt.timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    if minutes > 59 or not -LATEST_ZONE <= offset <= EARLIEST_ZONE:
        raise ValueError(f"no such time zone: {zone}")
    return offset


def _zone_of(offset: dt.timedelta) -> str:
    minutes, rest = divmod(offset, dt.timedelta(minutes=1))
    if rest or not -LATEST_ZONE <= offset <= EARLIEST_ZONE:
        return "Z"  # local mean times, as calendars before time zones have them: no zone of today
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _no_date(text: object) -> UsageError:
    return UsageError(
        f"{text!r} is not a date.",
        "Write a year, a month, a day or an instant: 2024, 2024-10, 2024-10-29, "
        "2024-10-29T08:30:00Z.",
    )
