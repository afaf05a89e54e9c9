"""What others found out, in the words that all reports for people share; it stands before all else.

The ratings are those of who gave them; nothing here agrees or disagrees.
"""

from __future__ import annotations

from provenance.dates import spoken
from provenance.models.fact_check import CATEGORIES, MetFactCheck
from provenance.report.wording import cut

HEADING = "Already fact-checked"
NOTE = "What others published. Their rating is theirs, and it may be about another claim."
_LONG = 600


def about(met: MetFactCheck) -> str:
    """What the fact-check speaks of."""
    if met.met_by == "source":
        text = "the page of this clip"
    elif met.linked:
        text = f"footage {met.footage}, of which footage in this clip is a copy"
    else:
        text = f"footage {met.footage}, which was found in this clip"
    if met.media and met.media.role == "original":
        text += ", as the original of what was checked"
    return text


def rating(met: MetFactCheck) -> str:
    """The publisher's words, and what a MediaReview says of the footage."""
    said = [f"“{cut(met.check.rating)}”"] if met.check.rating else []
    said += [CATEGORIES.get(name, cut(name, 60)) for name in met.check.categories]
    return ", ".join(said)


def lines(met: MetFactCheck) -> list[tuple[str, str]]:
    """The fact-check as (name, value) lines, without its address; empty values are left out."""
    check = met.check
    given = (
        ("Checked by", cut(check.publisher or "")),
        ("On", spoken(check.published) if check.published else ""),
        ("Rating", rating(met)),
        ("Claim", f"“{cut(check.claim, _LONG)}”" if check.claim else ""),
        ("About", about(met)),
    )
    return [(name, value) for name, value in given if value]
