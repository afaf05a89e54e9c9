"""The reasons of a verdict: what was seen, how well it is founded, and what speaks against it.

`kind` is a stable word for programs, `text` one or two sentences for people. docs/verdicts.md lists
every kind. Pure, like the verdict that gathers them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.dates import When, spoken
from provenance.models import (
    BASES,
    Appearance,
    ArchiveState,
    Basis,
    Linked,
    Match,
    Metadata,
    Reason,
    Sound,
    SoundMatch,
    Source,
)
from provenance.models.fact_check import CATEGORIES, MetFactCheck
from provenance.urls import is_url, same_page
from provenance.verdict import wording
from provenance.verdict.rules import strength_of
from provenance.verdict.wording import Limit, counted, pieces_of_footage, plain, quoted

SMALL_ARCHIVE = 100
"""Footages; below this "no match" is what one must expect of old and new clips alike."""
MOST_OTHERS = 3
"""Further footages that get a reason of their own; a compilation may hold dozens."""

SOUND_SENTENCE = "Its sound, however, is known from footage whose pictures are not in it."
"""Said of a clip whose pictures are not known; the label stays what it is."""

_BASIS: dict[Basis | None, str] = {
    "platform": "the platform itself gives this date",
    "archived": "a web archive holds a copy from then",
    "declared": "so declared by whoever added it to this archive",
    "ingested": "when it was first published is not known",
    None: "where this date comes from is not recorded",
}


_OF_SEGMENTS = ("mirrored", "reversed", "speed_changed")


@dataclass(frozen=True)
class Sighting:
    """A matched footage at one of the places where it appeared, with its date."""

    match: Match
    appearance: Appearance
    published: When
    linked: Linked | None = None
    """The footage that appeared there, where it is a copy of the matched one."""

    @property
    def shown(self) -> Match:
        """The match as it is with the footage that appeared there."""
        if self.linked is None:
            return self.match
        # What a segment shows by itself may be undone, or done, by the link.
        edits = tuple(e for e in self.match.edits if e not in _OF_SEGMENTS)
        return Match(
            self.linked.footage,
            min(self.match.score, self.linked.score),
            True,
            self.linked.segments,
            edits=edits,
        )

    @property
    def rank(self) -> int:
        """How weak the basis of the date is: 0 for the strongest."""
        basis = self.appearance.basis
        return BASES.index(basis) if basis in BASES else len(BASES)


def sightings(matches: Sequence[Match], source: Source) -> list[Sighting]:
    """Every dated appearance of the matches that is not the source itself, the earliest first.

    What the matched footage is a copy of counts like the footage itself.

    The earliest is the one that was over first: "2019-05-02" comes before "2019", which may still
    mean December. Of equal dates the one with the stronger basis, then the better match, is first.
    """
    found = [
        Sighting(match, appearance, appearance.published, linked)
        for match in matches
        for linked in (None, *match.linked)
        for appearance in (linked or match).footage.appearances
        if appearance.published and not is_the_source_itself(appearance, source)
    ]
    return sorted(
        found,
        key=lambda sight: (
            sight.published.latest,
            sight.published.earliest,
            sight.rank,
            sight.linked is not None,
            -sight.match.score,
        ),
    )


def is_the_source_itself(appearance: Appearance, source: Source) -> bool:
    """True for the source's own page, and for what an earlier check of these bytes recorded."""
    if source.sha256 and appearance.remembered_sha256 == source.sha256:
        return True
    own = [url for url in (source.url, source.location) if url and is_url(url)]
    return any(same_page(appearance.url, url) for url in own) if appearance.url else False


def earlier_publication(sight: Sighting, limit: Limit) -> Reason:
    """The footage was published before the claim can be true."""
    basis = sight.appearance.basis
    lead = wording.lead(sight.published, limit)
    text = f"{_told(sight)} ({_BASIS[basis]}), {lead} ({limit.dates})."
    less = (bool(limit.found) and not limit.bounded) or sight.linked is not None
    strength = strength_of("earlier_publication", basis or "unrecorded", found=less)
    return Reason("earlier_publication", text, strength, _rests_on(sight))


