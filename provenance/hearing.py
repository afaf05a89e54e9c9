"""The sound of a checked source: what is known of it, and whether it belongs to its pictures.

Sound is a second witness beside the pictures: it never makes a match, and nothing that is wrong
with it stops a check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import Archive
from provenance.archive.sound_index import SoundHits
from provenance.errors import UnknownFootageError
from provenance.fingerprints import Heard, SoundFingerprint, listen, listen_again
from provenance.matching import FoundSound, find_sound, merge_sounds, relation, resembles
from provenance.media import MediaInfo
from provenance.media.audio import Played
from provenance.models import Match, Segment, Sound, SoundMatch, SoundRelation
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

SHARED_BY = 3
"""Footages with other pictures that share the same seconds of sound make it commonplace."""
SAME_SECONDS = 0.5
SHORT = 120.0
"""Seconds; longer sources are not fingerprinted again at other speeds."""
TEMPOS = (0.5, 0.63, 0.79, 1.26, 1.59, 2.0)
"""Speeds, the pitch kept, at which a source is heard again where nothing is known of its sound.
Matching itself covers a ninth to either side."""
RATES = (0.8, 0.9, 24 / 25, 1 / 1.05, 1.05, 25 / 24, 1 / 0.9, 1.25)
"""Speeds that change the pitch too: one in a hundred is all that chromaprint bears, so only those
that are in use."""
SEMITONES = (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Changes of pitch, the speed kept, that are ruled out before a sound is called another."""
RULED_OUT_OVER = 30.0
"""Seconds of a match over which they are."""
NORMAL_SPEED = 0.03
WORTH_SHOWING = 0.1
"""Score below which a sound is not even a candidate."""


@dataclass(frozen=True, eq=False)
class _LookedUp:
    """An archive that was asked for near items already."""

    archive: Archive
    hits: SoundHits

    def search_sound(self, codes: npt.NDArray[np.uint32]) -> SoundHits:
        return self.hits

    def sound(self, footage_id: int) -> SoundFingerprint | None:
        return self.archive.sound(footage_id)


def _looked_up(sounds: Sequence[SoundFingerprint], archive: Archive) -> Iterator[_LookedUp]:
    """What each of several sounds is near to; the archive is gone through once for all of them."""
    if not sounds:
        return
    # They are many, and one in a dozen is right at best: half of the votes must do.
    codes = np.concatenate([sound.codes for sound in sounds])
    hits = archive.search_sound(codes, roughly=True)
    first = 0
    for sound in sounds:
        mine = (hits.query >= first) & (hits.query < first + len(sound.codes))
        own = SoundHits(hits.query[mine] - first, hits.footage[mine], hits.item[mine])
        yield _LookedUp(archive, own)
        first += len(sound.codes)


