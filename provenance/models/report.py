"""A report and what it is made of: sources, footage and its appearances, matches, a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from provenance._version import __version__
from provenance.dates import When
from provenance.errors import ProvenanceError
from provenance.models.attestation import ContentCredentials, credentials_dict
from provenance.models.claim import Claim
from provenance.models.fact_check import MetFactCheck, met_fact_check_dict
from provenance.models.material import Evidence, SegmentPictures
from provenance.models.segments import Link, Segment
from provenance.models.testimony import Metadata, Strength, metadata_dict

SCHEMA = "provenance.report/1"

Basis = Literal["platform", "archived", "declared", "ingested"]
BASES: tuple[Basis, ...] = ("platform", "archived", "declared", "ingested")
"""Where a publication date comes from, strongest first."""

Label = Literal["earlier_appearance", "known_footage", "inconclusive", "no_match"]
Bearing = Literal["against", "for", "neutral"]

SoundState = Literal["compared", "silent", "none", "unavailable", "unreadable"]
"""What became of a source's sound: it was compared; there is nothing in it to compare; there is no
sound track; this ffmpeg cannot fingerprint sound; the track could not be decoded."""

SoundRelation = Literal["same", "shifted", "other", "source_silent", "footage_silent", "unknown"]
"""How the sound of matched seconds relates to the footage's: the same, in step with the pictures;
the footage's own from another moment; another, or one that covers it; silent here, or there; not
to be told."""


@dataclass(frozen=True)
class Source:
    """What is checked. A still has `duration` and `fps` None.

    Attributes:
        location: as the user gave it: a path or a URL (without user name and password).
        url: the canonical address of a download, else None.
        file: the file that was read.
        published: the publication time by the site's own extractor, with `basis` "platform";
            never a server's Last-Modified.
        duration: seconds.
        fetched_at: when the file of a URL was fetched; before the check where it had been kept.
    """

    location: str
    url: str | None = None
    file: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    codec: str | None = None
    title: str | None = None
    uploader: str | None = None
    platform: str | None = None
    published: When | None = None
    basis: Basis | None = None
    description: str | None = None
    fetched_at: When | None = None


@dataclass(frozen=True)
class Appearance:
    """Where and when footage was published. `id` is 0 until the archive has given one."""

    id: int = 0
    url: str | None = None
    platform: str | None = None
    published: When | None = None
    basis: Basis | None = None
    title: str | None = None
    uploader: str | None = None
    place: str | None = None
    note: str | None = None
    fact_check: str | None = None
    remembered_sha256: str | None = None
    """SHA-256 of the checked clip that this appearance was recorded from by `check --remember`."""


@dataclass(frozen=True)
class Footage:
    """One known piece of footage and everywhere it appeared."""

    id: int
    location: str
    sha256: str
    title: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    added_at: When | None = None
    has_thumbnails: bool = True
    appearances: tuple[Appearance, ...] = ()
    hashes_only: bool = False
    """Known by hashes that somebody shared: `sha256` and `location` are those of the list."""


@dataclass(frozen=True)
class Linked:
    """Footage that a matched footage is a copy of, by way of one link or several.

    Attributes:
        through: ids of the footages in between, beginning with the one that was matched.
        score: the least score of the links on the way, 0..1.
        segments: query seconds are those of the source, reference seconds those of `footage`.
    """

    footage: Footage
    through: tuple[int, ...]
    score: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Match:
    """The source holds seconds of this footage. `score` (0..1) compares between queries."""

    footage: Footage
    score: float
    accepted: bool
    segments: tuple[Segment, ...]
    commonplace: bool = False
    edits: tuple[str, ...] = ()
    edit_details: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sound: SoundRelation | None = None
    """Whether the matched seconds carry the footage's own sound; None where nobody asked."""
    linked: tuple[Linked, ...] = ()
    """Other known footage that holds these seconds too, and did not match by itself."""


@dataclass(frozen=True)
class SoundMatch:
    """The source's sound holds seconds of this footage's sound; says nothing of its pictures.

    Attributes:
        commonplace: a sound that several footages with other pictures share, such as a song.
        pictures: "same" where the pictures of this footage were found and accepted too.
    """

    footage: Footage
    score: float
    accepted: bool
    segments: tuple[Segment, ...]
    commonplace: bool = False
    pictures: Literal["same", "other"] = "other"