def not_earlier(sight: Sighting, limit: Limit) -> Reason:
    """The footage has a date, and that is not before the claim."""
    basis = sight.appearance.basis
    compared = wording.relation(sight.published, limit)
    text = f"{_told(sight)} ({_BASIS[basis]}); {compared} ({limit.dates})."
    if limit.last.ends_before(sight.published) or sight.published == limit.first:
        strength = strength_of("not_earlier", basis or "unrecorded", found=bool(limit.found))
        return Reason("not_earlier", text, strength, _rests_on(sight))
    if sight.published.ends_before(limit.first) or sight.published.zone != limit.first.zone:
        text += (
            " A date without a time zone may begin at UTC+14 and end at UTC-12, so that "
            "neighbouring days overlap."
        )
    return Reason("too_close_to_tell", text, "medium")


def through_links(sight: Sighting) -> list[Reason]:
    """By which copies the footage was reached, where it did not match by itself."""
    if sight.linked is None:
        return []
    way = [f"footage {number}" for number in sight.linked.through]
    spans = sight.linked.segments[0]
    here = wording.span_words((spans.query_start, spans.query_end))
    there = wording.span_words((spans.reference_start, spans.reference_end))
    text = (
        f"The clip was matched to {way[0]}, which holds the same seconds as footage "
        f"{sight.linked.footage.id}{', by way of ' + wording.joined(way[1:]) if way[1:] else ''}: "
        f"{here} of this clip are {there} there. They were linked when they were added; look at "
        "both before you cite it."
    )
    return [Reason("through_link", text, "medium")]


def limit_reasons(limit: Limit | None) -> list[Reason]:
    """What dates were compared with, where that was not a claimed one."""
    if limit is None:
        return [Reason("no_claim_date", "No claimed date was given to compare with.", "weak")]
    if not limit.stand_in:
        return []
    text = (
        f"No claimed date was given; the platform's own date of this copy, {limit.dates}, stands "
        "in for it."
    )
    return [Reason("claim_date_from_source", text, "medium")]


def other_footage(
    source: Source,
    limit: Limit | None,
    main: Match,
    telling: Sequence[Match],
    earlier: Sequence[Sighting],
) -> list[Reason]:
    """A reason for each footage besides the main one, the earlier ones first."""
    firsts = {id(s.match): s for s in reversed(earlier) if s.match is not main}
    early = [sight for sight in earlier if firsts.get(id(sight.match)) is sight]
    reasons = [earlier_publication(sight, limit) for sight in early if limit]
    rest = [match for match in telling if match is not main and id(match) not in firsts]
    for match in sorted(rest, key=lambda match: -match.score):
        dated = sightings([match], source)
        words = wording.publication(dated[0].appearance) if dated else ""
        title = (dated[0].appearance.title if dated else None) or match.footage.title
        named = f" ({quoted(title)})" if title else ""
        clause = wording.match_clause(dated[0].shown if dated else match, source)
        text = f"{clause}{named} {words}".rstrip() + "."
        reasons.append(Reason("other_footage", text, "weak"))
    left = len(reasons) - MOST_OTHERS
    if left <= 0:
        return reasons
    more = f"{pieces_of_footage(left, 'further ')} {'matches' if left == 1 else 'match'} too."
    return [*reasons[:MOST_OTHERS], Reason("other_footage", more, "weak")]


def edit_reasons(main: Match) -> list[Reason]:
    """Edits that change what the footage shows or hide it from search."""
    reasons = []
    if "mirrored" in main.edits or any(segment.mirrored for segment in main.segments):
        text = "The picture is mirrored, which hides footage from picture search engines."
        reasons.append(Reason("mirrored", text, "medium"))
    if "reversed" in main.edits or any(segment.reversed for segment in main.segments):
        reasons.append(Reason("reversed", "The footage is played backwards.", "medium"))
    if factor := wording.speed(main):
        text = f"The footage is played at {wording.times(factor)} its speed."
        reasons.append(Reason("speed_changed", text, "medium"))
    elif "speed_changed" in main.edits:
        reasons.append(Reason("speed_changed", "The footage is played at another speed.", "medium"))
    return reasons


