"""Where bars, links and dates lie in the drawings of the HTML report; numbers only, no markup.

All positions are percent (0..100) of the drawing's width, so that it fits a phone and a sheet of
paper alike.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.dates import When, spoken
from provenance.models import Appearance, Claim, Match, Report, Source
from provenance.report import wording

COLOURS = 6
"""Segments take turns with this many colours; their numbers tell them apart as well."""

_MIN_BAR = 0.7  # percent; a second within an hour must still be seen
_MIN_DATE = 0.5
_MARK = 7.0  # percent that a numbered mark takes on a narrow screen
_EDGE = 5.0  # percent left free at both ends of the dates
_MAX_MARKS = 60
_MAX_TICKS = 5
_DAY_SECONDS = 86400.0
_YEAR_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_MONTH_STEPS = (1, 2, 3, 6)
_DAY_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Link:
    """One segment on both bars: where it begins and how wide it is, above and below."""

    name: str
    colour: int
    query_x: float
    query_width: float
    reference_x: float
    reference_width: float
    reversed: bool
    labelled: bool
    """False where its number would lie on the number before it."""

    @property
    def middle(self) -> float:
        return self.query_x + self.query_width / 2

    @property
    def ribbon(self) -> str:
        """Corners of the band between both bars, in a box of 100 by 100; crossed if reversed."""
        left, right = self.reference_x, self.reference_x + self.reference_width
        if self.reversed:
            left, right = right, left
        end = self.query_x + self.query_width
        corners = ((self.query_x, 0), (end, 0), (right, 100), (left, 100))
        return " ".join(f"{x:.3f},{y}" for x, y in corners)


@dataclass(frozen=True)
class Alignment:
    """The source's bar above the footage's bar. Ends in seconds; None for a still picture."""

    query_end: float | None
    reference_end: float | None
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Mark:
    """An appearance on the line of dates. A date that is not exact is a bar from `x` on."""

    number: int
    x: float
    width: float
    lane: int


@dataclass(frozen=True)
class Flag:
    """A date to compare with; `anchor` keeps its words inside the drawing."""

    text: str
    x: float
    width: float
    anchor: str


@dataclass(frozen=True)
class Dates:
    """Appearances by date, what to compare them with, and how many were too many to draw."""

    marks: tuple[Mark, ...]
    flag: Flag | None
    ticks: tuple[tuple[float, str], ...]
    lanes: int
    left_out: int


def align(match: Match, number: int, source: Source, first_colour: int = 0) -> Alignment:
    """Positions of all segments of a match; `number` is the match's number on the page."""
    query_end = source.duration
    reference_end = match.footage.duration
    # A length may be unknown or a little short of the last frame: no segment leaves its bar.
    query_last = max((s.query_end for s in match.segments), default=0.0)
    reference_last = max((s.reference_end for s in match.segments), default=0.0)
    links: list[Link] = []
    label_end = 0.0
    for position, segment in enumerate(match.segments):
        query = (0.0, 100.0)
        if query_end is not None:
            query = _bar(segment.query_start, segment.query_end, max(query_end, query_last))
        reference = (0.0, 100.0)
        if reference_end is not None:
            whole = max(reference_end, reference_last)
            reference = _bar(segment.reference_start, segment.reference_end, whole)
        middle = query[0] + query[1] / 2
        labelled = not links or middle >= label_end
        if labelled:
            label_end = middle + _MARK
        colour = (first_colour + position) % COLOURS
        name = f"{number}.{position + 1}"
        links.append(Link(name, colour, *query, *reference, segment.reversed, labelled))
    return Alignment(query_end, reference_end, tuple(links))


