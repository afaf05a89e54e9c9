"""Dates are intervals of instants: what may be called earlier, and what may not."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.dates import EARLIEST_ZONE, LATEST_ZONE, When, spoken
from provenance.errors import UsageError
from provenance.models import Claim

YEARS = st.integers(1, 9999)
ZONES = st.one_of(
    st.just("Z"),
    st.builds(
        lambda minutes: (
            f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        ),
        st.integers(-12 * 60, 14 * 60),
    ),
)


@st.composite
def texts(draw: st.DrawFn, years: st.SearchStrategy[int] = YEARS) -> str:
    """The text of a date of any precision, zoned or not."""
    moment = draw(st.datetimes()).replace(microsecond=0)
    year = draw(years)
    try:
        moment = moment.replace(year=year)
    except ValueError:  # 29 February
        moment = moment.replace(year=year, day=28)
    text = moment.isoformat()
    length = draw(st.sampled_from([4, 7, 10, 19]))
    return text[:length] + (draw(st.none() | ZONES) or "" if length == 19 else "")


def whens(years: st.SearchStrategy[int] = YEARS) -> st.SearchStrategy[When]:
    def read(text: str) -> When | None:
        try:
            return When.parse(text)
        except UsageError:  # a zone may push the first and last hours of the calendar out of it
            assert text.startswith(("0001-01-01T", "9999-12-31T")), text
            return None

    return texts(years).map(read).filter(lambda when: when is not None)  # type: ignore[return-value]


NEAR = whens(st.integers(2023, 2025))
"""Dates so close to one another that comparing them is hard."""
EDGES = whens(st.sampled_from([1, 2, 9998, 9999]))
ANY = whens() | NEAR | EDGES


@given(ANY)
def test_a_date_survives_being_written_and_read(when: When) -> None:
    again = When.parse(when.value)
    assert (again.start, again.precision, again.value) == (when.start, when.precision, when.value)
    assert (again.zone is None) == (when.zone is None)
    assert (again.earliest, again.latest) == (when.earliest, when.latest)


@given(ANY)
def test_a_date_spans_time_and_can_be_spoken(when: When) -> None:
    assert when.earliest < when.latest
    assert when.start < when.end
    assert str(when.start.year) in spoken(when)


@given(ANY)
@example(When.parse("9999-12-31T23:59:59"))
@example(When.parse("9999-12-31T23:59:59Z"))
@example(When.parse("9999"))
@example(When.parse("0001-01-01T00:00:00Z"))
def test_nothing_is_before_itself(when: When) -> None:
    assert not when.is_before(when)
    assert not when.ends_before(when)


@given(ANY, ANY)
def test_two_dates_are_not_each_before_the_other(one: When, other: When) -> None:
    assert not (one.is_before(other) and other.is_before(one))
    assert not (one.ends_before(other) and other.ends_before(one))


@given(st.one_of(st.tuples(NEAR, NEAR, NEAR), st.tuples(ANY, ANY, ANY)))
def test_before_is_transitive(three: tuple[When, When, When]) -> None:
    one, two, three_ = three
    if one.is_before(two) and two.is_before(three_):
        assert one.is_before(three_)


@given(NEAR | EDGES, NEAR | EDGES)
def test_before_leaves_at_most_the_two_uninhabited_hours_open(one: When, other: When) -> None:
    if one.is_before(other):
        assert one.latest - other.earliest <= dt.timedelta(hours=2)
        if one.zone or other.zone:
            assert one.latest <= other.earliest
    else:
        assert one.latest > other.earliest


@given(ANY, ANY)
def test_before_implies_over_by_the_same_clock(one: When, other: When) -> None:
    if one.is_before(other):
        assert one.ends_before(other)


@given(ANY)
def test_a_coarser_date_contains_the_finer_one(when: When) -> None:
    year, month, day = when.value[:4], when.value[:7], when.value[:10]
    for coarse, fine in ((year, month), (month, day), (day, f"{day}T12:34:56")):
        if len(fine) > len(coarse) and (len(when.value) >= 10 or len(fine) <= len(when.value)):
            outer, inner = When.parse(coarse), When.parse(fine)
            assert outer.earliest <= inner.earliest < inner.latest <= outer.latest


@given(st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)), ZONES)
def test_an_instant_lies_within_its_local_day_wherever_that_is(
    moment: dt.datetime, zone: str
) -> None:
    local = moment.replace(microsecond=0).isoformat()
    instant, day = When.parse(local + zone), When.parse(local[:10])
    assert day.earliest <= instant.earliest < instant.latest <= day.latest


@given(st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)), ZONES)
def test_the_zone_shifts_the_instant_and_is_kept(moment: dt.datetime, zone: str) -> None:
    text = moment.replace(microsecond=0).isoformat() + zone
    when = When.parse(text)
    expected = dt.datetime.fromisoformat(text)
    assert when.earliest == expected
    assert when.zone == zone
    assert When.of(expected).earliest == expected


@given(st.text(alphabet="0123456789-:TZ+ .", max_size=30))
def test_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        When.parse(text)
    except UsageError as error:
        assert repr(text) in error.message
        assert error.hint


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_timestamp_is_an_instant_or_refused(seconds: float) -> None:
    try:
        when = When.from_timestamp(seconds)
    except UsageError:
        assert not -62135596800 <= seconds < 253402300800
    else:
        assert (
            0
            <= seconds - (when.earliest - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds()
            <= 1
        )


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2019", "2019", "year"),
        ("2019-05", "2019-05", "month"),
        (" 2019-05-02\n", "2019-05-02", "day"),
        ("20190502", "2019-05-02", "day"),
        ("2020-02-29", "2020-02-29", "day"),
        ("2019-05-02T10:00:00Z", "2019-05-02T10:00:00Z", "second"),
        ("20190502T100000Z", "2019-05-02T10:00:00Z", "second"),
        ("2019-05-02t10:00:00.75z", "2019-05-02T10:00:00Z", "second"),
        ("2019-05-02 01:30:00 +02:00", "2019-05-01T23:30:00Z", "second"),
        ("2019-05-02T01:30:00+0530", "2019-05-01T20:00:00Z", "second"),
        ("2019-05-02T23:30:00-03", "2019-05-03T02:30:00Z", "second"),
        ("2019-05-02T10:00", "2019-05-02T10:00:00", "second"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", "second"),
        ("0001", "0001", "year"),
        ("9999-12-31", "9999-12-31", "day"),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(
    text: str, value: str, precision: str
) -> None:
    when = When.parse(text)
    assert (when.value, when.precision) == (value, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2 May 2019",
        "05/02/2019",
        "19",
        "201905",
        "2019-0502",
        "201905-02",
        "2019-13",
        "2019-00",
        "2019-02-29",
        "2019-05-02T",
        "2019-05-02T24:00:00Z",
        "2019-05-02T10:00:61Z",
        "2019-05-02T10:00:00+15:00",
        "2019-05-02T10:00:00-13:00",
        "2019-05-02T10:00:00+02:60",
        "2019-05-02Z",
        "0000",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:00:00-05:00",
        "٢٠١٩",
    ],
)
def test_what_is_no_date_is_refused_with_examples_of_dates(text: str) -> None:
    with pytest.raises(UsageError, match="is not a date") as caught:
        When.parse(text)
    assert caught.value.exit_code == 2
    assert "2024-10-29" in caught.value.hint


@pytest.mark.parametrize("value", [2024, None, 1.5, ["2024"]])
def test_a_value_of_another_type_is_refused_as_no_date(value: object) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        When.of(value)  # type: ignore[arg-type]


def test_python_dates_become_dates_of_their_precision() -> None:
    east = dt.timezone(dt.timedelta(hours=2))
    odd = dt.timezone(dt.timedelta(minutes=53, seconds=28))
    assert When.of(dt.date(2019, 5, 2)) == When.parse("2019-05-02")
    assert When.of(dt.datetime(2019, 5, 2, 10, 0, 0, 9)) == When.parse("2019-05-02T10:00:00")
    assert When.of(dt.datetime(2019, 5, 2, 10, tzinfo=east)) == When.parse("2019-05-02T10:00+02:00")
    assert When.of(dt.datetime(1890, 1, 1, tzinfo=odd)) == When.parse("1889-12-31T23:06:32Z")
    with pytest.raises(UsageError):
        When.of(dt.datetime(1, 1, 1, tzinfo=east))


def test_a_timestamp_before_1970_keeps_its_second() -> None:
    assert When.from_timestamp(-0.5).value == "1969-12-31T23:59:59Z"
    assert When.from_timestamp(-1).value == "1969-12-31T23:59:59Z"
    assert When.from_timestamp(1556791200.9).value == "2019-05-02T10:00:00Z"


def test_what_lies_below_the_precision_is_cut_off() -> None:
    moment = dt.datetime(2020, 2, 29, 12, 30, 15, 99)
    assert When(moment, "year") == When.parse("2020")
    assert When(moment, "month") == When.parse("2020-02")
    assert When(moment, "day") == When.parse("2020-02-29")
    assert When(moment, "second") == When.parse("2020-02-29T12:30:15")


def test_a_bare_day_spans_every_zone_on_earth() -> None:
    day = When.parse("2024-10-29")
    assert day.earliest == dt.datetime(2024, 10, 28, 10, tzinfo=dt.UTC)
    assert day.latest == dt.datetime(2024, 10, 30, 12, tzinfo=dt.UTC)
    assert day.latest - day.earliest == dt.timedelta(days=1) + EARLIEST_ZONE + LATEST_ZONE


def test_months_and_years_end_where_the_calendar_ends_them() -> None:
    assert When.parse("2023-02").end == dt.datetime(2023, 3, 1)
    assert When.parse("2024-02").end == dt.datetime(2024, 3, 1)
    assert When.parse("2023-12").end == dt.datetime(2024, 1, 1)
    assert When.parse("2024").end == dt.datetime(2025, 1, 1)
    assert When.parse("9999").latest.year == 9999


def test_months_are_spoken_in_english_whatever_the_locale() -> None:
    assert spoken(When.parse("2019")) == "2019"
    assert spoken(When.parse("2019-05")) == "May 2019"
    assert spoken(When.parse("2019-05-02")) == "2 May 2019"
    assert spoken(When.parse("2019-12-31T23:59:59")) == "31 December 2019, 23:59"
    assert spoken(When.parse("2019-05-02T01:30+02:00")) == "1 May 2019, 23:30 UTC"


def test_an_interval_of_a_claim_that_runs_backwards_is_refused_by_a_single_day() -> None:
    with pytest.raises(UsageError, match="before it begins"):
        Claim(date="2024-10-29", date_end="2024-10-28")
    assert Claim(date="2024-10-29", date_end="2024-10-29").date_end
    assert Claim(date="2024-10-29", date_end="2024-10").date_end