def same_copy(source: Source, telling: Sequence[Match]) -> list[Reason]:
    """The archive holds what was checked."""
    if any(is_the_source_itself(a, source) for m in telling for a in m.footage.appearances):
        text = (
            "The archive holds the checked copy itself (the same address, or this file from an "
            "earlier check); that never counts as an earlier appearance."
        )
        return [Reason("source_itself", text, "medium")]
    if source.sha256 and any(match.footage.sha256 == source.sha256 for match in telling):
        return [Reason("same_file", "The archive holds this very file, byte for byte.", "strong")]
    return []


def fact_checks(telling: Sequence[Match]) -> list[Reason]:
    """Links to what others found about the footage, or about what it is a copy of."""
    links = {
        appearance.fact_check: None
        for match in telling
        for footage in (match.footage, *(linked.footage for linked in match.linked))
        for appearance in footage.appearances
        if appearance.fact_check
    }
    return [
        Reason("fact_check_known", f"This footage was fact-checked: {plain(link, 300)}", "medium")
        for link in list(links)[:MOST_OTHERS]
    ]


def with_fact_checks(why: Sequence[Reason], met: Sequence[MetFactCheck]) -> list[Reason]:
    """The reasons with fact-checks that were imported in front of all others.

    The link alone, which `fact_checks` gives, is left out where more is known of it.
    """
    known = [one for one in met if one.check.id]
    links = {f"This footage was fact-checked: {plain(one.check.url, 300)}" for one in known}
    return [
        *(Reason("fact_checked", _judged(one), "strong") for one in known[:MOST_OTHERS]),
        *(one for one in why if one.kind != "fact_check_known" or one.text not in links),
    ]


def _judged(met: MetFactCheck) -> str:
    """ "Newsroom rated it “False” on 3 March 2024 (“Troops at the border”): https://..."."""
    check = met.check
    said = ", ".join(CATEGORIES.get(name, name) for name in check.categories)
    rating = quoted(check.rating) if check.rating else plain(said)
    about = "This clip" if met.met_by == "source" else "Footage in this clip"
    if met.linked:
        about = "What footage in this clip is a copy of"
    if met.media and met.media.role == "original":
        about += ", as the original of what was checked,"
    who = f" by {plain(check.publisher)}" if check.publisher else ""
    when = f" on {spoken(check.published)}" if check.published else ""
    how = f", rated {rating}" if rating else ""
    claim = f", for the claim {quoted(check.claim)}" if check.claim else ""
    return f"{about} was fact-checked{who}{when}{how}{claim}: {plain(check.url, 300)}"


def known_by_hashes(source: Source, matches: Sequence[Match]) -> list[Reason]:
    """Footage that only its hashes are known of, the best first."""
    found = []
    for match in [m for m in matches if m.footage.hashes_only][:MOST_OTHERS]:
        evidence = match.segments[0].evidence
        frames = f"{counted(round(evidence.get('frames', 1)), 'frame')}"
        dated = sightings([match], source)
        words = f" {wording.publication(dated[0].appearance)}" if dated else ""
        text = (
            f"{frames} of this {'picture' if source.duration is None else 'clip'} "
            f"{'has' if frames.startswith('1 ') else 'have'} hashes of footage "
            f"{match.footage.id} ({quoted(match.footage.title or 'no title')}){words}, of which "
            "this archive holds hashes alone: nobody here can compare the pictures. Ask who shared "
            "the list."
        )
        found.append(Reason("hashes_only", text, "weak"))
    return found


def own_sound(telling: Sequence[Match]) -> list[Reason]:
    """Whether the footage is heard where it is seen."""
    said = {match.sound for match in telling}
    reasons = []
    if "same" in said:
        text = "The sound of these seconds is the footage's own too, in step with the pictures."
        reasons.append(Reason("sound_same", text, "weak"))
    if "shifted" in said:
        text = "The sound of these seconds is the footage's own, but from other moments of it."
        reasons.append(Reason("sound_shifted", text, "weak"))
    if "other" in said:
        text = (
            "The pictures are the footage's; its own sound is not heard with them. It was "
            "replaced, or a voice or music lies over it: listen to both before you say which."
        )
        reasons.append(Reason("sound_differs", text, "weak"))
    return reasons


