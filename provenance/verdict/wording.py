"""The words of a verdict: seconds, dates, differences and edits, as one sentence takes them.

Pure text. What came from outside (titles, places, addresses) passes through `quoted` or `plain`, so
that it can neither break a sentence nor pretend to be part of it.

    >>> clock(75.4), seconds(12.43), joined(["mirrored", "cropped"])
    ('1:15', '12.4 s', 'mirrored and cropped')
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provenance.dates import When, spoken
from provenance.models import Appearance, Match, Source

Span = tuple[float, float]
"""Start and end in seconds."""

TITLE_LENGTH = 80
WHOLE_SLACK = 1.0  # s; frames are looked at every second or half, so the very ends stay unseen
WHOLE_SHARE = 0.95
SAME_PLACE_GAP = 1.0  # s; matched pieces closer than this are one place to a reader
NORMAL_SPEED = 0.05  # what matching calls a change of speed; alignment is good to 2 in a hundred
NEAR = dt.timedelta(days=4)  # closer dates are told with their time of day
_DAY = dt.timedelta(days=1)

_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # else "[31m" stays when the escape is gone
_JOINERS = "\u200c\u200d"  # part of Persian words and of emoji; other format characters go

_EDITS = {
    "picture_in_picture": "set into another picture",
    "reversed": "played backwards",
    "speed_changed": "with changed speed",
    "uncropped": "showing more of the picture than the known footage",
}


@dataclass(frozen=True)
class Limit:
    """What "earlier" is measured against: the claim's interval, or the source's own date.

    Attributes:
        first, last: the first and last date; the same for a single one.
        stand_in: True where nothing was claimed and the source's own date is used.
        found: the text that the date was found in ("claim", "title", "description"); "" where it
            was given.
        bounded: the platform's date of the source lies behind it, so that what is earlier than this
            was published before this copy, whatever the words mean.
    """

    first: When
    last: When
    stand_in: bool = False
    found: str = ""
    bounded: bool = False

    @property
    def noun(self) -> str:
        """ "the claimed date", "the claimed month", "the date of this copy"..."""
        if self.stand_in:
            return "the date of this copy"
        if self.first != self.last:
            return "the claimed period"
        kind = {"day": "date", "second": "time"}.get(self.first.precision, self.first.precision)
        return f"the claimed {kind}"

    @property
    def event(self) -> str:
        """What stands behind "before" and "after"."""
        return "this copy was published" if self.stand_in else self.noun

    @property
    def dates(self) -> str:
        """The date or dates themselves."""
        if self.first == self.last:
            return spoken(self.first)
        return f"{spoken(self.first)} to {spoken(self.last)}"


def match_clause(match: Match, source: Source) -> str:
    """Subject and verb: "12.4 s of this clip (0:03 to 0:15) match footage"."""
    if source.duration is None:
        if match.footage.duration is None or not match.segments:
            return "This picture matches footage"
        return (
            f"This picture matches a frame at {clock(match.segments[0].reference_start)} of footage"
        )
    spans = query_union([match], source.duration)
    if not spans:
        return "This clip matches footage"
    covered = sum(end - start for start, end in spans)
    if source.duration - covered <= WHOLE_SLACK and covered >= WHOLE_SHARE * source.duration:
        return f"All of this clip (0:00 to {clock(source.duration)}) matches footage"
    amount = seconds(covered)
    verb = "match" if covered >= 0.1 and amount != "1 s" else "matches"
    amount = amount[0].upper() + amount[1:]
    places = united(spans, SAME_PLACE_GAP)
    if len(places) == 1:
        return f"{amount} of this clip ({span_words(places[0])}) {verb} footage"
    start = clock(places[0][0])
    return f"{amount} of this clip in {len(places)} places, the first at {start}, {verb} footage"


def publication(appearance: Appearance, limit: Limit | None = None) -> str:
    """What happened when, behind "footage": "published on 2 May 2019"; "" without a date.

    Where a `limit` is given and far away, the time of day is left out.
    """
    when = appearance.published
    if when is None:
        return ""
    text = spoken(when)
    near = limit is not None and abs(when.start - limit.first.start) < NEAR
    if when.precision == "second" and limit is not None and not near:
        text = text.split(",")[0]
    if appearance.basis == "ingested":
        return f"that was in this archive by {text}"
    verb = "captured by a web archive" if appearance.basis == "archived" else "published"
    return f"{verb} {'on' if when.precision in {'day', 'second'} else 'in'} {text}"


def lead(published: When, limit: Limit) -> str:
    """How long before: "5 years and 180 days before the claimed date".

    Whole years, then days. "At least" wherever a month, a year or a missing zone leaves more than
    one answer; then it is the smallest one. `published` must be before `limit.first`.
    """
    return f"{_difference(published, limit.first)} before {limit.event}"


def relation(published: When, limit: Limit) -> str:
    """Why a date that is not before the limit is not, as a clause of its own."""
    first, last, noun = limit.first, limit.last, limit.noun
    if last.is_before(published):
        return f"that is after {limit.event}"
    same_clock = (published.zone is None) == (first.zone is None) == (last.zone is None)
    if same_clock and first.start <= published.start:
        if published.end > last.end:
            return f"that is not before {noun}"
        return f"that is {noun} itself" if published == first else f"that lies within {noun}"
    if published.ends_before(first) or published.precision in {"day", "second"}:
        return f"that is too close to {noun} to be called earlier"
    return f"that leaves open whether it is older than {noun}"


def edits(match: Match) -> list[str]:
    """What was done to the footage, in words: ["mirrored", "played at 1.25 times its speed"]."""
    names = list(match.edits)
    for name, seen in (
        ("mirrored", any(segment.mirrored for segment in match.segments)),
        ("reversed", any(segment.reversed for segment in match.segments)),
        ("speed_changed", speed(match) is not None),
    ):
        if seen and name not in names:
            names.append(name)
    return [words for name in names if (words := _edit(name, match))]


def speed(match: Match) -> float | None:
    """The one speed at which the source plays the footage; None where it is normal or varies."""
    speeds = [segment.speed for segment in match.segments]
    if speeds and max(speeds) - min(speeds) <= NORMAL_SPEED * max(speeds):
        middle = sorted(speeds)[len(speeds) // 2]
        if abs(middle - 1) > NORMAL_SPEED:
            return middle
    return None


def query_union(matches: Iterable[Match], duration: float) -> list[Span]:
    """The seconds of the source that the matches cover, ascending and without overlap."""
    return united(
        (max(0.0, segment.query_start), min(duration, segment.query_end))
        for match in matches
        for segment in match.segments
    )


def united(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """Spans that overlap, touch, or lie at most `gap` seconds apart become one; empty ones none."""
    joined_up: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined_up and start <= joined_up[-1][1] + gap:
            joined_up[-1] = (joined_up[-1][0], max(joined_up[-1][1], end))
        else:
            joined_up.append((start, end))
    return joined_up


def clock(moment: float, decimals: int = 0) -> str:
    """A position in a clip: "0:03", "1:02:03"; "0:03.2" with a decimal.

    Rounded to tenths, as the report's tables show it, and then cut to whole seconds.
    """
    tenths = int(max(0.0, moment) * 10 + 0.5)
    minutes, rest = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{text}.{tenths % 10}" if decimals else text


def seconds(length: float) -> str:
    """An amount of time: "12.4 s", "1 min 12 s", "2 h 5 min"."""
    if length < 0.1:
        return "less than 0.1 s"
    if round(length, 1) < 60:
        return f"{length:.1f}".removesuffix(".0") + " s"
    whole = round(length)
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {minutes} min" if (minutes := whole % 3600 // 60) else "")


def times(factor: float) -> str:
    """ "1.25 times", "2 times"."""
    return f"{factor:.2f}".rstrip("0").rstrip(".") + " times"


def counted(number: int, noun: str) -> str:
    """ "1 day", "2 days", "1,234 days"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def pieces_of_footage(number: int, which: str = "") -> str:
    """ "1 piece of footage", "5 further pieces of footage": the word itself has no plural."""
    return f"{counted(number, f'{which}piece')} of footage"