@dataclass(frozen=True)
class Ear:
    """A source that can be listened to."""

    path: Path
    info: MediaInfo
    settings: Settings

    @cached_property
    def heard(self) -> Heard:
        """The sound of the file as it is."""
        return listen(self.path, self.info, self.settings)

    def listen(self) -> None:
        """Fingerprint the sound now, for those who want it soon."""
        _ = self.heard

    def known(self, archive: Archive) -> list[FoundSound]:
        """Known footage whose sound the source holds, whatever its pictures are."""
        if self.heard.fingerprint is None:
            return []
        found = find_sound(self.heard.fingerprint, archive)
        if (
            any(self._accepts(one.score) for one in found)
            or (self.info.duration or 0.0) > SHORT
            or not archive.has_sound()
        ):
            return found
        played = [Played(tempo=t) for t in TEMPOS] + [Played(rate=r) for r in RATES]
        variants = self._again(played)
        looked_up = _looked_up(variants, archive)
        again = [find_sound(v, known) for v, known in zip(variants, looked_up, strict=True)]
        return merge_sounds([found, *again])

    def compare(
        self,
        archive: Archive,
        matches: Sequence[Match],
        banned: frozenset[int],
        known: Sequence[FoundSound] | None = None,
    ) -> tuple[Sound, list[Match]]:
        """What is known of the sound, and the matches with what is to be said of theirs.

        Args:
            matches: by the pictures.
            banned: footage that must not be reported for this source.
            known: what `known` said, if it was asked already.
        """
        if self.info.is_still:
            return Sound("none"), list(matches)
        if self.heard.fingerprint is None:
            state = "silent" if self.heard.state == "heard" else self.heard.state
            return Sound(state), [self._silently(archive, match) for match in matches]
        found = [
            one
            for one in self._found(
                archive, matches, self.known(archive) if known is None else known
            )
            if one.footage not in banned and one.score >= WORTH_SHOWING
        ]
        by_footage = {f.footage: f.segments for f in found if self._accepts(f.score)}
        judged = [
            replace(match, sound=self._relation(archive, match, by_footage))
            if match.accepted
            else match
            for match in matches
        ]
        seen = {match.footage.id for match in matches if match.accepted}
        heard = [m for f in found if (m := self._match(archive, f, seen))]
        return Sound("compared", tuple(mark_commonplace(heard))), judged

    def _accepts(self, score: float) -> bool:
        return score >= self.settings.accept_score

    def _found(
        self, archive: Archive, matches: Sequence[Match], known: Sequence[FoundSound]
    ) -> list[FoundSound]:
        """What is known of the sound as it is and at the speeds that the pictures have."""
        speeds = {
            round(1 / segment.speed, 2)
            for match in matches
            if match.accepted
            for segment in match.segments
            if abs(segment.speed - 1) > NORMAL_SPEED
        }
        variants = self._again([way for speed in speeds for way in _at(speed)])
        return merge_sounds([known, *(find_sound(variant, archive) for variant in variants)])

    def _again(
        self, played: Sequence[Played], start: float = 0.0, end: float | None = None
    ) -> list[SoundFingerprint]:
        """The sound as it would be, played in these ways; those that are silent are left out."""
        if not played:
            return []
        heard = listen_again(self.path, self.info, self.settings, played, start=start, end=end)
        return [one.fingerprint for one in heard if one.fingerprint]

    def _relation(
        self, archive: Archive, match: Match, found: dict[int, tuple[Segment, ...]]
    ) -> SoundRelation:
        """The plainest of what its segments say."""
        reference = _sound_of(archive, match)
        if reference is None:
            silent = _state_of(archive, match) in ("silent", "none")
            return "footage_silent" if silent else "unknown"
        said = {
            self._of_segment(reference, segment, found.get(match.footage.id, ()))
            for segment in match.segments
        }
        order: tuple[SoundRelation, ...] = (
            *("same", "shifted", "unknown", "other", "source_silent", "footage_silent"),
        )
        return next((word for word in order if word in said), "unknown")

    def _of_segment(
        self, reference: SoundFingerprint, segment: Segment, found: Sequence[Segment]
    ) -> SoundRelation:
        assert self.heard.fingerprint
        query = [self.heard.fingerprint]
        if abs(segment.speed - 1) > NORMAL_SPEED:
            query += self._again(_at(1 / segment.speed))
        said = relation(query, reference, segment, found)
        if said != "other":
            return said
        # Before it is called another, it might still be the same at another pitch.
        length = segment.query_end - segment.query_start
        start = max(0.0, segment.query_start + max(0.0, (length - RULED_OUT_OVER) / 2))
        rates = [2 ** (semitones / 12) for semitones in SEMITONES]
        pitched = self._again(
            [Played(tempo=1 / rate / segment.speed, rate=rate) for rate in rates],
            start,
            start + min(length, RULED_OUT_OVER),
        )
        if any(resembles(variant, reference, segment) for variant in pitched):
            return "unknown"
        return said

    def _silently(self, archive: Archive, match: Match) -> Match:
        """The match of a source without sound to compare."""
        if not match.accepted:
            return match
        silent = self.heard.state in ("silent", "none")
        known = silent and _state_of(archive, match) == "heard"
        return replace(match, sound="source_silent" if known else "unknown")

    def _match(self, archive: Archive, found: FoundSound, seen: set[int]) -> SoundMatch | None:
        try:
            footage = archive.footage(found.footage)
        except UnknownFootageError:  # removed by somebody else since it was found
            return None
        return SoundMatch(
            footage,
            found.score,
            self._accepts(found.score),
            tuple(s for s in found.segments if self._accepts(s.score)) or found.segments[:1],
            pictures="same" if footage.id in seen else "other",
        )


def _at(speed: float) -> list[Played]:
    """Both ways to play a sound so many times as fast: the pitch kept, and rising with it."""
    return [Played(tempo=speed), Played(rate=speed)]


def mark_commonplace(matches: Sequence[SoundMatch]) -> list[SoundMatch]:
    """The matches, with `commonplace` set where several footages share the same seconds.

    Footage whose pictures are in the source too counts once, however often it was reposted.
    """

    def sharing(match: SoundMatch) -> int:
        others = [
            other for other in matches if other.accepted and _shared(match, other) >= SAME_SECONDS
        ]
        same = any(other.pictures == "same" for other in others)
        return sum(other.pictures == "other" for other in others) + same

    return [
        replace(match, commonplace=True)
        if match.accepted and sharing(match) >= SHARED_BY
        else match
        for match in matches
    ]


def _shared(one: SoundMatch, other: SoundMatch) -> float:
    """Share of the source's seconds of the match with fewer of them that both hold."""
    common = sum(
        max(0.0, min(a.query_end, b.query_end) - max(a.query_start, b.query_start))
        for a in one.segments
        for b in other.segments
    )
    lengths = [sum(s.query_end - s.query_start for s in m.segments) for m in (one, other)]
    return common / max(min(lengths), 1e-9)


def _sound_of(archive: Archive, match: Match) -> SoundFingerprint | None:
    try:
        return archive.sound(match.footage.id)
    except UnknownFootageError:
        return None


def _state_of(archive: Archive, match: Match) -> str | None:
    try:
        return archive.sound_state(match.footage.id)
    except UnknownFootageError:
        return None
