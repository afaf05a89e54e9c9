"""The words of this project as frozen dataclasses: what crosses from one floor to another.

Times within media are seconds (float). `Footage` is what is known, an `Appearance` is where and
when it was published, a `Source` is what is checked, a `Match` ties seconds of the source to
seconds of one footage, a `Verdict` says what that means for the `Claim`, a `Report` holds it all.
"""

from __future__ import annotations

from provenance.models.attestation import (
    ContentCredentials,
    CredentialAction,
    CredentialIngredient,
    CredentialState,
)
from provenance.models.claim import (
    Claim,
    Found,
    FoundIn,
)
from provenance.models.material import (
    Evidence,
    EvidenceFrame,
    Fingerprint,
    SegmentPictures,
    Thumbnail,
)
from provenance.models.report import (
    BASES,
    SCHEMA,
    Appearance,
    ArchiveState,
    Basis,
    Bearing,
    Coverage,
    Footage,
    Label,
    Linked,
    Match,
    Reason,
    Report,
    Row,
    Sound,
    SoundMatch,
    SoundRelation,
    SoundState,
    Source,
    SourceError,
    Verdict,
    appearance_dict,
    footage_dict,
    link_dict,
    linked_dict,
    row_dict,
)
from provenance.models.segments import (
    Link,
    Region,
    Segment,
)
from provenance.models.testimony import (
    Finding,
    Metadata,
    Strength,
)

__all__ = [
    "BASES",
    "SCHEMA",
    "Appearance",
    "ArchiveState",
    "Basis",
    "Bearing",
    "Claim",
    "ContentCredentials",
    "Coverage",
    "CredentialAction",
    "CredentialIngredient",
    "CredentialState",
    "Evidence",
    "EvidenceFrame",
    "Finding",
    "Fingerprint",
    "Footage",
    "Found",
    "FoundIn",
    "Label",
    "Link",
    "Linked",
    "Match",
    "Metadata",
    "Reason",
    "Region",
    "Report",
    "Row",
    "Segment",
    "SegmentPictures",
    "Sound",
    "SoundMatch",
    "SoundRelation",
    "SoundState",
    "Source",
    "SourceError",
    "Strength",
    "Thumbnail",
    "Verdict",
    "appearance_dict",
    "footage_dict",
    "link_dict",
    "linked_dict",
    "row_dict",
]
