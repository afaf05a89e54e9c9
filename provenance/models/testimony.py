"""What a file says of itself, as words that cross floors: tags and the findings drawn from them.

All of it is written by whoever made or handled the file: leads, never proof. `models` hands these
names on; import them from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provenance.dates import When

Strength = Literal["strong", "medium", "weak"]


@dataclass(frozen=True)
class Finding:
    """Something a file says of itself: a lead, never proof.

    Attributes:
        kind: a stable snake_case word.
        text: one or two sentences for people.
        source: names the tag it stands in.
        when: the date that the text tells, to be counted with; never a date of publication. It has
            no zone where the field's own zone is not to be relied on, so that it spans every hour
            that it may mean.
        latitude, longitude: the position that the text tells, in decimal degrees, north and east
            positive; both or neither.
    """

    kind: str
    text: str
    strength: Strength
    source: str
    when: When | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Metadata:
    """What the file says of itself: container tags, EXIF tags, and findings drawn from them."""

    container: Mapping[str, Any] = field(default_factory=dict)
    exif: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def metadata_dict(metadata: Metadata) -> dict[str, Any]:
    """The report's field `metadata`. Degrees are rounded to six decimals, a tenth of a metre."""
    return {
        "container": dict(metadata.container),
        "exif": dict(metadata.exif),
        "findings": [_finding_dict(finding) for finding in metadata.findings],
    }


def _finding_dict(finding: Finding) -> dict[str, Any]:
    when = finding.when
    return {
        "kind": finding.kind,
        "text": finding.text,
        "strength": finding.strength,
        "source": finding.source,
        "when": when and when.value,
        "precision": when and when.precision,
        "zone": when and when.zone,
        "latitude": None if finding.latitude is None else round(finding.latitude, 6),
        "longitude": None if finding.longitude is None else round(finding.longitude, 6),
    }