@dataclass(frozen=True)
class Sound:
    """What the sound of a source says, apart from its pictures. Best match first."""

    state: SoundState
    matches: tuple[SoundMatch, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One reason of a verdict. `kind` is a stable snake_case word; `text` is for people.

    `source` names what it rests on, or is empty; `bearing`: does it speak against the claim?
    """

    kind: str
    text: str
    strength: Strength
    source: str = ""
    bearing: Bearing = "neutral"


@dataclass(frozen=True)
class Verdict:
    """What the matches mean for the claim. `confidence` is None for `no_match`."""

    label: Label
    summary: str
    confidence: float | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """How much of the source the accepted matches explain: seconds, and share 0..1."""

    seconds: float = 0.0
    share: float = 0.0


@dataclass(frozen=True)
class ArchiveState:
    """What an archive held when it was asked; without it `no_match` means nothing.

    `earliest` and `latest` are the first and last publication dates it knows.
    """

    location: str
    footages: int
    hours: float
    earliest: When | None = None
    latest: When | None = None
    updated_at: When | None = None


@dataclass(frozen=True)
class SourceError:
    """Why one source could not be checked."""

    kind: str
    message: str
    hint: str
    exit_code: int

    @classmethod
    def of(cls, error: ProvenanceError) -> SourceError:
        """What there is to tell of an error."""
        return cls(error.kind, error.message, error.hint, error.exit_code)


@dataclass(frozen=True)
class Row:
    """The row of a table that a report answers.

    Attributes:
        line: the line of the table on which the row begins, from 1.
        key: the same for the same question: source, claim and what else decides on the answer.
        extra: cells of the row that say neither source nor claim, by the names of their columns.
    """

    line: int
    key: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The answer to one `check`. See docs/report-schema.md for the JSON form."""

    source: Source
    checked_at: When
    archive: ArchiveState | None = None
    claim: Claim | None = None
    verdict: Verdict | None = None
    coverage: Coverage = Coverage()
    earliest: Appearance | None = None
    matches: tuple[Match, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    content_credentials: ContentCredentials | None = None
    error: SourceError | None = None
    pictures: tuple[SegmentPictures, ...] = ()
    sound: Sound | None = None
    fact_checks: tuple[MetFactCheck, ...] = ()
    evidence: Evidence | None = None
    row: Row | None = None

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data by the schema `provenance.report/1`.

        Figures are rounded to milliseconds and four decimals. Local paths stay as given.
        """
        return {
            "schema": SCHEMA,
            "tool": {"name": "provenance", "version": __version__},
            "checked_at": self.checked_at.value,
            "archive": _archive_dict(self.archive) if self.archive else None,
            "source": _source_dict(self.source),
            "claim": _claim_dict(self.claim) if self.claim else None,
            "fact_checks": [met_fact_check_dict(met) for met in self.fact_checks],
            "verdict": _verdict_dict(self.verdict) if self.verdict else None,
            "coverage": {
                "seconds": round(self.coverage.seconds, 3),
                "share": round(self.coverage.share, 4),
            },
            "earliest": appearance_dict(self.earliest) if self.earliest else None,
            "matches": [_match_dict(match) for match in self.matches],
            "sound": _sound_dict(self.sound) if self.sound else None,
            "metadata": metadata_dict(self.metadata),
            "content_credentials": self.content_credentials
            and credentials_dict(self.content_credentials),
            "error": asdict(self.error) if self.error else None,
            **({"row": row_dict(self.row)} if self.row else {}),
        }


def row_dict(row: Row) -> dict[str, Any]:
    """A row as JSON-ready data."""
    return {"line": row.line, "key": row.key, "extra": dict(row.extra)}


def appearance_dict(appearance: Appearance) -> dict[str, Any]:
    """An appearance as JSON-ready data; `zone` is the zone its time came with."""
    return {
        "id": appearance.id,
        "url": appearance.url,
        "platform": appearance.platform,
        **_when_dict(appearance.published),
        "basis": appearance.basis,
        "title": appearance.title,
        "uploader": appearance.uploader,
        "place": appearance.place,
        "note": appearance.note,
        "fact_check": appearance.fact_check,
    }


def footage_dict(footage: Footage) -> dict[str, Any]:
    """A footage with all its appearances as JSON-ready data."""
    return {
        "id": footage.id,
        "location": footage.location,
        "sha256": footage.sha256,
        "title": footage.title,
        "duration": _rounded(footage.duration),
        "width": footage.width,
        "height": footage.height,
        "fps": _rounded(footage.fps),
        "added_at": footage.added_at and footage.added_at.value,
        "has_thumbnails": footage.has_thumbnails,
        "hashes_only": footage.hashes_only,
        "appearances": [appearance_dict(appearance) for appearance in footage.appearances],
    }


def _when_dict(when: When | None) -> dict[str, str | None]:
    return {
        "published": when.value if when else None,
        "precision": when.precision if when else None,
        "zone": when.zone if when else None,
    }


def _archive_dict(archive: ArchiveState) -> dict[str, Any]:
    return {
        "location": archive.location,
        "footages": archive.footages,
        "hours": round(archive.hours, 4),
        "earliest": archive.earliest and archive.earliest.value,
        "latest": archive.latest and archive.latest.value,
        "updated_at": archive.updated_at and archive.updated_at.value,
    }


def _source_dict(source: Source) -> dict[str, Any]:
    return {
        "location": source.location,
        "url": source.url,
        "file": source.file,
        "sha256": source.sha256,
        "bytes": source.bytes,
        "duration": _rounded(source.duration),
        "width": source.width,
        "height": source.height,
        "fps": _rounded(source.fps),
        "codec": source.codec,
        "title": source.title,
        "uploader": source.uploader,
        "platform": source.platform,
        **_when_dict(source.published),
        "basis": source.basis,
        "description": source.description,
        "fetched_at": source.fetched_at and source.fetched_at.value,
    }


def _claim_dict(claim: Claim) -> dict[str, Any]:
    return {
        "text": claim.text,
        "date": claim.date and claim.date.value,
        "date_end": claim.date_end and claim.date_end.value,
        "place": claim.place,
        "url": claim.url,
        "published": claim.published and claim.published.value,
        "found": [{**asdict(found), "values": list(found.values)} for found in claim.found],
    }


def _verdict_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "label": verdict.label,
        "confidence": _rounded(verdict.confidence, 4),
        "summary": verdict.summary,
        "reasons": [asdict(reason) for reason in verdict.reasons],
    }


def _match_dict(match: Match) -> dict[str, Any]:
    return {
        "footage": footage_dict(match.footage),
        "score": round(match.score, 4),
        "accepted": match.accepted,
        "commonplace": match.commonplace,
        "segments": [_segment_dict(segment) for segment in match.segments],
        "edits": list(match.edits),
        "edit_details": {
            name: {key: _rounded(value, 4) for key, value in figures.items()}
            for name, figures in match.edit_details.items()
        },
        "sound": match.sound,
        "linked": [linked_dict(linked) for linked in match.linked],
    }


def link_dict(link: Link) -> dict[str, Any]:
    """A link, as seen from its footage, as JSON-ready data."""
    return {
        "footage": link.other,
        "score": round(link.score, 4),
        "segments": [_segment_dict(segment) for segment in link.segments],
    }


def linked_dict(linked: Linked) -> dict[str, Any]:
    """Footage reached through links as JSON-ready data."""
    return {
        "footage": footage_dict(linked.footage),
        "through": list(linked.through),
        "score": round(linked.score, 4),
        "segments": [_segment_dict(segment) for segment in linked.segments],
    }


def _sound_dict(sound: Sound) -> dict[str, Any]:
    return {
        "state": sound.state,
        "matches": [
            {
                "footage": footage_dict(match.footage),
                "score": round(match.score, 4),
                "accepted": match.accepted,
                "commonplace": match.commonplace,
                "pictures": match.pictures,
                "segments": [_segment_dict(segment) for segment in match.segments],
            }
            for match in sound.matches
        ],
    }


def _segment_dict(segment: Segment) -> dict[str, Any]:
    return {
        "query_start": round(segment.query_start, 3),
        "query_end": round(segment.query_end, 3),
        "reference_start": round(segment.reference_start, 3),
        "reference_end": round(segment.reference_end, 3),
        "speed": round(segment.speed, 4),
        "mirrored": segment.mirrored,
        "reversed": segment.reversed,
        "score": round(segment.score, 4),
        "evidence": {key: _rounded(value, 4) for key, value in segment.evidence.items()},
        "region": segment.region
        and {key: round(value, 4) for key, value in asdict(segment.region).items()},
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