def joined(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def quoted(text: str, length: int = TITLE_LENGTH) -> str:
    """Text from outside in quotation marks of its own, on one line, shortened."""
    inner = re.sub(r"[“”„«»\"]", "'", plain(text, length))
    return f"“{inner}”"


def plain(text: str, length: int = TITLE_LENGTH) -> str:
    """Text from outside on one line, without characters that steer a terminal or turn the line."""
    text = _COLOURS.sub("", text)
    shown = "".join(
        " " if unicodedata.category(c)[0] in "CZ" and c not in _JOINERS else c for c in text
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= length else shown[: length - 1].rstrip() + "…"


def _edit(name: str, match: Match) -> str:
    parts = [segment.mirrored for segment in match.segments]
    if name == "mirrored" and any(parts) and not all(parts):
        return "partly mirrored"
    if name == "speed_changed" and (factor := speed(match)):
        return f"played at {times(factor)} its speed"
    words = _EDITS.get(name, name.replace("_", " "))
    return words if re.fullmatch(r"[a-z ]+", words) else ""


def span_words(span: Span) -> str:
    """The minutes and seconds of a span, with tenths where whole seconds would be the same."""
    for decimals in (0, 1):
        start, end = clock(span[0], decimals), clock(span[1], decimals)
        if start != end:
            return f"{start} to {end}"
    return f"at {start}"


def _difference(published: When, limit: When) -> str:
    fine = {published.precision, limit.precision} <= {"day", "second"}
    if fine and (limit.start.date() - published.start.date()).days >= 2:
        # Between two calendar days, as a reader counts it who sees the two dates.
        return _span(_midnight(published.start), _midnight(limit.start))
    if published.zone is None and limit.zone is None:
        last = published.start if published.precision == "second" else published.end - _DAY
        return ("" if fine else "at least ") + _span(_midnight(last), limit.start)
    if published.zone and limit.zone:
        return _span(published.start, limit.start)
    shortest = _span(published.latest, limit.earliest)
    return f"at least {shortest}" if shortest else "just"


def _span(start: dt.datetime, end: dt.datetime) -> str:
    """Whole years and days, or the largest smaller unit; "" for no time at all."""
    years = max(0, end.year - start.year)
    while years and _years_later(start, years) > end:
        years -= 1
    rest = end - _years_later(start, years)
    parts = [(years, "year"), (rest.days, "day")]
    if not any(number for number, _ in parts):
        units = ((3600, "hour"), (60, "minute"), (1, "second"))
        parts = [(rest.seconds // size, unit) for size, unit in units if rest.seconds >= size][:1]
    return joined([counted(number, unit) for number, unit in parts if number])


def _years_later(moment: dt.datetime, years: int) -> dt.datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February: its year is full on 1 March
        return moment.replace(year=moment.year + years, month=3, day=1)


def _midnight(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0)
