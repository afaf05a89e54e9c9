"""Dates in free text: found where they are plain, in all their meanings, and never one too late."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.claims.found_dates import dates_in, is_calendar_word, span_of
from provenance.dates import EARLIEST_ZONE, LATEST_ZONE, When

WEDNESDAY = When.parse("2024-10-30T07:12:00Z")
DAY = dt.timedelta(days=1)
ENGLISH = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read(text: str, published: When | None = WEDNESDAY) -> list[tuple[str, list[str]]]:
    return [(f.words, [o.value for o in f.options]) for f in dates_in(text, published)]


@pytest.mark.parametrize(
    ("text", "words", "dates"),
    [
        ("North Korean soldiers on 29 October 2024 in Russia", "29 October 2024", ["2024-10-29"]),
        ("Oct 29, 2024: crash", "Oct 29, 2024", ["2024-10-29"]),
        ("(2024-10-29)", "2024-10-29", ["2024-10-29"]),
        ("Parade am 29. Oktober 2024 in Kiew", "29. Oktober 2024", ["2024-10-29"]),
        ("el 29 de octubre de 2024", "29 de octubre de 2024", ["2024-10-29"]),
        ("Взрыв 29 октября 2024 года", "29 октября 2024", ["2024-10-29"]),
        ("29 жовтня 2024 року", "29 жовтня 2024", ["2024-10-29"]),
        ("29 Ekim 2024", "29 Ekim 2024", ["2024-10-29"]),
        ("2024年3月4日", "2024年3月4日", ["2024-03-04"]),
        ("12.05.2024", "12.05.2024", ["2024-05-12"]),
        ("Flood in our town 03/04/2022", "03/04/2022", ["2022-03-04", "2022-04-03"]),
        ("10-29-2024", "10-29-2024", ["2024-10-29"]),
        ("Flood in October 2024", "October 2024", ["2024-10"]),
        ("Flood on 29 October.", "on 29 October", ["2024-10-29"]),
        ("They march on Tuesday", "on Tuesday", ["2024-10-22", "2024-10-29"]),
        ("last Tuesday", "last Tuesday", ["2024-10-22", "2024-10-29"]),
        ("mardi dernier", "mardi dernier", ["2024-10-22", "2024-10-29"]),
        ("во вторник в Киеве", "во вторник", ["2024-10-22", "2024-10-29"]),
        ("Explosion hier à Paris", "hier", ["2024-10-28", "2024-10-29"]),
        ("Shared as a flood of 29 October 2024", "29 October 2024", ["2024-10-29"]),
        ("A tweet claims that it burnt on 29 October 2024", "29 October 2024", ["2024-10-29"]),
        (
            "It broke on 28 October 2024, officials said on Tuesday",
            "28 October 2024",
            ["2024-10-28"],
        ),
        ("Flood on 29 October 2024. Shared by many", "29 October 2024", ["2024-10-29"]),
        ("Today in Kyiv", "Today", ["2024-10-29", "2024-10-30"]),
        ("It burned ever since. On 29 October 2024 it fell", "29 October 2024", ["2024-10-29"]),
        ("Blast on 29 October 2024 before dawn", "29 October 2024", ["2024-10-29"]),
        ("Rain on 29 October 2024 after midnight", "29 October 2024", ["2024-10-29"]),
        ("Enchente no dia 29 de outubro de 2024", "29 de outubro de 2024", ["2024-10-29"]),
        ("Explosion ayer en Madrid", "ayer", ["2024-10-28", "2024-10-29"]),
        ("Erdbeben vor 3 Tagen", "vor 3 Tagen", ["2024-10-26", "2024-10-27"]),
        ("il y a deux jours", "il y a deux jours", ["2024-10-27", "2024-10-28"]),
        ("explosion last night", "last night", ["2024-10-28", "2024-10-29", "2024-10-30"]),
        ("Troops came last week", "last week", ["2024-10-19", "2024-10-27"]),
    ],
)
def test_plain_dates_are_found_with_all_that_they_may_mean(
    text: str, words: str, dates: list[str]
) -> None:
    assert read(text) == [(words, dates)]


@pytest.mark.parametrize(
    "text",
    [
        "Soldiers may march near the border",
        "May and April March, with June",
        "World Cup 2022 final",
        "Documentary: the year 1999",
        "since 24 February 2022 the war",
        "Updated 3 May 2024",
        "until Tuesday, 29 October 2024",
        "It was not in May 2024 that it burned",
        "never on 28 October 2024",
        "Antes do dia 29 de outubro de 2024",
        "© 3 May 2024",
        "Posted 3 days ago",
        "live on 5 November 2024",
        "tomorrow, next week, on the last day of the war",
        "2 days of fighting, a week in the trenches",
        "the last week of the war",
        "5 years ago",
        "version 1.2.2024 released",
        "Part 3/12 of 40 second",
        "31 June 2024",
        "They march 15 2023 km",
        "Phone 10-29-2024-55, ratio 16/9",
        "USA Today reports a flood",
        "Video posted to TikTok on 28 October 2024 shows a flood",
        "Uploaded to YouTube on 28 October 2024: Beirut blast",
        "On 28 October 2024, a user shared a video of a flood",
        "A tweet from 28 October 2024",
        "Am 28. Oktober 2024 auf Facebook geteilt",
        "Publicado en Facebook el 28 de octubre de 2024",
        "Опубликовано в Telegram 28 октября 2024",
        "Russia Today: explosion",
        "This old film went viral today",
        "A rumour that was shared on Tuesday",
        "The ministry said on Monday that troops crossed the border",
        "Officials told reporters on 28 October 2024 that a dam broke",
        "Министерство сообщило в понедельник о взрыве",
        "Hier in Berlin brennt es",
        "Zie hier een brand",
        "",
    ],
)
def test_what_is_no_date_of_the_event_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_nothing_relative_is_found_where_nobody_knows_when_it_was_said() -> None:
    text = "Yesterday, on Tuesday, last week, on 29 October"
    assert read(text, None) == read(text, When.parse("2024-10")) == []
    assert read("on 29 October 2024", None) == [("29 October 2024", ["2024-10-29"])]


def test_a_meaning_that_lies_after_the_publication_is_none() -> None:
    assert read("03/04/2022", When.parse("2022-03-10")) == [("03/04/2022", ["2022-03-04"])]


def test_several_dates_span_from_the_first_to_the_last_of_all_their_meanings() -> None:
    found = dates_in("From 1 May 2022 on 03/04/2023 and in June 2022", None)
    assert len(found) == 3
    span = span_of(found)
    assert span
    assert [when.value for when in span] == ["2022-05-01", "2023-04-03"]
    assert span_of([]) is None


@pytest.mark.parametrize("published", ["0001-01-01", "9999-12-31T23:59:59Z"])
def test_a_publication_at_the_end_of_the_calendar_makes_no_trouble(published: str) -> None:
    read("yesterday, last Monday, this week, on Friday, last month", When.parse(published))


def test_months_and_weekdays_are_known_in_several_languages() -> None:
    for word in ("May", "March", "Dienstag", "октября", "mercredi", "Ekim"):
        assert is_calendar_word(word)
    for word in ("Mayor", "Marching", "Tues", "Chad"):
        assert not is_calendar_word(word)


PHRASES = (("today", 0), ("yesterday", 1), ("3 days ago", 3), ("gestern", 1), ("hace 2 dias", 2))
DATES = st.dates(dt.date(1850, 1, 1), dt.date(2098, 12, 31))
MOMENTS = st.datetimes(dt.datetime(1850, 1, 2), dt.datetime(2098, 12, 30))
ZONES = st.integers(
    -LATEST_ZONE // dt.timedelta(minutes=15), EARLIEST_ZONE // dt.timedelta(minutes=15)
)


def local_day(moment: dt.datetime, quarters: int) -> dt.date:
    """The day where the clock is so many quarters of an hour ahead of UTC."""
    return (moment + quarters * dt.timedelta(minutes=15)).date()


def meant(text: str, moment: dt.datetime) -> list[When]:
    published = When(moment, "second", "Z")
    (found,) = dates_in(text, published)
    return list(found.options)


@given(DATES)
def test_a_whole_date_is_itself_in_every_form(date: dt.date) -> None:
    month = ENGLISH[date.month - 1]
    for text in (
        date.isoformat(),
        f"Flood, {date.day} {month} {date.year}.",
        f"{month} {date.day}, {date.year}: flood",
        f"flood on {date.day:02d}.{date.month:02d}.{date.year} here",
    ):
        assert [options for _, options in read(text, None)] == [[date.isoformat()]], text


@given(DATES)
def test_a_date_of_numbers_keeps_both_orders_and_its_truth_among_them(date: dt.date) -> None:
    for text in (
        f"{date.day}/{date.month}/{date.year}",
        f"{date.month:02d}-{date.day:02d}-{date.year}",
    ):
        ((_, options),) = read(text, None)
        assert date.isoformat() in options
        assert len(options) == (2 if date.day <= 12 and date.day != date.month else 1)


@given(MOMENTS, ZONES, st.sampled_from(PHRASES))
def test_a_relative_day_holds_for_every_zone_that_it_may_have_been_said_in(
    moment: dt.datetime, zone: int, phrase: tuple[str, int]
) -> None:
    words, days = phrase
    truth = local_day(moment, zone) - days * DAY
    options = meant(f"Flood {words}", moment)
    assert truth.isoformat() in [option.value for option in options]
    assert len(options) <= 3


@given(MOMENTS, ZONES)
def test_a_weekday_holds_the_last_one_and_nothing_that_lies_ahead(
    moment: dt.datetime, zone: int
) -> None:
    here = local_day(moment, zone)
    for back in range(7):
        truth = here - back * DAY
        options = meant(f"Flood on {DAYS[truth.weekday()]}", moment)
        assert truth.isoformat() in [option.value for option in options]
        assert all(option.start.date() <= local_day(moment, 56) for option in options)
        assert options[-1].start - options[0].start <= 14 * DAY


@given(MOMENTS, ZONES, st.sampled_from(["Monday", "Sunday", "Saturday"]))
def test_last_week_begins_no_later_than_weeks_do_anywhere(
    moment: dt.datetime, zone: int, first_day: str
) -> None:
    here = local_day(moment, zone)
    begun = here - ((here.weekday() - DAYS.index(first_day)) % 7 + 7) * DAY
    assert meant("Flood last week", moment)[0].start.date() <= begun


@settings(max_examples=40)
@given(st.text(max_size=80), st.none() | MOMENTS.map(lambda m: When(m, "second", "Z")))
def test_any_text_is_read_without_complaint_and_nothing_lies_ahead(
    text: str, published: When | None
) -> None:
    for found in dates_in(f"{text} on Tuesday {text} 3/4/2022", published):
        assert found.words
        assert list(found.options) == sorted(found.options, key=lambda o: (o.start, o.end))
        if published:
            assert all(option.earliest < published.latest for option in found.options)


def test_a_leap_day_is_one_and_its_absence_too() -> None:
    assert read("29 February 2024", None) == [("29 February 2024", ["2024-02-29"])]
    assert read("29 February 2023", None) == []
    assert read("Flood yesterday", When.parse("2024-03-01")) == [("yesterday", ["2024-02-29"])]
    assert read("Flood yesterday", When.parse("2023-03-01")) == [("yesterday", ["2023-02-28"])]
