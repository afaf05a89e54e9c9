"""What others found out about footage: fact-checks, and how a checked clip meets one.

A fact-check names the pages where the footage that it is about appeared. It is met by a clip from
one of those pages, or by a clip in which footage from one of those pages was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from provenance.dates import When

Kind = Literal["ClaimReview", "MediaReview"]
Role = Literal["reviewed", "original"]
"""Whether a fact-check is about what stands at an address, or names it as the original of that."""
MetBy = Literal["source", "footage"]
"""A fact-check names the page of the checked clip itself, or a page of footage found in it."""

CATEGORIES: dict[str, str] = {
    "DecontextualizedContent": "real footage shown in a wrong context",
    "EditedOrCroppedContent": "edited or cropped",
    "OriginalMediaContent": "original footage",
    "SatireOrParodyContent": "satire or parody",
    "StagedContent": "staged",
    "TransformedContent": "transformed: manipulated or generated",
}
"""The values of MediaReview's `mediaAuthenticityCategory` in words (schema.org,
MediaManipulationRatingEnumeration)."""


@dataclass(frozen=True)
class CheckedMedia:
    """The address of footage that a fact-check speaks of."""

    url: str
    role: Role = "reviewed"


@dataclass(frozen=True)
class FactCheck:
    """One published fact-check. `id` is 0 until the archive has given one.

    Attributes:
        kind: which schema.org type it was published as.
        url: the page of the fact-check.
        publisher: who checked it.
        published: when the fact-check was published.
        rating: the publisher's own words: "False", "Missing context".
        categories: what a MediaReview says of the footage, names from `CATEGORIES`.
        claim: what was claimed.
        media: where the footage appeared.
        origin: the feed that it was read from, and where in it.
    """

    url: str
    kind: Kind = "ClaimReview"
    id: int = 0
    publisher: str | None = None
    published: When | None = None
    rating: str | None = None
    categories: tuple[str, ...] = ()
    claim: str | None = None
    media: tuple[CheckedMedia, ...] = ()
    origin: str = ""


@dataclass(frozen=True)
class MetFactCheck:
    """A fact-check that a checked clip meets.

    Attributes:
        met_by: through the clip's own address, or through footage that was found in it.
        footage: id of that footage.
        media: the address in the fact-check that led here; None where a person recorded the
            fact-check with the footage.
        linked: the footage did not match by itself: what did is linked to it as a copy.
    """

    check: FactCheck
    met_by: MetBy
    footage: int | None = None
    media: CheckedMedia | None = None
    linked: bool = False


def met_fact_check_dict(met: MetFactCheck) -> dict[str, Any]:
    """A fact-check as it stands in a report, as JSON-ready data."""
    check = met.check
    return {
        "kind": check.kind,
        "url": check.url,
        "publisher": check.publisher,
        "published": check.published and check.published.value,
        "precision": check.published and check.published.precision,
        "zone": check.published and check.published.zone,
        "rating": check.rating,
        "categories": list(check.categories),
        "claim": check.claim,
        "met_by": met.met_by,
        "footage": met.footage,
        "linked": met.linked,
        "media_url": met.media and met.media.url,
        "media_role": met.media and met.media.role,
    }
