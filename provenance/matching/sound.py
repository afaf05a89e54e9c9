"""Known sound in a source's sound, found apart from the pictures. Pure computation.

    near items of the archive vote for (footage, offset), ten seconds of the source at a time
    -> for the offsets with most votes, the line (offset, speed) on which fewest bits differ
    -> the stretch of that line on which the bits agree better than chance

How many bits agree by chance is not the same everywhere: two noises that hardly change agree in
most. So what counts is Cohen's kappa: the share of the errors that chance would make and that are
not made, chance being reckoned from how often each bit is set nearby in either of the two. Silence
and hum, whose bits never change, leave chance nothing to err in and count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from provenance.crew import checkpoint
from provenance.errors import UnknownFootageError
from provenance.fingerprints.sound import (
    AROUND,
    BITS,
    LIVELY,
    SoundFingerprint,
    bit_rates,
    chance_errors,
    liveliness,
    liveliness_of,
)
from provenance.media.audio import HALF_SPAN, HOP
from provenance.models import Segment, SoundRelation

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.archive.sound_index import SoundHits

WINDOW = 80
"""Items of the source (10 s) that vote together."""
BIN = 8
"""Items; votes for offsets within so many are counted as one. At a speed of 1.1 the offset moves by
so much in a window."""
LEAST_VOTES = 3
LOOKED_AT = 12
"""Offsets with most votes that are looked at, a window."""
LOOKED_UP_AT_ONCE = 480
"""Items of the source (a minute) that are looked up together."""

LOWEST_SPEED, HIGHEST_SPEED, SPEED_STEP = 0.88, 1.15, 0.03
"""Speeds, as a ratio of steps, that one fingerprint of the source is compared at; others are heard
by fingerprinting it again, slower or quicker (`hearing.TEMPOS` and `RATES`)."""
SLACK = 10
"""Items that a line may lie beside the offset that was voted for."""

LEAST_KAPPA = 0.3
"""Where kappa falls below this the stretch ends."""
LEAST_LIVELY = 16
MIDDLE, STEEPNESS = 4.2, 2.0
"""The score is a logistic curve of strength = kappa x sqrt(items). Measured: between 180 sounds
with nothing in common, 60 each of speech, music and street noise of 60 s, and 11 real ones, the
strongest of some 10^8 stretches had 3.7 (the street noises; the others less); the same sound in
another encoding, twelve of them, has at least 4.7 in 6 s, 6.0 in 8 s and 7.2 in 10 s."""
WORTH_A_LOOK = 2.0
"""Strength below which a line is not followed beyond the window in which it was found."""
NATURAL_BONUS = 0.03
"""Share of its gain by which another speed must beat the natural one."""
EDGE = 0.3
"""Seconds beyond the middle of the last item that agrees. An item that is half of one sound and
half of another still agrees better than chance."""
MOST_OF_IT = 0.5
NEARLY_NONE = 0.1
MOST_SEGMENTS = 12
MOST_FOOTAGE = 20

SAME_LINE = 0.5
"""Seconds within which the sound lies on the line of the pictures."""
LINE_SEARCH = 1.5
"""Seconds around the pictures' line in which their sound is looked for: pictures are aligned to a
few tenths of a second, and the sound of many files is shifted by as much."""
ON_THE_LINE = 3.5
"""Strength from which sound near the pictures' line is the same. Few lines are tried there: of 1796
pairs of unrelated sounds the strongest had 3.24."""
TELLING_ITEMS = 40
"""Lively items, on both sides, below which nothing is said against a sound: 6.3 s."""
OTHER_WHOLE, OTHER_PART = 1.4, 1.8
"""Greatest strength near the pictures' line, of all of it and of any part of it, at which the sound
is called another. Measured over 9, 12 and 30 s: of unrelated speech and music nine in ten have at
most 1.0 and 1.3, of street noises 1.4 and 2.4; of sounds that are the same but for 30 % (35 %) of
their bits all of it has 2.2 (1.45) at least. A telephone changes 14 % at worst."""
RULED_OUT_WHOLE, RULED_OUT_PART = 1.9, 2.5
"""As `OTHER_WHOLE` and `OTHER_PART`, for one of many pitches at which the sounds are compared: the
greatest that unrelated speech, music and real sounds reached, but for one in a hundred."""


_ROOM = 1 << 26  # added to offsets, which may be negative
_ROUNDS = 16
_AT_END = 2  # items


class KnownSound(Protocol):
    """What matching sound needs of an archive."""

    def search_sound(self, codes: npt.NDArray[np.uint32]) -> SoundHits:
        """Known items that are near."""

    def sound(self, footage_id: int) -> SoundFingerprint | None:
        """The sound of a footage. Raises UnknownFootageError."""


@dataclass(frozen=True)
class FoundSound:
    """Known footage whose sound the source holds; best segment first."""

    footage: int
    score: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class _Line:
    """Item k of the source, `first` to `last`, is item `offset` + `slope` x k of the footage."""

    footage: int
    offset: float
    slope: float
    first: int
    last: int
    kappa: float = 0.0
    lively: int = 0

    @property
    def strength(self) -> float:
        return self.kappa * float(np.sqrt(self.lively))

    def passes(self, offset: float, first: int) -> bool:
        """Whether it holds this offset in the window that begins with item `first`."""
        middle = first + WINDOW / 2
        near = abs(self.offset + (self.slope - 1) * middle - offset) <= SLACK
        return near and self.first <= middle <= self.last


class _Track:
    """The items of one sound with what is counted of them."""

    def __init__(self, fingerprint: SoundFingerprint) -> None:
        self.codes = fingerprint.codes
        self.start, self.step = fingerprint.start, fingerprint.step
        self.half = HALF_SPAN * self.step / HOP

    def seconds(self, item: Any) -> Any:
        """The middle of what an item, or each of several, stands for."""
        return self.start + item * self.step

    def rates(self, item: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """(N, 32) bit rates of these items. Reckoned for what lies about them alone: of known
        films a window or two is looked at, and they are hours long."""
        if not len(item):
            return np.zeros((0, BITS), np.float32)
        first = max(0, int(item.min()) - AROUND)
        return bit_rates(self.codes[first : int(item.max()) + AROUND + 1])[item - first]


def find_sound(query: SoundFingerprint, archive: KnownSound) -> list[FoundSound]:
    """Footage whose sound is heard in the source, best first; also what is too weak to accept."""
    track = _Track(query)
    known: dict[int, _Track | None] = {}
    found: dict[int, list[_Line]] = {}
    for footage, offset, first in _candidates(query.codes, archive):
        checkpoint()
        if footage not in known:
            known[footage] = _known_track(archive, footage)
        reference, lines = known[footage], found.setdefault(footage, [])
        if reference is None or any(line.passes(offset, first) for line in lines):
            continue
        if (line := _look(track, reference, footage, offset, first)) and (
            whole := _stretch(track, reference, line)
        ):
            lines.append(whole)
    results = []
    for footage, lines in found.items():
        reference = known[footage]
        kept: list[_Line] = []
        for line in sorted(lines, key=lambda line: -line.strength)[: 4 * MOST_SEGMENTS]:
            if not any(_overlap(line, other) for other in kept):
                kept.append(line)
        if reference is not None and kept:
            segments = tuple(_segment(track, reference, line) for line in kept[:MOST_SEGMENTS])
            results.append(FoundSound(footage, segments[0].score, segments))
    return sorted(results, key=lambda result: -result.score)[:MOST_FOOTAGE]


def merge_sounds(parts: Sequence[Sequence[FoundSound]]) -> list[FoundSound]:
    """What several fingerprints of one source found; of the same seconds the best."""
    segments: dict[int, list[Segment]] = {}
    for found in sorted((f for part in parts for f in part), key=lambda f: -f.score):
        kept = segments.setdefault(found.footage, [])
        kept += [s for s in found.segments if not any(_overlap_seconds(s, o) > 0.5 for o in kept)]
    return [FoundSound(f, max(s.score for s in kept), tuple(kept)) for f, kept in segments.items()]


def relation(  # noqa: PLR0911 - one answer a line, the surest first
    query: Sequence[SoundFingerprint],
    reference: SoundFingerprint,
    segment: Segment,
    found: Sequence[Segment] = (),
) -> SoundRelation:
    """Whether seconds whose pictures match carry the footage's own sound.

    Args:
        query: fingerprints of the source, as it is and at other speeds and pitches.
        segment: seconds of the source whose pictures are seconds of the footage.
        found: where `find_sound` found this footage's sound in the source.

    Returns:
        "other" only where both are lively for long enough and nothing near the pictures' line
        agrees any better than chance would; "unknown" wherever that is in doubt.
    """
    if segment.reversed:
        return "unknown"
    track = _Track(reference)
    heard = [_along(_Track(fingerprint), track, segment) for fingerprint in query]
    best = max(heard, key=lambda one: one.strength, default=None)
    if best is None or best.items < LEAST_LIVELY:
        return "unknown"
    if best.strength >= ON_THE_LINE:
        return "same" if abs(best.shift) <= SAME_LINE else "shifted"
    heard_there = [s for s in found if _overlap_seconds(segment, s) >= MOST_OF_IT]
    if heard_there:  # at another pitch, or from another moment
        beside = min(abs(_beside(segment, other)) for other in heard_there)
        return "same" if beside <= SAME_LINE else "shifted"
    plain = max(heard, key=lambda one: one.items)
    if plain.lively_here < NEARLY_NONE * plain.items and plain.lively_there >= LEAST_LIVELY:
        return "source_silent"
    if plain.lively_there < NEARLY_NONE * plain.items and plain.lively_here >= LEAST_LIVELY:
        return "footage_silent"
    if min(plain.lively_here, plain.lively_there) < TELLING_ITEMS:
        return "unknown"
    whole = max(one.whole for one in heard)
    return "other" if whole <= OTHER_WHOLE and best.strength <= OTHER_PART else "unknown"


def resembles(query: SoundFingerprint, reference: SoundFingerprint, segment: Segment) -> bool:
    """Whether the sounds agree near the pictures' line better than a dozen tries do by chance."""
    heard = _along(_Track(query), _Track(reference), segment)
    return heard.whole > RULED_OUT_WHOLE or heard.strength > RULED_OUT_PART


