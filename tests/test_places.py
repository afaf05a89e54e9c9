"""Places: what a name may mean, whether two of them can be one, and which are found in a text."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.claims.found_places import places_in
from provenance.places import compare, readings
from provenance.places.gazetteer import Spot, country_name, distance, near, neighbours
from provenance.places.gazetteer import named as spots_named

NAMES = (
    *(
        "Kyiv",
        "Kiew",
        "Київ",
        "Lviv, Ukraine",
        "Kherson Oblast",
        "Odesa, Ukraine",
        "Sumy",
        "Bakhmut",
    ),
    *(
        "Russia",
        "Moscow",
        "Khabarovsk, Russia",
        "Crimea",
        "Sevastopol, Russia",
        "Georgia",
        "Tbilisi",
    ),
    *(
        "Atlanta, Georgia",
        "Paris",
        "Paris, Texas",
        "Texas",
        "London",
        "US",
        "UK",
        "England",
        "上海",
    ),
    *("Taipei", "China", "Gaza", "Israel", "Strasbourg", "Kehl", "São Paulo", "Santiago, Chile"),
    *(
        "Valencia",
        "Valencia, Spain",
        "Springfield",
        "nowhere at all",
        "",
        "the border",
        "Berlin-Mitte",
    ),
)
PLACES = st.sampled_from(NAMES)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Kherson, Ukraine", "Russia", "country"),
        ("Kherson", "Ukraine", "same"),
        ("Київ", "Kiev", "same"),
        ("Paris", "Texas", "same"),
        ("Paris, Texas", "France", "country"),
        ("Georgia", "Tbilisi", "same"),
        ("Georgia", "Atlanta", "same"),
        ("Odesa, Ukraine", "Sumy, Ukraine", "region"),
        ("Kyiv Oblast", "Odesa Oblast", "region"),
        ("Bakhmut", "Avdiivka", "town"),
        ("Bucha", "Irpin", "district"),
        ("United States", "United Kingdom", "country"),
        ("US", "USA", "same"),
        ("Sevastopol, Russia", "Ukraine", "same"),
        ("Main Square, Kyiv", "Moscow", "country"),
        ("Berlin-Mitte", "Berlin", "same"),
        ("上海", "北京", "region"),
        ("Deutschland", "Германия", "same"),
        ("the city", "Russia", "unknown"),
        ("Karpatenhof", "Sumy", "words"),
        ("Karpatenhof", "Das Karpatenhof", "unknown"),
    ],
)
def test_two_places_differ_as_far_as_their_nearest_meanings_do(
    one: str, other: str, level: str
) -> None:
    assert compare(one, other).level == level
    assert compare(other, one).level == level


def test_a_distance_is_told_between_towns_only() -> None:
    km = compare("Lviv, Ukraine", "Sumy, Ukraine").km
    assert km == pytest.approx(773, abs=5)
    assert compare("Lviv, Ukraine", "Russia").km is None
    assert compare("Strasbourg", "Kehl").disputed  # the border is in between


@settings(max_examples=50)
@given(PLACES, PLACES)
def test_comparing_is_the_same_from_both_sides_and_a_place_is_itself(one: str, other: str) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.level, there.km, there.disputed) == (back.level, back.km, back.disputed)
    assert not compare(one, one).differ
    assert (there.km is None) or there.km >= 0


@given(PLACES, PLACES)
def test_a_wider_place_never_makes_a_difference_larger(one: str, other: str) -> None:
    """Said less exactly, a place contradicts no more than before."""
    order = ("same", "district", "town", "region", "country")
    spots = readings(one)
    countries = {spot.country for spot in spots}
    if len(countries) != 1 or not readings(other):
        return
    wide = country_name(countries.pop())
    before, after = compare(one, other).level, compare(wide, other).level
    if before in order and after in order:
        assert order.index(after) <= order.index(before)


POSITIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(POSITIONS, POSITIONS)
def test_distances_are_those_on_a_globe(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    a, b = Spot("town", "a", "XX", "", *one), Spot("town", "b", "XX", "", *other)
    km = distance(a, *other)
    assert 0 <= km <= math.pi * 6371.01
    assert km == pytest.approx(distance(b, *one), abs=1e-6)
    assert distance(a, *one) == pytest.approx(0, abs=1e-3)


def test_the_nearest_town_is_found_also_across_the_date_line() -> None:
    town = near(46.47, 30.73)
    assert town
    assert town.country == "UA"
    suva = near(-18.1, 178.5)
    assert suva
    assert suva.country == "FJ"
    assert near(0.0, -140.0) is None
    taveuni = near(-16.8, -179.98)
    assert taveuni is None or taveuni.country == "FJ"


def test_names_are_known_in_other_languages_and_kept_in_all_meanings() -> None:
    assert {spot.label for spot in spots_named("Kiew")} == {"Kyiv, Ukraine"}
    assert {spot.kind for spot in spots_named("Georgia")} == {"country", "region"}
    assert "Paris, Texas, United States" in {spot.label for spot in spots_named("Paris")}
    assert spots_named("Xyzzy") == spots_named("of") == spots_named("") == ()
    assert neighbours("UA", "RU")
    assert not neighbours("UA", "FR")
    assert country_name("QQ") == "QQ"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Soldiers queue near the border in Sumy, Ukraine", ["Sumy, Ukraine"]),
        ("Explosion in Turkey", ["Turkey"]),
        ("Explosion IN TURKEY", ["TURKEY"]),
        ("Soldiers Queue In Sumy Near Border", ["Sumy"]),
        ("near Kharkiv and in Kherson", ["Kharkiv", "Kherson"]),
        ("Hochwasser in Valencia, Spanien", ["Valencia, Spanien"]),
        ("Troops in the Gaza Strip", ["Gaza Strip"]),
        ("Paris, Texas tornado", ["Paris, Texas"]),
        ("Earthquake in Turkey and Syria", ["Turkey", "Syria"]),
        ("Strikes in Gaza, Lebanon and Iran", ["Gaza", "Lebanon", "Iran"]),
        ("in Sumy, Ukraine and Jordan Peterson", ["Sumy, Ukraine"]),
        ("floods in the US", ["US"]),
        ("in New York City on Tuesday", ["New York City"]),
        ("in Paris, in Paris!", ["Paris"]),
    ],
)
def test_places_that_a_text_plainly_names_are_found(text: str, words: list[str]) -> None:
    assert [found.words for found in places_in(text)] == words


@pytest.mark.parametrize(
    "text",
    [
        "Jordan and Chad march on Victory Day",
        "in Michael Jordan's house",
        "in Jordan Peterson's words",
        "in Jordan's garage",
        "North Korean soldiers collect Russia military gear",
        "in Reading Glasses",
        "at Victoria Station",
        "in May, in March 2022, on Tuesday",
        "In Love with you, at Home",
        "a parade in nice weather, reading in bath",
        "in Hope",
        "Sergei Moscow, Russia analyst",
        "",
    ],
)
def test_persons_words_and_longer_names_are_no_places(text: str) -> None:
    assert places_in(text) == []


@given(st.text(max_size=60))
def test_any_text_is_read_for_places_without_complaint(text: str) -> None:
    for found in places_in(f"in {text} near Kyiv, {text}, Ukraine"):
        assert found.words
        assert found.spots


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Syria and Turkey", "Turkey"),
        ("Turkey and Syria", "Turkey"),
        ("Lviv or Kyiv", "Kyiv"),
        ("Kyiv -> Lviv", "Lviv"),
        ("Poland-Belarus border", "Belarus"),
        ("Israel–Lebanon border", "Lebanon"),
        ("Southern Lebanon", "Tyre"),
        ("Northern Cyprus", "Cyprus"),
        ("Congo", "Goma"),
        ("Korea", "Seoul"),
    ],
)
def test_a_place_written_as_several_or_as_a_part_differs_from_none_of_them(
    one: str, other: str
) -> None:
    assert compare(one, other).level == compare(other, one).level == "same"


@pytest.mark.parametrize("wide", ["Africa", "Sahel", "Asia", "Central"])
def test_a_part_of_the_world_is_not_taken_for_a_town_of_that_name(wide: str) -> None:
    assert readings(wide) == ()
    assert places_in(f"Soldiers in {wide}") == []


@pytest.mark.parametrize("nothing", ["unknown", "online", "N/A"])
def test_words_that_say_that_the_place_is_unknown_differ_from_no_place(nothing: str) -> None:
    assert not compare(nothing, "Kyiv").differ


@pytest.mark.parametrize(
    ("place", "state"),
    [("Srinagar", "Pakistan"), ("Majdal Shams", "Israel"), ("Belfast", "Ireland")],
)
def test_what_two_states_call_theirs_is_disputed(place: str, state: str) -> None:
    assert compare(place, state).disputed


def test_two_countries_are_not_compared_as_two_towns_of_a_third() -> None:
    assert compare("Lebanon", "Brazil").level == "country"
    assert compare("Macedonia", "Greece").level == "country"
    assert compare("Lebanon", "Tennessee").level == "same"


def test_a_place_that_a_text_denies_is_none_that_it_gives() -> None:
    assert [one.words for one in places_in("This is not in Syria but in Iraq")] == ["Iraq"]
    assert places_in("Das ist nicht in Berlin") == []


def test_a_long_text_for_a_place_is_not_gone_through_word_by_word() -> None:
    begun = time.process_time()
    assert compare("Kyiv, Ukraine" + " Aa" * 10_000, "Kyiv").level == "same"
    assert time.process_time() - begun < 5