def publications(appearances: Sequence[tuple[int, Appearance]], report: Report) -> Dates | None:
    """Positions of dated appearances, given with their numbers; None where none has a date."""
    dated = [(n, a.published) for n, a in appearances if a.published]
    if not dated:
        return None
    drawn = dated[:_MAX_MARKS]
    compared = _compared(report.claim, report.source)
    edges = [edge for _, when in drawn for edge in (_begin(when), _end(when))]
    if compared:
        edges += [compared[1], compared[2]]
    low, high = min(edges), max(edges)
    high = max(high, low + 3.0)

    def place(day: float) -> float:
        return _EDGE + (100 - 2 * _EDGE) * (day - low) / (high - low)

    marks: list[Mark] = []
    lane_ends: list[float] = []
    for number, when in sorted(drawn, key=lambda item: (_begin(item[1]), item[0])):
        x, end = place(_begin(when)), place(_end(when))
        free = (lane for lane, taken in enumerate(lane_ends) if taken <= x)
        lane = next(free, len(lane_ends))
        lane_ends[lane : lane + 1] = [max(end, x + _MARK)]
        marks.append(Mark(number, x, max(end - x, _MIN_DATE), lane))
    flag = None
    if compared:
        x, width = place(compared[1]), place(compared[2]) - place(compared[1])
        anchor = "start" if x < 25 else "end" if x > 75 else "middle"
        flag = Flag(compared[0], x, max(width, _MIN_DATE), anchor)
    ticks = tuple((place(day), text) for day, text in _ticks(low, high))
    return Dates(tuple(marks), flag, ticks, len(lane_ends), len(dated) - len(drawn))


def _bar(start: float, end: float, whole: float) -> tuple[float, float]:
    if whole <= 0:
        return 0.0, 100.0
    width = max(100 * (end - start) / whole, _MIN_BAR)
    x = min(max(100 * start / whole, 0.0), 100 - width)
    return (x, width) if x >= 0 else (0.0, 100.0)


def _compared(claim: Claim | None, source: Source) -> tuple[str, float, float] | None:
    """What appearances are compared with: the claim's date, else the source's own."""
    if claim and claim.date:
        text = f"claim: {wording.claim_dates(claim)}"
        return text, _begin(claim.date), _end(claim.date_end or claim.date)
    if source.published:
        when = source.published
        return f"this clip: {spoken(when)}", _begin(when), _end(when)
    return None


def _begin(when: When) -> float:
    """The first local day that a date may mean, in days since the year 1."""
    return _days(when.start)


def _end(when: When) -> float:
    start = when.start
    if when.precision == "year":
        return _days(start) + 365.0
    if when.precision == "month":
        return _days(start) + 30.0
    return _days(start) + (1.0 if when.precision == "day" else 0.0)


def _days(moment: dt.datetime) -> float:
    clock = moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment.toordinal() + clock.total_seconds() / _DAY_SECONDS


def _ticks(low: float, high: float) -> Sequence[tuple[float, str]]:
    """At most `_MAX_TICKS` round dates between two days, finest step that fits."""
    high = min(high, dt.date.max.toordinal())
    steps = [(_day_ticks, n) for n in _DAY_STEPS]
    steps += [(_month_ticks, n) for n in _MONTH_STEPS]
    steps += [(_year_ticks, n) for n in _YEAR_STEPS]
    for maker, step in steps:
        found: list[tuple[float, str]] = []
        for tick in maker(low, high, step):
            found.append(tick)
            if len(found) > _MAX_TICKS:
                break
        else:
            return found
    return ()


def _day_ticks(low: float, high: float, step: int) -> Iterator[tuple[float, str]]:
    for day in range(math.ceil(low), math.floor(high) + 1, step):
        date = dt.date.fromordinal(day)
        yield day, f"{date.day} {date:%b}"


def _month_ticks(low: float, high: float, step: int) -> Iterator[tuple[float, str]]:
    first = dt.date.fromordinal(math.floor(low))
    month = (first.year * 12 + first.month - 1) // step * step
    while month // 12 <= dt.MAXYEAR:
        date = dt.date(max(month // 12, 1), month % 12 + 1, 1)
        if date.toordinal() > high:
            return
        if date.toordinal() >= low:
            yield date.toordinal(), f"{date:%b} {date.year}"
        month += step


def _year_ticks(low: float, high: float, step: int) -> Iterator[tuple[float, str]]:
    year = max(dt.date.fromordinal(math.floor(low)).year // step * step, 1)
    while year <= dt.MAXYEAR:
        day = dt.date(year, 1, 1).toordinal()
        if day > high:
            return
        if day >= low:
            yield day, f"{year}"
        year += step
