"""A draft MediaReview (schema.org, JSON-LD) for a person to finish.

It proposes what the facts of the report suggest for `mediaAuthenticityCategory`, says why in
`reviewBody`, and leaves to the person what is theirs: the rating, the author, the date of
publication, and whether the proposal holds. `creativeWorkStatus` says that it is a draft.

Categories and properties: https://schema.org/MediaReview and
https://schema.org/MediaManipulationRatingEnumeration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from provenance._version import __version__
from provenance.dates import spoken
from provenance.models import Appearance, Match, Report, Source
from provenance.report import wording
from provenance.report.json_report import to_json

CONTEXT = "https://schema.org"
_TRANSFORMING = {
    "speed_changed": "its speed was changed",
    "reversed": "it is played backwards",
    "picture_in_picture": "it is set into another picture",
    "overlaid": "something is laid over much of it",
    "captioned": "captions cover much of it",
}
_ADDED = ("overlaid", "captioned")
_MUCH = 0.1
"""Share of the frame; a logo or a line of captions covers less, and transforms nothing."""
_TOLD = {
    "captioned": "with captions",
    "overlaid": "with something laid over it",
    "mirrored": "mirrored",
    "cropped": "cropped",
    "letterboxed": "with borders",
    "recoloured": "with other colours",
    "uncropped": "showing more of the picture than the known footage",
}
_PLACE_DIFFERS = "place_differs"
_NORMAL_SPEED = 0.05  # what matching calls a change of speed
_GAP = 1.0  # s; alignment is good to less, so that a longer jump was cut
_LONG = 2000


@dataclass(frozen=True)
class Proposal:
    """Categories that the report suggests, the weightiest first, and why."""

    categories: tuple[str, ...]
    why: tuple[str, ...]


class MediaReviewReport:
    """One report as an object, several as an array. A source that failed is null."""

    name = "mediareview"

    def render(self, reports: Sequence[Report]) -> str:
        data = [None if report.error else media_review(report) for report in reports]
        return to_json(data[0] if len(data) == 1 else data, indent=2) + "\n"


def media_review(report: Report) -> dict[str, Any]:
    """The draft as JSON-LD. Without a proposal, `mediaAuthenticityCategory` is left out."""
    proposal = propose(report)
    telling = _telling(report)
    review: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "MediaReview",
        "creativeWorkStatus": "Draft",
        "dateCreated": report.checked_at.value,
        "reviewBody": _body(report, proposal),
    }
    if proposal.categories:
        names = list(proposal.categories)
        review["mediaAuthenticityCategory"] = names[0] if len(names) == 1 else names
    if telling:
        review["originalMediaContextDescription"] = _context(report, telling)
    if original := _original(report, telling):
        review["originalMediaLink"] = original
    review["itemReviewed"] = {
        "@type": "MediaReviewItem",
        "mediaItemAppearance": [_media(report.source)],
    }
    if claimed := _claim_review(report):
        review["associatedClaimReview"] = claimed
    if report.fact_checks:
        links = dict.fromkeys(met.check.url for met in report.fact_checks)
        review["citation"] = [url for url in links if wording.safe_url(url)]
    return review


def propose(report: Report) -> Proposal:
    """What the facts suggest; nothing where no footage was recognised.

    Real footage with a wrong date or place is DecontextualizedContent; another speed, another
    sound, something large added or played backwards is TransformedContent; cuts in time and several
    pieces of footage in one clip are EditedOrCroppedContent. Footage that is mirrored, cropped or
    has a logo on it is still the footage: that is told, and proposes nothing.
    """
    telling = _telling(report)
    if not telling or not report.verdict:
        return Proposal((), ("No known footage was recognised in it.",))
    found: dict[str, list[str]] = {}
    if report.verdict.label == "earlier_appearance":
        found["DecontextualizedContent"] = ["the footage was published before the claimed time"]
    # A weak one rests on words alone: one place may lie within the other.
    reasons = report.verdict.reasons
    if any(reason.kind == _PLACE_DIFFERS and reason.strength != "weak" for reason in reasons):
        found.setdefault("DecontextualizedContent", []).append(
            "the footage is known from another place than the claimed one"
        )
    if changes := _changes(telling):
        found["TransformedContent"] = changes
    if cuts := _cuts(telling):
        found["EditedOrCroppedContent"] = cuts
    why = [f"{name}, because {joined(because)}." for name, because in found.items()]
    if not found:
        why = ["The footage is known, and nothing here contradicts what is said of it."]
    also = sorted({_TOLD[edit] for match in telling for edit in match.edits if edit in _TOLD})
    if also:
        why.append(f"It is also shown {joined(also)}.")
    return Proposal(tuple(found), tuple(why))


def joined(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _telling(report: Report) -> list[Match]:
    return [match for match in report.matches if match.accepted and not match.commonplace]


def _changes(telling: Sequence[Match]) -> list[str]:
    found = {
        _TRANSFORMING[edit]
        for match in telling
        for edit in match.edits
        if edit in _TRANSFORMING and (edit not in _ADDED or _covers_much(match, edit))
    }
    for match in telling:
        if any(abs(part.speed - 1) > _NORMAL_SPEED for part in match.segments):
            found.add(_TRANSFORMING["speed_changed"])
        if any(part.reversed for part in match.segments):
            found.add(_TRANSFORMING["reversed"])
        if match.sound == "other":
            found.add("its own sound is not heard: replaced, or covered by a voice or music")
    return sorted(found)


def _covers_much(match: Match, edit: str) -> bool:
    """Whether what was added covers much of the frame; unknown counts as much."""
    return match.edit_details.get(edit, {}).get("covered", 1.0) >= _MUCH


def _cuts(telling: Sequence[Match]) -> list[str]:
    """Jumps within a footage from one second of the clip to the next, and other footage beside."""
    found = []
    for match in telling:
        parts = sorted(match.segments, key=lambda part: part.query_start)
        for one, other in pairwise(parts):
            passed = other.query_start - one.query_end
            jumped = other.reference_start - one.reference_end
            if abs(jumped - passed * one.speed) > _GAP and not (one.reversed or other.reversed):
                found.append("it jumps in time within the footage")
                break
        if found:
            break
    if len({match.footage.id for match in telling}) > 1 and _side_by_side(telling):
        found.append("it joins several pieces of footage")
    return found


def _side_by_side(telling: Sequence[Match]) -> bool:
    """Different seconds of the clip hold different footage; the same seconds hold copies."""
    spans = sorted((p.query_start, p.query_end, m.footage.id) for m in telling for p in m.segments)
    return any(one[2] != other[2] and other[0] > one[1] - _GAP for one, other in pairwise(spans))


def _body(report: Report, proposal: Proposal) -> str:
    head = f"Draft by provenance {__version__}, for a person to check, rate and sign."
    lead = "Proposed: " if proposal.categories else "No category is proposed: "
    summary = wording.cut(report.verdict.summary, _LONG) if report.verdict else ""
    return " ".join(part for part in (head, lead + " ".join(proposal.why), summary) if part)


def _context(report: Report, telling: Sequence[Match]) -> str:
    """Where the footage is known from, the earliest appearance first."""
    seen = [a for match in telling for a in match.footage.appearances if a is not report.earliest]
    first = [report.earliest] if report.earliest else []
    dated = sorted((a for a in seen if a.published), key=_latest)
    said = [_appearance(appearance) for appearance in (*first, *dated)]
    known = "; ".join(dict.fromkeys(text for text in said if text))
    return f"Known footage: {known}." if known else "Known footage without a date."


def _latest(appearance: Appearance) -> float:
    assert appearance.published
    return appearance.published.latest.timestamp()


def _appearance(appearance: Appearance) -> str:
    title = f"“{wording.cut(appearance.title, 120)}”" if appearance.title else "published"
    parts = [title, wording.whereabouts(appearance)]
    if appearance.published:
        parts.append(spoken(appearance.published))
    return ", ".join(part for part in parts if part)


def _original(report: Report, telling: Sequence[Match]) -> str | None:
    """The address of the earliest appearance that has one; None where none is known."""
    given = [report.earliest] if report.earliest else []
    given += sorted(
        (a for match in telling for a in match.footage.appearances if a.published), key=_latest
    )
    own = {report.source.url, report.source.location}
    links = (wording.safe_url(a.url) for a in given if a.url not in own)
    return next((link for link in links if link), None)


def _media(source: Source) -> dict[str, Any]:
    """The clip that was checked, at the address where it was found."""
    media: dict[str, Any] = {"@type": "ImageObject" if source.duration is None else "VideoObject"}
    link = wording.safe_url(source.url or source.location)
    if link:
        media["url"] = link
    media["name"] = wording.source_name(source)
    if source.published:
        media["uploadDate"] = source.published.value
    if source.duration is not None:
        media["duration"] = f"PT{round(source.duration, 3):g}S"
    if source.sha256:
        media["sha256"] = source.sha256
    if source.width and source.height:
        media |= {"width": f"{source.width} px", "height": f"{source.height} px"}
    if source.uploader:
        media["creator"] = {"@type": "Person", "name": wording.cut(source.uploader, 120)}
    return media


def _claim_review(report: Report) -> dict[str, Any] | None:
    """The claim, for a ClaimReview whose rating a person gives."""
    claim = report.claim
    if not claim or not claim.text:
        return None
    item: dict[str, Any] = {"@type": "Claim"}
    link = wording.safe_url(claim.url) or wording.safe_url(report.source.url)
    if link:
        item["appearance"] = {"@type": "CreativeWork", "url": link}
    return {
        "@type": "ClaimReview",
        "creativeWorkStatus": "Draft",
        "claimReviewed": wording.cut(claim.text, _LONG),
        "itemReviewed": item,
    }