@dataclass(frozen=True)
class _Along:
    """What is heard along the pictures' line: lively items of both, the strength of the best part
    of the line near it on which most bits agree, and of all of that line."""

    items: int
    lively_here: int
    lively_there: int
    strength: float
    whole: float
    shift: float


def _along(query: _Track, reference: _Track, segment: Segment) -> _Along:
    middles = query.seconds(np.arange(len(query.codes)))
    inside = np.nonzero(
        (middles >= segment.query_start + EDGE) & (middles <= segment.query_end - EDGE)
    )[0]
    slope = segment.speed * query.step / reference.step
    if not len(inside) or not LOWEST_SPEED <= slope <= HIGHEST_SPEED:
        return _Along(0, 0, 0, 0.0, 0.0, 0.0)
    seconds = segment.reference_start + (middles - segment.query_start) * segment.speed
    first, last = int(inside[0]), int(inside[-1])
    items = (seconds - reference.start) / reference.step
    reach = LINE_SEARCH / reference.step
    line = _fitted(
        query,
        reference,
        _Line(0, float(items[0]), slope, first, last),
        slopes=slope * np.linspace(0.98, 1.02, 5),
        shifts=np.arange(-reach, reach + 0.5, 0.5),
    )
    there = np.clip(np.round(items[inside]).astype(int), 0, len(reference.codes) - 1)
    known = (items[inside] >= 0) & (items[inside] <= len(reference.codes) - 1)
    here_lively = liveliness_of(query.rates(inside)) >= LIVELY
    there_lively = (liveliness_of(reference.rates(there)) >= LIVELY) & known
    part = _best_run(query, reference, line, first, last)
    middle = (first + last) / 2
    shift = (line.offset + line.slope * middle - items[0] - slope * middle) * reference.step
    return _Along(
        int(known.sum()),
        int((here_lively & known).sum()),
        int(there_lively.sum()),
        part.strength if part else 0.0,
        _Errors(query, reference, line, first, last).as_whole(),
        float(shift),
    )


