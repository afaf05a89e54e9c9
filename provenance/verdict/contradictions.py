"""What speaks against a claim besides dates, and for it: places, names, the file's own data.

Each is a reason with its weight (`rules`) and what it rests on. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provenance.dates import When, spoken
from provenance.metadata.moments import exif_moment, read_moment
from provenance.metadata.positions import Position, exif_position, parse_iso6709
from provenance.models import Appearance, Claim, Match, Metadata, Reason, Source
from provenance.places.comparing import Comparison, compare, compare_spots, readings
from provenance.places.gazetteer import Spot, country_name, near
from provenance.verdict import wording
from provenance.verdict.reasons import Sighting, is_the_source_itself
from provenance.verdict.rules import weighed
from provenance.verdict.wording import Limit, plain, quoted

SAME_DESCRIPTION = 0.34
"""Share of the telling words of the shorter of two titles that makes them one description."""
FITS_KM = 50.0
"""A file's position so near to a claimed town fits it."""
_SMALL_WORDS = 3
"""Letters of a word that tells nothing: "the", "and", "von"."""
_RECORDED = ("com.apple.quicktime.creationdate", "creation_time")
_FORGED = "Anyone can write or change what a file says of itself."
_WHICH = {
    "claim": "the words of the claim",
    "title": "the title of the download",
    "description": "the description of the download",
}


def found_reasons(claim: Claim | None) -> list[Reason]:
    """What of the claim was found in words, and in which."""
    reasons = []
    for field, kind in (("date", "claim_date_found"), ("place", "claim_place_found")):
        found = [one for one in claim.found if one.field == field] if claim else []
        if not found:
            continue
        where = found[0].source
        words = wording.joined([quoted(one.words) for one in found])
        options = list(dict.fromkeys(value for one in found for value in one.values))
        shown = [spoken(When.parse(o)) for o in options] if field == "date" else options
        told = _either([plain(text) for text in shown])
        counted = next((one.counted_from for one in found if one.counted_from), None)
        since = f", counted from {spoken(When.parse(counted))}" if counted else ""
        text = (
            f"No {field} was given; {words} in {_WHICH[where]} was read as {told}{since}. "
            f"Give --claim-{field} where that is not what is meant."
        )
        reasons.append(weighed(kind, text, case=where, source=f"words of the {where}"))
    return reasons


def place_reasons(source: Source, claim: Claim | None, main: Match) -> list[Reason]:
    """The footage is known from another place than the claimed one, or from the same.

    It differs only where every place that it is known from does.
    """
    known = [
        appearance
        for footage in (main.footage, *(linked.footage for linked in main.linked))
        for appearance in footage.appearances
        if appearance.place and not is_the_source_itself(appearance, source)
    ]
    if not claim or not claim.place or not known:
        return []
    found = any(one.field == "place" for one in claim.found)
    compared = [(one, _least(one.place or "", _claimed(claim))) for one in known]
    told = [(one, result) for one, result in compared if result.level != "unknown"]
    agree = [(one, result) for one, result in told if not result.differ]
    if agree:
        return _agreement(claim, agree[0], found=found) if len(agree) == len(told) else []
    if not told or len(told) < len(compared):
        return []
    one, result = min(told, key=lambda pair: (_ORDER.index(pair[1].level), pair[1].km or 0.0))
    text = (
        f"The footage is known from {plain(one.place or '')}; it is claimed for "
        f"{plain(claim.place)}. {_difference(result)}"
    )
    case = "disputed" if result.disputed else result.level
    return [weighed("place_differs", text, case=case, source=_rests_on(one), found=found)]


def description_reasons(
    source: Source, claim: Claim | None, sight: Sighting | None
) -> list[Reason]:
    """The footage was published under another title, or by somebody else: both, side by side."""
    if sight is None:
        return []
    reasons = []
    here, there = (claim.text if claim else None) or source.title, sight.appearance.title
    if here and there and not _alike(here, there):
        text = (
            f"It was published as {quoted(there)}{_in_year(sight)}; here it is shown as "
            f"{quoted(here)}. Read both: they may say the same in other words."
        )
        reasons.append(weighed("other_description", text, source=_rests_on(sight.appearance)))
    one, other = source.uploader, sight.appearance.uploader
    if one and other and one.casefold().strip() != other.casefold().strip():
        text = f"It was published by {plain(other)} there, by {plain(one)} here."
        reasons.append(weighed("other_uploader", text, source=_rests_on(sight.appearance)))
    return reasons


def file_reasons(
    metadata: Metadata | None, claim: Claim | None, claimed: Limit | None
) -> list[Reason]:
    """The checked file's own date and position lie outside of the claim, or fit it."""
    if metadata is None:
        return []
    reasons = []
    if claimed and (dated := next(iter(_recorded(metadata)), None)):
        reasons += _of_file_date(*dated, claimed)
    if claim and claim.place and (placed := next(iter(_positions(metadata)), None)):
        reasons += _of_file_place(*placed, claim)
    return reasons


_ORDER = ("same", "district", "town", "region", "country", "words", "unknown")


def _claimed(claim: Claim) -> list[str]:
    """The claimed place, or all that were found."""
    found = [one.words for one in claim.found if one.field == "place"]
    return found or [claim.place or ""]


def _least(known: str, claimed: Sequence[str]) -> Comparison:
    """The comparison with the claimed place that is nearest."""
    return min(
        (compare(known, place) for place in claimed),
        key=lambda result: (_NEAREST.index(result.level), result.km or 0.0),
    )


