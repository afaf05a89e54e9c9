"""Matching sound: made-up items, so that it is known what must be found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.archive.sound_index import SoundHits
from provenance.errors import UnknownFootageError
from provenance.fingerprints import SoundFingerprint
from provenance.fingerprints.sound import LIVELY, fingerprint_of, liveliness
from provenance.matching import find_sound, relation
from provenance.media.audio import HALF_SPAN, HOP
from provenance.models import Segment

Codes = npt.NDArray[np.uint32]
ACCEPTED = 0.5


def made(seed: int, count: int) -> Codes:
    """Items as sound gives them: every one keeps most bits of the one before it."""
    chooser = np.random.default_rng(seed)
    bits = chooser.random((count, 32)) < 0.5
    for item in range(1, count):
        keep = chooser.random(32) < 0.75
        bits[item, keep] = bits[item - 1, keep]
    return (bits * (1 << np.arange(32, dtype=np.uint64))).sum(axis=1).astype(np.uint32)


def disturbed(codes: Codes, share: float, seed: int = 0) -> Codes:
    """The same items with so many of their bits turned over."""
    chooser = np.random.default_rng(seed)
    noise = (chooser.random((len(codes), 32)) < share) * (1 << np.arange(32, dtype=np.uint64))
    return codes ^ noise.sum(axis=1).astype(np.uint32)


def stretched(codes: Codes, start: float, count: int, speed: float) -> Codes:
    """Items as they are heard from item `start` on when played `speed` times as fast."""
    return codes[np.round(start + speed * np.arange(count)).astype(int)]


@dataclass
class Sounds:
    """Known sound in memory; every item is compared with every other."""

    known: dict[int, Codes]

    def search_sound(self, codes: Codes) -> SoundHits:
        hits = [
            (query, np.full(len(query), footage), item)
            for footage, sound in self.known.items()
            for query, item in [np.nonzero(np.bitwise_count(codes[:, None] ^ sound) <= 7)]
        ]
        return SoundHits(
            *(np.concatenate(part).astype(np.int64) for part in zip(*hits, strict=True))
        )

    def sound(self, footage_id: int) -> SoundFingerprint | None:
        if footage_id not in self.known:
            raise UnknownFootageError("gone")
        return fingerprint_of(self.known[footage_id])


KNOWN = Sounds({number: made(number, 400) for number in (1, 2, 3)})


@settings(max_examples=25)
@given(
    start=st.integers(0, 250),
    count=st.integers(60, 140),
    speed=st.floats(0.92, 1.08),
    errors=st.floats(0, 0.15),
    seed=st.integers(0, 1000),
)
def test_a_stretch_is_found_at_its_offset_and_speed(
    start: int, count: int, speed: float, errors: float, seed: int
) -> None:
    count = min(count, int((399 - start) / speed))
    codes = disturbed(stretched(KNOWN.known[2], start, count, speed), errors, seed)
    best = find_sound(fingerprint_of(codes), KNOWN)[0]
    part = best.segments[0]
    assert best.footage == 2 and best.score >= ACCEPTED
    middle = (part.query_start + part.query_end) / 2
    expected = HALF_SPAN + (start + speed * (middle - HALF_SPAN) / HOP) * HOP
    there = part.reference_start + (middle - part.query_start) * part.speed
    assert there == pytest.approx(expected, abs=0.5)
    assert part.speed == pytest.approx(speed, abs=0.04)


@settings(max_examples=25)
@given(before=st.integers(40, 120), inside=st.integers(70, 140), after=st.integers(40, 120))
def test_only_the_seconds_that_agree_are_reported(before: int, inside: int, after: int) -> None:
    codes = np.concatenate([made(77, before), KNOWN.known[1][50 : 50 + inside], made(78, after)])
    part = find_sound(fingerprint_of(codes), KNOWN)[0].segments[0]
    assert part.query_start == pytest.approx(HALF_SPAN + before * HOP, abs=0.8)
    assert part.query_end == pytest.approx(HALF_SPAN + (before + inside) * HOP, abs=0.8)


@settings(max_examples=25)
@given(seed=st.integers(100, 10_000), count=st.integers(20, 300))
def test_unrelated_sound_is_never_accepted(seed: int, count: int) -> None:
    found = find_sound(fingerprint_of(made(seed, count)), KNOWN)
    assert all(one.score < ACCEPTED for one in found)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), flips=st.floats(0, 0.02))
def test_silence_and_hum_say_nothing(seed: int, flips: float) -> None:
    """A sound that hardly changes agrees with others like it in nearly every bit."""
    steady = disturbed(np.full(300, 0x256DF977, np.uint32), flips, seed)
    other = disturbed(np.full(300, 0x256DF977, np.uint32), flips, seed + 1)
    assert (liveliness(steady) < LIVELY).all()
    assert find_sound(fingerprint_of(steady), Sounds({1: other})) == []


def test_two_pieces_of_one_footage_are_two_segments() -> None:
    codes = np.concatenate([KNOWN.known[3][200:300], made(5, 60), KNOWN.known[3][20:120]])
    found = find_sound(fingerprint_of(codes), KNOWN)
    assert found[0].footage == 3
    # The first piece begins the clip, so that all that its first item stands for is known.
    starts = sorted(segment.reference_start for segment in found[0].segments)
    assert starts == pytest.approx([HALF_SPAN + 20 * HOP, 200 * HOP], abs=0.8)


def test_sound_that_repeats_itself_is_reported_once() -> None:
    loop = np.tile(made(9, 50), 8)
    found = find_sound(fingerprint_of(disturbed(loop[:120], 0.05)), Sounds({1: loop}))
    assert [len(one.segments) for one in found] == [1]


def test_footage_that_is_removed_meanwhile_is_passed_over() -> None:
    @dataclass
    class Forgetful(Sounds):
        def sound(self, footage_id: int) -> SoundFingerprint | None:
            raise UnknownFootageError("gone")

    assert find_sound(fingerprint_of(KNOWN.known[1][:100]), Forgetful(KNOWN.known)) == []


def line(speed: float = 1.0, shift: float = 0.0) -> Segment:
    """Pictures that say: 2 to 14 s of the clip are 6 to 18 s of the footage, or so."""
    return Segment(2.0, 14.0, 6.0 + shift, 6.0 + shift + 12 * speed, speed)


def clip(shift: int = 0, errors: float = 0.05) -> SoundFingerprint:
    """A clip whose second 2 sounds as second 6 of footage 1 (but for the shift in items)."""
    first = round(4.0 / HOP) + shift
    return fingerprint_of(disturbed(KNOWN.known[1][first : first + 130], errors))


def test_sound_in_step_with_the_pictures_is_the_same() -> None:
    assert relation([clip()], fingerprint_of(KNOWN.known[1]), line()) == "same"
    assert relation([clip(shift=2)], fingerprint_of(KNOWN.known[1]), line()) == "same"


def test_sound_a_second_beside_the_pictures_is_shifted() -> None:
    assert relation([clip(shift=8)], fingerprint_of(KNOWN.known[1]), line()) == "shifted"


def test_the_footages_own_sound_from_elsewhere_is_shifted_and_not_another() -> None:
    query = fingerprint_of(KNOWN.known[1][200:330])
    found = find_sound(query, KNOWN)[0].segments
    assert relation([query], fingerprint_of(KNOWN.known[1]), line(), found) == "shifted"


def test_sound_that_was_found_on_the_pictures_line_at_another_pitch_is_the_same() -> None:
    strange = fingerprint_of(made(500, 130))  # what another pitch makes of it
    there = fingerprint_of(KNOWN.known[1])
    assert relation([strange], there, line(), [line(shift=0.1)]) == "same"
    assert relation([strange], there, line(), [line(shift=5.0)]) == "shifted"


@settings(max_examples=25)
@given(seed=st.integers(100, 10_000))
def test_clearly_different_sound_is_never_called_the_same(seed: int) -> None:
    query = fingerprint_of(made(seed, 130))
    assert relation([query], fingerprint_of(KNOWN.known[1]), line()) in ("other", "unknown")


@settings(max_examples=25)
@given(errors=st.floats(0, 0.3), seed=st.integers(0, 1000))
def test_the_same_sound_is_never_called_another_however_bad_it_is(errors: float, seed: int) -> None:
    first = round(4.0 / HOP)
    codes = disturbed(KNOWN.known[1][first : first + 130], errors, seed)
    said = relation([fingerprint_of(codes)], fingerprint_of(KNOWN.known[1]), line())
    assert said in ("same", "unknown")


def test_a_few_seconds_of_another_sound_are_not_enough_to_say_so() -> None:
    short = Segment(2.0, 6.0, 6.0, 10.0)
    query = fingerprint_of(made(500, 130))
    assert relation([query], fingerprint_of(KNOWN.known[1]), short) == "unknown"


def test_silence_on_one_side_is_said_to_be_silence() -> None:
    silence = np.full(400, 0x256DF977, np.uint32)
    there = fingerprint_of(KNOWN.known[1])
    assert relation([fingerprint_of(silence)], there, line()) == "source_silent"
    assert relation([clip()], fingerprint_of(silence), line()) == "footage_silent"


def test_nothing_is_said_of_sound_under_pictures_that_run_backwards() -> None:
    backwards = Segment(2.0, 14.0, 6.0, 18.0, reversed=True)
    query = fingerprint_of(made(500, 130))
    assert relation([query], fingerprint_of(KNOWN.known[1]), backwards) == "unknown"
