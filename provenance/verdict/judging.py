"""What matches mean for a claim: a label, a sentence and the reasons behind it.

Pure: it sees what was matched, where that was published, and what is claimed; no disk, no clock.
docs/verdicts.md tells the rules to people.

The one label that may accuse somebody, `earlier_appearance`, rests on three things at once: a match
that is accepted, footage that is not commonplace, and a publication that is over everywhere on
Earth before the claim can have begun anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from provenance.claims.given import claim_interval
from provenance.models import (
    Appearance,
    ArchiveState,
    Claim,
    ContentCredentials,
    Coverage,
    Match,
    Metadata,
    Reason,
    Sound,
    Source,
    Verdict,
)
from provenance.models.fact_check import MetFactCheck
from provenance.verdict import contradictions, reasons, wording
from provenance.verdict.credential_reasons import credential_reasons
from provenance.verdict.reasons import Sighting, is_the_source_itself, sightings
from provenance.verdict.rules import borne
from provenance.verdict.wording import Limit, counted

__all__ = ["coverage", "earliest_appearance", "is_the_source_itself", "judge"]


def judge(
    *,
    source: Source,
    claim: Claim | None,
    matches: Sequence[Match],
    usable: bool,
    archive: ArchiveState | None = None,
    metadata: Metadata | None = None,
    sound: Sound | None = None,
    credentials: ContentCredentials | None = None,
    fact_checks: Sequence[MetFactCheck] = (),
) -> Verdict:
    """The verdict on one source.

    Args:
        source: what was checked; a still has `duration` None.
        claim: what is said of it, or None.
        matches: every match and every candidate that was considered.
        usable: False where the source holds no picture that could be compared.
        archive: what the archive held when it was asked, for the words of `no_match`.
        metadata: what the file says of itself; it never moves the label.
        sound: what is known of the sound; it never moves the label either.
        credentials: its Content Credentials; nor do they.
        fact_checks: those that the source meets; what others found moves no label of ours.
    """
    claimed = None
    if claim and (interval := claim_interval(claim)):
        found = next((one.source for one in claim.found if one.field == "date"), "")
        claimed = Limit(*interval, found=found, bounded=_stand_in(source) is not None)
    telling = [match for match in matches if match.accepted and not match.commonplace]
    if not usable:
        verdict = _nothing_usable(source)
    elif telling:
        verdict = _matched(source, claim, claimed or _stand_in(source), matches, telling)
    elif matches and all(match.footage.hashes_only for match in matches):
        verdict = _known_by_hashes(source)
    elif matches:
        verdict = _undecided(source, matches)
    else:
        verdict = _no_match(source, archive)
    heard = reasons.known_sound(source, sound) if sound else []
    if heard and not telling:
        verdict = replace(verdict, summary=f"{verdict.summary} {reasons.SOUND_SENTENCE}")
    signed = credential_reasons(credentials, claimed)
    why = (
        *reasons.with_fact_checks(
            (*(reason for reason in signed if reason.strength != "weak"), *verdict.reasons),
            fact_checks,
        ),
        *reasons.known_by_hashes(source, matches if usable else ()),
        *reasons.own_sound(telling),
        *heard,
        *reasons.shared_sound(sound),
        *reasons.own_date(source, claimed),
        *(reason for reason in signed if reason.strength == "weak"),
        *contradictions.file_reasons(metadata, claim, claimed),
        *reasons.file_data(metadata or Metadata()),
    )
    return replace(verdict, reasons=tuple(borne(reason) for reason in why))


def earliest_appearance(matches: Sequence[Match], source: Source) -> Appearance | None:
    """The earliest dated appearance among the accepted matches, the source itself left out.

    See `provenance.verdict.reasons.sightings` for what "earliest" means where dates are coarse.
    """
    found = sightings([match for match in matches if match.accepted], source)
    return found[0].appearance if found else None


def coverage(matches: Sequence[Match], duration: float | None) -> Coverage:
    """How much of the source the accepted matches explain; overlaps count once.

    A still (`duration` None) that matched has a share of 1 and no seconds.
    """
    accepted = [match for match in matches if match.accepted]
    if not duration or duration <= 0:
        return Coverage(0.0, 1.0 if accepted else 0.0)
    seconds = sum(end - start for start, end in wording.query_union(accepted, duration))
    return Coverage(seconds, min(1.0, seconds / duration))


def _stand_in(source: Source) -> Limit | None:
    if source.published and source.basis == "platform":
        return Limit(source.published, source.published, stand_in=True)
    return None


def _matched(
    source: Source,
    claim: Claim | None,
    limit: Limit | None,
    matches: Sequence[Match],
    telling: Sequence[Match],
) -> Verdict:
    dated = sightings(telling, source)
    earlier = [sight for sight in dated if limit and sight.published.is_before(limit.first)]
    if limit and earlier:
        main, verdict = _earlier(source, limit, earlier)
    else:
        main, verdict = _known(source, limit, dated, telling)
    why = [
        *verdict.reasons,
        *reasons.limit_reasons(limit),
        *reasons.other_footage(source, limit, main, telling, earlier),
        *contradictions.found_reasons(claim),
        *contradictions.place_reasons(source, claim, main),
        *contradictions.description_reasons(source, claim, _of_main(dated, main)),
        *reasons.edit_reasons(main),
        *reasons.same_copy(source, telling),
        *reasons.fact_checks(telling),
    ]
    if any(match.accepted and match.commonplace for match in matches):
        text = (
            "It also holds pictures that turn up in much unrelated footage; they were left out of "
            "this verdict."
        )
        why.append(Reason("commonplace", text, "weak"))
    return replace(verdict, reasons=tuple(why))


def _earlier(source: Source, limit: Limit, earlier: Sequence[Sighting]) -> tuple[Match, Verdict]:
    """The verdict on footage that was published earlier, and its main match."""
    first = earlier[0]
    clause = _clause(first, source)
    words = [
        f"{clause} {wording.publication(first.appearance, limit)}",
        wording.lead(first.published, limit),
    ]
    if done := wording.joined(wording.edits(first.shown)):
        words.append(done)
    # The earliest date of the footage, and the best founded one where that is another.
    best = min((s for s in earlier if s.match is first.match), key=lambda sight: sight.rank)
    shown = [first, best] if best.rank < first.rank else [first]
    return first.match, Verdict(
        "earlier_appearance",
        ", ".join(words) + ".",
        max(sight.shown.score for sight in earlier),
        (
            *(reasons.earlier_publication(sight, limit) for sight in shown),
            *reasons.through_links(first),
        ),
    )


def _known(
    source: Source, limit: Limit | None, dated: Sequence[Sighting], telling: Sequence[Match]
) -> tuple[Match, Verdict]:
    """The verdict on footage that is known and not shown to be earlier, and its main match."""
    others = [match for match in telling if not _only_itself(match, source)]
    main = dated[0].match if dated else max(others or telling, key=lambda match: match.score)
    clause = _clause(dated[0], source) if dated else wording.match_clause(main, source)
    words = wording.joined(wording.edits(dated[0].shown if dated else main))
    done = f", {words}" if words else ""
    why: list[Reason] = []
    if dated:
        compared = "no claimed date was given to compare that with"
        if limit:
            compared = wording.relation(dated[0].published, limit)
            why.append(reasons.not_earlier(dated[0], limit))
        why += reasons.through_links(dated[0])
        summary = f"{clause} {wording.publication(dated[0].appearance, limit)}{done}; {compared}."
    elif others:
        summary = f"{clause} that this archive holds without a date of publication{done}."
        text = "No date of publication is known of the footage."
        why.append(Reason("undated_footage", text, "weak"))
    else:
        summary = f"{clause} that this archive knows only from this very copy{done}."
    confidence = max(match.score for match in telling)
    return main, Verdict("known_footage", summary, confidence, tuple(why))


def _undecided(source: Source, matches: Sequence[Match]) -> Verdict:
    """Only candidates, or only commonplace pictures."""
    commonplace = [match for match in matches if match.accepted]
    if commonplace:
        summary = (
            f"What this {_thing(source)} shares with known footage turns up in much unrelated "
            "footage too, so that it does not show where this comes from."
        )
        text = "All that matches is commonplace: the same pictures stand in unrelated footage."
        reason = Reason("commonplace", text, "weak")
    else:
        summary = (
            f"Something in this {_thing(source)} resembles known footage, but not clearly enough "
            "to say that it is the same."
        )
        text = (
            f"{counted(len(matches), 'candidate')} stayed below what is accepted as the same "
            "footage; only a person can tell."
        )
        reason = Reason("candidate_only", text, "weak")
    confidence = max(match.score for match in commonplace or matches)
    return Verdict("inconclusive", summary, confidence, (reason,))


def _known_by_hashes(source: Source) -> Verdict:
    """Only hashes that others shared; `reasons.known_by_hashes` names the footage."""
    summary = (
        f"Frames of this {_thing(source)} have hashes that others shared of known footage; whether "
        "it is the same footage cannot be seen from here."
    )
    return Verdict("inconclusive", summary)


def _nothing_usable(source: Source) -> Verdict:
    summary = f"Nothing in this {_thing(source)} can be compared with known footage."
    text = "It shows no picture with enough detail to compare, only black, blank or a title."
    return Verdict("inconclusive", summary, None, (Reason("nothing_usable", text, "medium"),))


def _no_match(source: Source, archive: ArchiveState | None) -> Verdict:
    this = f"this {_thing(source)}"
    if archive and archive.footages == 0:
        summary = f"This archive is empty, so that nothing can be said about {this}."
    else:
        held = _held(archive) if archive else "Nothing in this archive matches"
        summary = f"{held} {this}; it may still be old footage that this archive does not hold."
    why = (reasons.archive_reason(archive),) if archive else ()
    return Verdict("no_match", summary, None, why)


def _held(archive: ArchiveState) -> str:
    """ "None of the 123 pieces of known footage (45.6 hours) in this archive matches"."""
    hours = f"{archive.hours:,.1f}" if archive.hours >= 0.05 else "less than 0.1"
    size = f"({hours} {'hours' if archive.hours >= 1.05 else 'hour'})"
    if archive.footages == 1:
        return f"The one piece of known footage {size} in this archive does not match"
    return (
        f"None of the {archive.footages:,} pieces of known footage {size} in this archive matches"
    )


def _of_main(dated: Sequence[Sighting], main: Match) -> Sighting | None:
    """The earliest appearance of the main match."""
    return next((sight for sight in dated if sight.match is main), None)


def _clause(sight: Sighting, source: Source) -> str:
    """The subject and verb of a sentence that goes on with where the footage appeared."""
    clause = wording.match_clause(sight.shown, source)
    return clause if sight.linked is None else f"{clause.removesuffix('footage')}a copy of footage"


def _only_itself(match: Match, source: Source) -> bool:
    found = [is_the_source_itself(seen, source) for seen in match.footage.appearances]
    return bool(found) and all(found)


def _thing(source: Source) -> str:
    return "picture" if source.duration is None else "clip"
