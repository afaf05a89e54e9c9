"""When something is said to have happened, found in free text; pure.

    >>> [(f.words, f.first.value) for f in dates_in("Flood in our town, 29 October 2024")]
    [('29 October 2024', '2024-10-29')]
    >>> [w.value for w in dates_in("Flood on 03/04/2022")[0].options]
    ['2022-03-04', '2022-04-03']

A wrongly found date would make an accusation, so that less is found than a reader would find: whole
dates, months behind "in", weekdays behind "on", and relative dates ("yesterday", "last week") where
it is known when the text was published. Bare years ("World Cup 2022"), dates behind words such as
"since", "updated" or "until", dates of the telling, of trials and anniversaries, and of what came
of something that a film shows (`asides.py`, `occasions.py`, `films.py`), and dates that lie after
the publication are left alone. What can be read in two ways is kept in both.

Words of the calendar come from dateparser and Unicode CLDR, in the languages of `LANGUAGES`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from provenance.claims.asides import is_aside, is_of_another_year
from provenance.dates import EARLIEST_ZONE, LATEST_ZONE, When

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar")
MOST_TEXT = 1000
"""Characters of a text that are read; a claim is a few sentences."""
MOST_FOUND = 8
YEARLESS_DAYS = 60
"""A day without a year is the last one before the publication, if that is not longer ago."""
RELATIVE_DAYS = 45
"""Nothing is told as "so many days ago" that is longer ago; what is then meant is a background."""
NGRAM = 5
"""Words of the longest phrase that is tried: "il y a deux jours"."""

_DAY = dt.timedelta(days=1)
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|\.)?"
_OF = r"(?:\s+(?:of|de|del|di)|\s+d['’])?"
_WORD = r"[^\W\d_]{3,}\.?"
_YEAR = r"(?:1[89]|20)\d\d"
_FORMS = (
    ("iso", rf"(?P<y>{_YEAR})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)"),
    ("iso", rf"(?P<y>{_YEAR})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日"),
    ("dots", rf"(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.\s?(?P<y>{_YEAR})"),
    ("either", rf"(?P<d>\d{{1,2}})[/-](?P<m>\d{{1,2}})[/-](?P<y>{_YEAR})"),
    ("words", rf"(?P<d>\d{{1,2}}){_ORDINAL}{_OF}\s+(?P<w>{_WORD}),?{_OF}\s+(?P<y>{_YEAR})"),
    ("words", rf"(?P<w>{_WORD})\s+(?P<d>\d{{1,2}}){_ORDINAL},?\s+(?P<y>{_YEAR})"),
    ("month", rf"(?P<p>{_WORD[:-4]}{{1,}}|[^\W\d_]{{1,3}})\s+(?P<w>{_WORD}){_OF}\s+(?P<y>{_YEAR})"),
    ("yearless", rf"(?P<p>[^\W\d_]{{1,3}})\s+(?P<d>\d{{1,2}}){_ORDINAL}{_OF}\s+(?P<w>{_WORD})"),
    ("yearless", rf"(?P<p>[^\W\d_]{{1,3}})\s+(?P<w>{_WORD})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?"),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"(?<![\w/.-]){form}(?![\w/-]|[.:]\d)")) for kind, form in _FORMS
)
_APPOSED = re.compile(r",?\s(?:(?:the|dem|den)\s)?")
_LAST_WORD = re.compile(rf"([^\W\d_]+){_APPOSED.pattern}$")
_VERBS = frozenset(("may", "march"))
"""Months that are other words when they are not written with a capital."""
_IN_WORDS = "in im en em nel au w we в у во"
_ON_WORDS = "on the am el le la em no na il den op w we в во у à этот цей"
_LAST_WORDS = "last letzten letzter vorigen dernier dernière pasado pasada scorso scorsa passado"
_IN, _ON = frozenset(_IN_WORDS.split()), frozenset(_ON_WORDS.split())
_LAST = frozenset(_LAST_WORDS.split())
_WEEKDAY_FORMS = {"среду": 2, "пятницу": 4, "субботу": 5, "середу": 2, "п'ятницю": 4, "суботу": 5}
_WEEKDAY_FORMS |= {"неділю": 6, "środę": 2, "sobotę": 5, "niedzielę": 6}


@dataclass(frozen=True)
class FoundDate:
    """A date in a text.

    Attributes:
        words: the words of the text that say so.
        options: the dates that they may mean, rising; each may be a day or a month.
        relative: it was counted from the publication.
    """

    words: str
    options: tuple[When, ...]
    relative: bool = False

    @property
    def first(self) -> When:
        """The earliest that may be meant."""
        return self.options[0]

    @property
    def last(self) -> When:
        """The latest that may be meant."""
        return self.options[-1]


def dates_in(text: str, published: When | None = None) -> list[FoundDate]:
    """Dates that a text plainly gives for what it tells of, in the order of the text.

    Args:
        published: when the text was published; without it nothing relative is found, and dates are
            not held against it.
    """
    text = text[:MOST_TEXT]
    read: list[tuple[int, int, tuple[When, ...], bool]] = []
    for one in (*_absolute(text, published), *_relative(text, published)):
        if not any(one[0] < other[1] and one[1] > other[0] for other in read):
            read.append(one)
    found: list[tuple[int, FoundDate]] = []
    for start, end, options, relative in read:
        kept = tuple(sorted({o for o in options if _possible(o, published)}, key=_order))
        if relative and is_of_another_year(text, start, end):
            continue
        first, last = _with_weekday(text, start, end, (other[:2] for other in read))
        if kept and not is_aside(text, first, last):
            found.append((start, FoundDate(text[start:end].strip(" ,."), kept, relative)))
    return [date for _, date in sorted(found, key=lambda item: item[0])][:MOST_FOUND]


def span_of(found: Sequence[FoundDate]) -> tuple[When, When] | None:
    """First and last date that any of the found ones may mean; None where there is none.

    Whoever measures "earlier" from the first of them accuses nobody by a wrong choice.
    """
    options = sorted({option for one in found for option in one.options}, key=_order)
    if not options:
        return None
    return options[0], max(options, key=lambda when: (when.end, when.start))


def _with_weekday(
    text: str, start: int, end: int, dates: Iterable[tuple[int, int]]
) -> tuple[int, int]:
    """Where a date stands together with its weekday: "Friday, 3 May 2024" is one."""
    for other_start, other_end in dates:
        if other_start > end and _APPOSED.fullmatch(text[end:other_start]):
            end = other_end
    before = _LAST_WORD.search(text[:start])
    if before and _weekday(before[1].lower()) is not None:
        start = before.start()
    return start, end


def _order(when: When) -> tuple[dt.datetime, dt.datetime]:
    return when.start, when.end


def _possible(when: When, published: When | None) -> bool:
    """Nothing that is shown can have happened after it was published."""
    return published is None or when.earliest < published.latest


def _absolute(
    text: str, published: When | None
) -> Iterator[tuple[int, int, tuple[When, ...], bool]]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start = match.start()
            part = match.groupdict()
            month = _month(part["w"]) if "w" in part else int(part["m"])
            if not month or part.get("w") in _VERBS:
                continue
            if kind == "month":
                if part["p"].lower() not in _IN:
                    continue
                yield match.start("w"), match.end(), _months(int(part["y"]), month), False
                continue
            day = int(part["d"])
            if kind == "yearless":
                if published and part["p"].lower() in _ON | _IN:
                    options = _yearless(month, day, published)
                    yield start, match.end(), options, True
                continue
            days = [(int(part["y"]), month, day)]
            if kind == "either":
                days.append((int(part["y"]), day, month))
            yield start, match.end(), tuple(when for one in days if (when := _day(*one))), False


def _relative(
    text: str, published: When | None
) -> Iterator[tuple[int, int, tuple[When, ...], bool]]:
    if published is None or published.precision not in ("day", "second"):
        return
    if not dt.MINYEAR < published.start.year < dt.MAXYEAR:
        return  # the calendar of Python ends there
    words = list(re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*", text))
    today = _local_days(published)
    skip = 0
    for place in range(len(words)):
        if place < skip:
            continue
        for length in range(min(NGRAM, len(words) - place), 0, -1):
            count = length
            start, end = words[place].start(), words[place + count - 1].end()
            phrase = text[start:end].lower()
            if re.search(r"[.!?;:\n]", phrase):
                continue
            options = _of_phrase(phrase, today)
            if options:
                count = _shortest(text, words[place : place + count], today, options)
                yield start, words[place + count - 1].end(), options, True
                skip = place + count
                break


def _shortest(
    text: str, words: Sequence[re.Match[str]], today: Sequence[dt.date], options: tuple[When, ...]
) -> int:
    """How many of the words are needed: the parser forgives some behind ("ayer en Madrid")."""
    count = len(words)
    while count > 1:
        phrase = text[words[0].start() : words[count - 2].end()].lower()
        if _of_phrase(phrase, today) != options:
            break
        count -= 1
    return count


def _of_phrase(phrase: str, today: Sequence[dt.date]) -> tuple[When, ...]:
    """What a phrase means for a text that was written on one of these days."""
    words = phrase.split()
    if len(words) == 2 and words[1] in _LAST:  # "mardi dernier"
        words.reverse()
    day = _weekday(words[-1]) if 1 < len(words) <= 3 else None
    if day is not None and words[0] in _ON | _LAST and set(words[:-1]) <= _ON | _LAST:
        found = set()
        for date in today:
            back = (date.weekday() - day) % 7
            if words[0] in _LAST or len(words) > 2:  # of this week or of the one before
                found |= {date - (back or 7) * _DAY, date - (back + 7) * _DAY}
            else:  # said on that very day, it may mean this one or the last
                found |= {date - back * _DAY} | ({date - 7 * _DAY} if not back else set())
        return _as_days(found)
    if not any(c.isalpha() for c in phrase) or not _RELATIVE_HINT.search(phrase):
        return ()
    told: set[When] = set()
    for date in today:
        data = _shift(phrase)
        if data is None:
            return ()
        days, period = data
        then = date + days * _DAY
        if period == "week":
            monday = then - then.weekday() * _DAY
            # Weeks begin on Sunday in some places, on Saturday in others.
            told |= set(_as_days({monday - 2 * _DAY, min(monday + 6 * _DAY, max(today))}))
        elif period == "month":
            told |= set(_months(then.year, then.month))
        elif period == "night":
            told |= set(_as_days({then, date}))
        else:
            told |= set(_as_days({then}))
    return tuple(told)


# A word that tells where to count: a fight that lasted "two days" or "a week" is no date. It is
# also a cheap look before the parser is asked.
_RELATIVE_HINT = re.compile(
    r"\b(?:today|tonight|yesterday|ago|last|this|"
    r"heute|gestern|vorgestern|vor|letzte[nrm]?|diese[rnm]?|aujourd|hier|avant-hier|il y a|derni|"
    r"hoy|ayer|anteayer|hace|pasad|oggi|ieri|fa|scors|hoje|ontem|há|passad|vandaag|gisteren|geleden|"
    r"vorige|dziś|dzisiaj|wczoraj|temu|zeszł|сегодня|вчера|позавчера|назад|прошл|сьогодні|вчора|"
    r"тому|минул|bugün|dün|önce|geçen|اليوم|أمس|الماضي)"
)
_NIGHTS = frozenset(("last night", "letzte nacht", "la nuit dernière", "anoche"))
_BASE = dt.datetime(2023, 3, 15, 12, 0)  # any Wednesday; what is asked for is the distance to it


@lru_cache(maxsize=4096)
def _shift(phrase: str) -> tuple[int, str] | None:
    """(days from today, "day", "week", "month" or "night"); None for what is no such phrase, for
    times of the clock, and for what lies ahead or long ago."""
    if phrase in _NIGHTS:
        return -1, "night"
    data = _relative_parser().get_date_data(phrase)
    if not data.date_obj or data.period not in ("day", "week", "month"):
        return None
    days = (data.date_obj.date() - _BASE.date()).days
    if data.period == "month" and days > -20:  # "this month": no more than the publication says
        return None
    return (days, data.period) if -RELATIVE_DAYS <= days <= 0 else None


@lru_cache(maxsize=1)
def _relative_parser() -> Any:
    from dateparser.date import DateDataParser

    settings = {"PARSERS": ["relative-time"], "RELATIVE_BASE": _BASE}
    return DateDataParser(languages=list(LANGUAGES), settings=settings)


@lru_cache(maxsize=4096)
def _month(word: str) -> int | None:
    """Number of a month by its name or a short form of it; None for any other word."""
    data = _absolute_parser().get_date_data(f"15 {word.rstrip('.').lower()} 2020")
    return data.date_obj.month if data.date_obj and data.date_obj.day == 15 else None


@lru_cache(maxsize=1)
def _absolute_parser() -> Any:
    from dateparser.date import DateDataParser

    settings = {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]}
    return DateDataParser(languages=list(LANGUAGES), settings=settings)


@lru_cache(maxsize=1)
def _weekdays() -> dict[str, int]:
    from babel import Locale

    names = dict(_WEEKDAY_FORMS)
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for number, name in Locale.parse(language).days[context]["wide"].items():
                names[name.lower()] = number
    return names


def _weekday(word: str) -> int | None:
    return _weekdays().get(word)


def is_calendar_word(word: str) -> bool:
    """Whether it is the name of a month or a weekday, in any of the languages."""
    return _weekday(word.lower()) is not None or _month(word) is not None


def _local_days(published: When) -> list[dt.date]:
    """The days that it may have been where the text was written."""
    if published.zone is None:
        return [published.start.date()]
    low, high = published.start, published.start
    with contextlib.suppress(OverflowError):
        low, high = low - LATEST_ZONE, high + EARLIEST_ZONE
    days = (high.date() - low.date()).days
    return [low.date() + number * _DAY for number in range(days + 1)]


def _yearless(month: int, day: int, published: When) -> tuple[When, ...]:
    """The last such day before the publication, if it is not long ago."""
    latest = _local_days(published)[-1]
    for year in (latest.year, latest.year - 1):
        when = _day(year, month, day)
        if when and when.start.date() <= latest:
            near = latest - when.start.date() <= YEARLESS_DAYS * _DAY
            return (when,) if near else ()
    return ()


def _day(year: int, month: int, day: int) -> When | None:
    try:
        return When(dt.datetime(year, month, day), "day")
    except ValueError:  # the 31st of June, the 13th month of the other order
        return None


def _months(year: int, month: int) -> tuple[When, ...]:
    return (When(dt.datetime(year, month, 1), "month"),)


def _as_days(days: set[dt.date]) -> tuple[When, ...]:
    return tuple(When(dt.datetime(day.year, day.month, day.day), "day") for day in sorted(days))
