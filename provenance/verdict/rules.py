"""What each reason weighs: the one table that says so. docs/verdicts.md shows it with examples.

A reason speaks `against` the claim, `for` it, or says something of the answer itself (`neutral`).
Its strength depends on what it rests on, the *case*: a date that the platform gives is strong, one
that somebody declared is medium. Where the claimed date or place was found in a text and not given,
what is held against it loses one step, because the words may be about something else.

Only matches and dates move the label; the other reasons explain, and none of them overrules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from provenance.models import Bearing, Reason, Strength


@dataclass(frozen=True)
class Rule:
    """One row: a reason of this kind weighs so much in this case."""

    kind: str
    case: str
    strength: Strength
    bearing: Bearing


RULES: tuple[Rule, ...] = (
    # When it was published.
    Rule("earlier_publication", "platform", "strong", "against"),
    Rule("earlier_publication", "archived", "strong", "against"),
    Rule("earlier_publication", "declared", "medium", "against"),
    Rule("earlier_publication", "ingested", "medium", "against"),
    Rule("earlier_publication", "unrecorded", "weak", "against"),
    Rule("source_predates_claim", "platform", "strong", "against"),
    Rule("not_earlier", "platform", "strong", "for"),
    Rule("not_earlier", "archived", "strong", "for"),
    Rule("not_earlier", "declared", "medium", "for"),
    Rule("not_earlier", "ingested", "medium", "for"),
    Rule("not_earlier", "unrecorded", "weak", "for"),
    Rule("too_close_to_tell", "", "medium", "neutral"),
    Rule("undated_footage", "", "weak", "neutral"),
    # Where it is from.
    Rule("place_differs", "country", "strong", "against"),
    Rule("place_differs", "region", "medium", "against"),
    Rule("place_differs", "town", "medium", "against"),
    Rule("place_differs", "district", "weak", "against"),
    Rule("place_differs", "disputed", "weak", "against"),
    Rule("place_differs", "words", "weak", "against"),
    Rule("place_agrees", "exact", "medium", "for"),
    Rule("place_agrees", "within", "weak", "for"),
    # As what it was shown.
    Rule("other_description", "", "weak", "against"),
    Rule("other_uploader", "", "weak", "neutral"),
    # What the file says of itself, which anyone can write.
    Rule("file_predates_claim", "", "medium", "against"),
    Rule("file_date_fits", "", "weak", "for"),
    Rule("file_place_differs", "country", "medium", "against"),
    Rule("file_place_differs", "region", "weak", "against"),
    Rule("file_place_differs", "town", "weak", "against"),
    Rule("file_place_fits", "", "weak", "for"),
    Rule("file_data", "", "weak", "neutral"),
    # What the signed data in it say, by who vouches for the signer: anyone can make a certificate
    # in any name and sign "made by AI" into real footage.
    Rule("credentials_generated", "trusted", "strong", "against"),
    Rule("credentials_generated", "valid", "medium", "against"),
    Rule("credentials_generated", "invalid", "weak", "against"),
    Rule("credentials_partly_generated", "trusted", "strong", "against"),
    Rule("credentials_partly_generated", "valid", "medium", "against"),
    Rule("credentials_partly_generated", "invalid", "weak", "against"),
    Rule("credentials_not_filmed", "trusted", "strong", "against"),
    Rule("credentials_not_filmed", "valid", "medium", "against"),
    Rule("credentials_not_filmed", "invalid", "weak", "against"),
    Rule("credentials_predate_claim", "trusted_authority", "strong", "against"),
    Rule("credentials_predate_claim", "authority", "weak", "against"),
    Rule("credentials_broken", "", "medium", "neutral"),
    # What was done to it.
    Rule("mirrored", "", "medium", "against"),
    Rule("reversed", "", "medium", "against"),
    Rule("speed_changed", "", "medium", "against"),
    Rule("sound_differs", "", "weak", "against"),
    Rule("sound_same", "", "weak", "neutral"),
    Rule("sound_shifted", "", "weak", "neutral"),
    Rule("sound_known_elsewhere", "", "weak", "neutral"),
    Rule("sound_commonplace", "", "weak", "neutral"),
    # What the answer rests on.
    Rule("claim_date_from_source", "", "medium", "neutral"),
    Rule("claim_date_found", "claim", "medium", "neutral"),
    Rule("claim_date_found", "title", "weak", "neutral"),
    Rule("claim_date_found", "description", "weak", "neutral"),
    Rule("claim_place_found", "claim", "medium", "neutral"),
    Rule("claim_place_found", "title", "weak", "neutral"),
    Rule("claim_place_found", "description", "weak", "neutral"),
    Rule("no_claim_date", "", "weak", "neutral"),
    Rule("through_link", "", "medium", "neutral"),
    Rule("other_footage", "", "weak", "neutral"),
    Rule("source_itself", "", "medium", "neutral"),
    Rule("same_file", "", "strong", "neutral"),
    Rule("fact_checked", "", "strong", "neutral"),
    Rule("fact_check_known", "", "medium", "neutral"),
    Rule("hashes_only", "", "weak", "neutral"),
    Rule("commonplace", "", "weak", "neutral"),
    Rule("candidate_only", "", "weak", "neutral"),
    Rule("nothing_usable", "", "medium", "neutral"),
    Rule("archive_empty", "", "weak", "neutral"),
    Rule("archive_small", "", "weak", "neutral"),
    Rule("archive_limits", "", "weak", "neutral"),
)
_BY_CASE = {(rule.kind, rule.case): rule for rule in RULES}
_BEARINGS = {rule.kind: rule.bearing for rule in RULES}
_STEPS: tuple[Strength, ...] = ("weak", "medium", "strong")


def weighed(
    kind: str, text: str, *, case: str = "", source: str = "", found: bool = False
) -> Reason:
    """A reason with the weight that the table gives it.

    Args:
        source: what it rests on, in a few words.
        found: what of the claim it is held against was found in a text, not given: one step less.

    Raises:
        KeyError: the table has no such row.
    """
    rule = _BY_CASE[kind, case]
    strength = lowered(rule.strength) if found else rule.strength
    return Reason(kind, text, strength, source, rule.bearing)


def strength_of(kind: str, case: str = "", *, found: bool = False) -> Strength:
    """What the table says; one step less where the claim was `found` in a text."""
    strength = _BY_CASE[kind, case].strength
    return lowered(strength) if found else strength


def lowered(strength: Strength) -> Strength:
    """One step less; weak stays weak."""
    return _STEPS[max(0, _STEPS.index(strength) - 1)]


def borne(reason: Reason) -> Reason:
    """The reason with its bearing by the table; kinds that it lacks stay as they are."""
    return replace(reason, bearing=_BEARINGS.get(reason.kind, reason.bearing))