def _candidates(
    codes: npt.NDArray[np.uint32], archive: KnownSound
) -> Iterator[tuple[int, int, int]]:
    """(footage, offset in items, first item of the window) that near items vote for."""
    lively = np.nonzero(liveliness(codes) >= LIVELY)[0]
    for start in range(0, len(codes), LOOKED_UP_AT_ONCE):
        chosen = lively[(lively >= start) & (lively < start + LOOKED_UP_AT_ONCE + WINDOW // 2)]
        if not len(chosen):
            continue
        hits = archive.search_sound(codes[chosen])
        item = chosen[hits.query]
        offset = hits.item - item + _ROOM
        for first in range(start, start + LOOKED_UP_AT_ONCE, WINDOW // 2):
            here = (item >= first) & (item < first + WINDOW)
            yield from (
                (footage, place - _ROOM, first)
                for footage, place in _voted(hits.footage[here], offset[here], item[here])
            )


def _voted(
    footage: npt.NDArray[np.int64], offset: npt.NDArray[np.int64], item: npt.NDArray[np.int64]
) -> list[tuple[int, int]]:
    """(footage, offset) with most votes; an item votes once for an offset."""
    keys, votes = [], []
    for phase in (0, BIN // 2):
        ballots = ((footage << 32) | ((offset + phase) // BIN)) << 8 | item % WINDOW
        key, count = _counted(_counted(ballots)[0] >> 8)
        enough = count >= LEAST_VOTES
        keys.append(
            (key[enough] & ~np.int64(0xFFFFFFFF))
            | ((key[enough] & 0xFFFFFFFF) * BIN + BIN // 2 - phase)
        )
        votes.append(count[enough])
    places, counts = np.concatenate(keys), np.concatenate(votes)
    chosen = places[np.argsort(-counts, kind="stable")[:LOOKED_AT]]
    return [(int(place >> 32), int(place & 0xFFFFFFFF)) for place in chosen]


def _counted(
    values: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """The different values, rising, and how often each is there. Sorting is several times as quick
    as numpy.unique where so many are different."""
    values = np.sort(values)
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[: len(values)])
    return values[first], np.diff(first, append=len(values))


def _look(query: _Track, reference: _Track, footage: int, offset: int, first: int) -> _Line | None:
    """The best line near an offset over one window; None where it is no better than chance."""
    last = min(first + WINDOW, len(query.codes)) - 1
    slopes = np.arange(LOWEST_SPEED, HIGHEST_SPEED + SPEED_STEP / 2, SPEED_STEP)
    start = _Line(footage, offset, 1.0, first, last)
    line = _fitted(query, reference, start, slopes, np.arange(-SLACK, SLACK + 1.0))
    part = _best_run(query, reference, line, first, last)
    return part if part and part.strength >= WORTH_A_LOOK else None


def _stretch(query: _Track, reference: _Track, line: _Line) -> _Line | None:
    """The line followed as far as it holds, in the whole source."""
    for _ in range(_ROUNDS):
        fine = np.arange(-4, 5) / max(line.last - line.first, 1)
        fitted = _fitted(query, reference, line, line.slope + fine, np.arange(-1.5, 2.0, 0.5))
        # What is looked at doubles at least each time: a source may last for hours.
        reach = max(2 * WINDOW, line.last - line.first)
        first, last = max(0, line.first - reach), line.last + reach
        part = _best_run(query, reference, fitted, first, min(last, len(query.codes) - 1))
        if part is None or (part.first, part.last) == (line.first, line.last):
            return part
        line = part
    return line


def _fitted(
    query: _Track,
    reference: _Track,
    line: _Line,
    slopes: npt.NDArray[np.float64],
    shifts: npt.NDArray[np.float64],
) -> _Line:
    """Of the lines turned and shifted about the middle of this one's stretch, the one on which
    fewest bits differ. The natural speed is taken unless another is clearly better."""
    item = np.arange(line.first, line.last + 1)
    middle = (line.first + line.last) / 2
    natural = query.step / reference.step
    if abs(natural - line.slope) <= np.abs(slopes - line.slope).max():
        slopes = np.append(slopes, natural)
    centre = line.offset + line.slope * middle
    slope, shift = (grid.ravel() for grid in np.meshgrid(slopes, shifts, indexing="ij"))
    places = np.round((centre + shift)[:, None] + slope[:, None] * (item - middle)).astype(np.int64)
    known = (places >= 0) & (places < len(reference.codes))
    codes = reference.codes[np.clip(places, 0, len(reference.codes) - 1)]
    errors = np.bitwise_count(codes ^ query.codes[item]).astype(np.int64)
    gained = np.where(known, BITS // 2 - errors, 0).sum(axis=1)
    gained = gained + np.where(slope == natural, NATURAL_BONUS * np.abs(gained), 0.0)
    best = int(np.argmax(gained))
    offset = centre + shift[best] - slope[best] * middle
    return replace(line, offset=float(offset), slope=float(slope[best]))


def _best_run(query: _Track, reference: _Track, line: _Line, first: int, last: int) -> _Line | None:
    """The part of a line, within items `first` to `last`, in which bits agree better than chance.

    The contiguous part with the greatest sum of gains (J. Kadane), a gain being what is left of
    the errors that chance would make when `LEAST_KAPPA` and the errors made are taken off.
    """
    met = _Errors(query, reference, line, first, last)
    gains = np.where(met.lively, (1 - LEAST_KAPPA) * met.chance - met.made, 0.0)
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    start = int(np.nonzero(sums[: end + 1] == lowest[end])[0][-1])
    if end <= start:
        return None
    kappa, lively = met.kappa(start, end)
    return replace(
        line, first=int(met.item[start]), last=int(met.item[end - 1]), kappa=kappa, lively=lively
    )


class _Errors:
    """Along a line, for each item of the source that has one of the footage: the share of bits in
    which they differ, and in which chance would have them differ."""

    def __init__(
        self, query: _Track, reference: _Track, line: _Line, first: int, last: int
    ) -> None:
        item = np.arange(first, last + 1)
        place = np.round(line.offset + line.slope * item).astype(np.int64)
        known = (place >= 0) & (place < len(reference.codes))
        self.item, place = item[known], place[known]
        self.made = np.bitwise_count(query.codes[self.item] ^ reference.codes[place]) / BITS
        self.chance = chance_errors(query.rates(self.item), reference.rates(place))
        self.lively = self.chance >= LIVELY

    def kappa(self, start: int, end: int) -> tuple[float, int]:
        """Kappa of the lively items among those from `start` to before `end`; their number."""
        part = self.lively[start:end]
        chance = float(self.chance[start:end][part].sum())
        made = float(self.made[start:end][part].sum())
        return (1 - made / chance if chance else 0.0), int(part.sum())

    def as_whole(self) -> float:
        """Strength of all of it."""
        kappa, lively = self.kappa(0, len(self.item))
        return kappa * float(np.sqrt(lively))


def _segment(query: _Track, reference: _Track, line: _Line) -> Segment:
    """A line in seconds. An item stands for seconds around its middle, so that the ends are known
    to some tenths only; at the ends of a file there is nothing beyond."""
    slope, here, there = line.slope, line.first, line.offset + line.slope * line.first
    final, beyond = line.last, line.offset + line.slope * line.last
    at_start = min(here, there) <= _AT_END
    at_end = final >= len(query.codes) - 1 - _AT_END or beyond >= len(reference.codes) - 1 - _AT_END
    start = query.seconds(here) - (query.half if at_start else EDGE)
    end = query.seconds(final) + (query.half if at_end else EDGE)
    speed = slope * reference.step / query.step
    known = reference.seconds(there) + (start - query.seconds(here)) * speed
    early = min(0.0, start, known / speed)
    start, known = start - early, known - early * speed
    return Segment(
        query_start=start,
        query_end=end,
        reference_start=known,
        reference_end=known + (end - start) * speed,
        speed=speed,
        score=1 / (1 + float(np.exp(-STEEPNESS * (line.strength - MIDDLE)))),
        evidence={
            "agreement": line.kappa,
            "lively_seconds": line.lively * query.step,
        },
    )


def _known_track(archive: KnownSound, footage: int) -> _Track | None:
    try:
        fingerprint = archive.sound(footage)
    except UnknownFootageError:  # removed by somebody else since it was found
        return None
    return _Track(fingerprint) if fingerprint else None


def _overlap(line: _Line, other: _Line) -> bool:
    """Whether two lines hold the same items of the source for most of the shorter one."""
    common = min(line.last, other.last) - max(line.first, other.first) + 1
    return common > 0.5 * (min(line.last - line.first, other.last - other.first) + 1)


def _beside(segment: Segment, other: Segment) -> float:
    """Seconds of the footage between two lines, in the middle of the first segment."""
    middle = (segment.query_start + segment.query_end) / 2
    here, there = (s.reference_start + (middle - s.query_start) * s.speed for s in (segment, other))
    return there - here


def _overlap_seconds(segment: Segment, other: Segment) -> float:
    """Share of a segment's seconds that the other holds too."""
    common = min(segment.query_end, other.query_end) - max(segment.query_start, other.query_start)
    return common / max(segment.query_end - segment.query_start, 1e-9)