_NEAREST = ("same", "unknown", "words", "district", "town", "region", "country")


def _agreement(claim: Claim, pair: tuple[Appearance, Comparison], *, found: bool) -> list[Reason]:
    one, result = pair
    exact = result.exact
    agree = "which is the claimed place" if exact else "which agrees with"
    text = (
        f"The footage is known from {plain(one.place or '')}, {agree}"
        f"{'' if exact else ' the claimed place'} ({plain(claim.place or '')})."
    )
    case = "exact" if exact else "within"
    return [weighed("place_agrees", text, case=case, source=_rests_on(one), found=found)]


def _difference(result: Comparison) -> str:
    if result.level == "words":
        return "Only the words were compared: one place may lie within the other."
    ones, others = _countries(result.ones), _countries(result.others)
    told = {
        "country": f"These lie in different countries ({ones}; {others})",
        "region": "These lie in different regions of one country",
        "town": "These are different places of one region",
        "district": "These are neighbouring places, or parts of one town",
    }[result.level]
    km = "" if result.km is None else f", {_km(result.km)} apart"
    several = any(_several_towns(spots) for spots in (result.ones, result.others))
    whichever = " or further" if several and km else ""
    end = f"{told}{km}{whichever}."
    if result.disputed:
        end += " The border between them is near, or both states call the place theirs."
    return end


def _several_towns(spots: Sequence[Spot]) -> bool:
    return sum(spot.kind == "town" for spot in spots) > 1


def _km(km: float) -> str:
    return f"{km:,.0f} km" if km >= 1 else "less than 1 km"


def _countries(spots: Sequence[Spot]) -> str:
    return _either(list(dict.fromkeys(country_name(spot.country) for spot in spots))[:4])


def _either(options: Sequence[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return " or ".join(filter(None, [", ".join(options[:-1]), *options[-1:]]))


def _rests_on(appearance: Appearance) -> str:
    return f"archive: appearance {appearance.id}"


def _in_year(sight: Sighting) -> str:
    return f" in {sight.published.start.year}"


def _alike(one: str, other: str) -> bool:
    ones, others = _telling(one), _telling(other)
    if not ones or not others:
        return True  # nothing to tell them apart by
    return len(ones & others) >= SAME_DESCRIPTION * min(len(ones), len(others))


def _telling(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return frozenset(word for word in words if len(word) > _SMALL_WORDS)


def _recorded(metadata: Metadata) -> Iterator[tuple[When, str]]:
    """(date of recording without its zone, the tag it stands in), the most exact first."""
    exif = metadata.exif
    for name, offset in (("EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal"),):
        if when := exif_moment(exif, name, offset):
            yield _zoneless(when), f"EXIF: {name}"
    for wanted in _RECORDED:
        for name, value in _own(metadata.container):
            if name == wanted and (when := read_moment(value)):
                yield _zoneless(when), f"container: {name}"


def _own(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name.lower(), str(value)) for name, value in container.items())


def _zoneless(when: When) -> When:
    """Devices write local time where UTC belongs, so that the zone is not believed."""
    start = when.start
    if when.zone not in (
        None,
        "Z",
    ):  # told with its offset: back to the clock that it was read from
        sign = -1 if when.zone.startswith("-") else 1
        shift = dt.timedelta(hours=int(when.zone[1:3]), minutes=int(when.zone[4:6])) * sign
        start += shift
    return When(start, when.precision)


def _of_file_date(when: When, tag: str, claimed: Limit) -> list[Reason]:
    found = bool(claimed.found)
    if when.is_before(claimed.first):
        text = (
            f"The file says that it was recorded on {spoken(replace(when, precision='day'))}, "
            f"{wording.lead(when, claimed)} ({claimed.dates}). {_FORGED}"
        )
        return [weighed("file_predates_claim", text, source=tag, found=found)]
    if not claimed.last.is_before(when):
        text = (
            f"The file says that it was recorded on {spoken(replace(when, precision='day'))}, "
            f"which fits {claimed.noun} ({claimed.dates}). {_FORGED}"
        )
        return [weighed("file_date_fits", text, source=tag, found=found)]
    return []  # written later, as every copy is


def _positions(metadata: Metadata) -> Iterator[tuple[Position, str]]:
    if position := exif_position(metadata.exif):
        yield position, "EXIF: GPS GPSLatitude"
    for name, value in _own(metadata.container):
        if (name.endswith("location.iso6709") or name.split("-")[0] == "location") and (
            position := parse_iso6709(value)
        ):
            yield position, f"container: {name}"


def _of_file_place(position: Position, tag: str, claim: Claim) -> list[Reason]:
    spot = near(position.latitude, position.longitude)
    claimed = [one for place in _claimed(claim) for one in readings(place)]
    if spot is None or not claimed:
        return []
    # The nearest town stands for the position, which is kept for distances.
    here = replace(spot, latitude=position.latitude, longitude=position.longitude)
    result = compare_spots((here,), claimed)
    found = any(one.field == "place" for one in claim.found)
    where = f"The file gives the position {position}, near {plain(spot.label)}"
    if not result.differ or result.level == "district" or (result.km or FITS_KM) < FITS_KM:
        text = f"{where}, which fits the claimed place ({plain(claim.place or '')}). {_FORGED}"
        return [weighed("file_place_fits", text, source=tag, found=found)]
    text = f"{where}; it is claimed for {plain(claim.place or '')}. {_difference(result)} {_FORGED}"
    case = "region" if result.disputed else result.level
    return [weighed("file_place_differs", text, case=case, source=tag, found=found)]