def known_sound(source: Source, sound: Sound) -> list[Reason]:
    """Sound of footage whose pictures are not in the source, the best first."""
    matches = [
        m for m in sound.matches if m.accepted and not m.commonplace and m.pictures == "other"
    ]
    found = [_sound_known(match, source) for match in matches[:MOST_OTHERS]]
    if (left := len(matches) - MOST_OTHERS) > 0:
        text = f"The sound is also that of {pieces_of_footage(left, 'further ')}."
        found.append(Reason("sound_known_elsewhere", text, "weak"))
    return found


def shared_sound(sound: Sound | None) -> list[Reason]:
    """Sound that much footage shares, in one line."""
    number = sum(match.commonplace for match in sound.matches) if sound else 0
    if not number:
        return []
    text = (
        f"Its sound, or part of it, stands in {pieces_of_footage(number)} of this archive, as a "
        "song does; that says nothing about where the clip comes from."
    )
    return [Reason("sound_commonplace", text, "weak")]


def _sound_known(match: SoundMatch, source: Source) -> Reason:
    spans = [wording.span_words((s.query_start, s.query_end)) for s in match.segments]
    known = [wording.span_words((s.reference_start, s.reference_end)) for s in match.segments]
    where = f"{spans[0]} is that of {known[0]}"
    if len(spans) > 1:
        where = f"{wording.joined(spans[:MOST_OTHERS])} is that"
    own = Match(match.footage, match.score, True, match.segments)
    dated = sightings([own], source)
    title = (dated[0].appearance.title if dated else None) or match.footage.title
    words = f" {wording.publication(dated[0].appearance)}" if dated else ""
    named = f" ({quoted(title)})" if title else ""
    text = (
        f"The sound from {where} of footage {match.footage.id}{named}{words}; "
        "its pictures were not found in this clip."
    )
    return Reason("sound_known_elsewhere", text, "weak")


def archive_reason(archive: ArchiveState) -> Reason:
    """What "no match" is worth in this archive."""
    if archive.footages == 0:
        text = "The archive holds no footage; add known footage, then check again."
        return Reason("archive_empty", text, "weak")
    if archive.footages < SMALL_ARCHIVE:
        held = pieces_of_footage(archive.footages)
        text = f"The archive holds only {held}, so that no match was to be expected."
        return Reason("archive_small", text, "weak")
    dates = ""
    if archive.earliest and archive.latest:
        dates = f" Its dates reach from {spoken(archive.earliest)} to {spoken(archive.latest)}."
    text = f"No match says something about this archive, not about what was checked.{dates}"
    return Reason("archive_limits", text, "weak")


def own_date(source: Source, claimed: Limit | None) -> list[Reason]:
    """The checked copy may itself be older than the claim; the label never says so."""
    own = source.published if source.basis == "platform" else None
    if not own or not claimed or not own.is_before(claimed.first):
        return []
    text = (
        f"The platform's own date of the checked copy is {spoken(own)}, "
        f"{wording.lead(own, claimed)}."
    )
    return [Reason("source_predates_claim", text, "strong")]


def file_data(metadata: Metadata) -> list[Reason]:
    """Findings in the file's own data exist; they stand in the report, not here."""
    number = len(metadata.findings)
    if not number:
        return []
    text = (
        f"The file's own data gives {counted(number, 'finding')} besides this verdict; such data "
        "is easily forged and did not move it."
    )
    return [Reason("file_data", text, "weak")]


def _rests_on(sight: Sighting) -> str:
    return f"archive: appearance {sight.appearance.id}, {sight.appearance.basis or 'no basis'}"


def _told(sight: Sighting) -> str:
    """ "“Title” was published on 2 May 2019, 10:00 UTC"."""
    title = sight.appearance.title or sight.shown.footage.title
    words = wording.publication(sight.appearance).removeprefix("that was ")
    return f"{quoted(title) if title else 'The footage'} was {words}"
