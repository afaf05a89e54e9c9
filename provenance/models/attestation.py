"""Content Credentials as words that cross floors: who signed what of a file, and whether it holds.

C2PA's own words are kept where they are stable ones: `c2pa.created` is an action, `parentOf` a
relationship, `trainedAlgorithmicMedia` a digital source type by IPTC. `models` hands these names
on; import them from there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from provenance.dates import When

CredentialState = Literal["trusted", "valid", "invalid", "unreadable", "not_fetched"]
"""What became of a file's credentials: intact, and the signer is vouched for by a trust anchor;
intact, by a signer that nobody vouches for; broken; there, but not to be read; elsewhere, at an
address that was not asked."""

TimeBasis = Literal["trusted_authority", "authority"]
"""What stands behind the time of signing: a time stamp authority that a trust anchor vouches for;
one that nobody vouches for."""

Generated = Literal["generated", "partly_generated"]
"""What the credentials say of generative AI: it made the whole; it made or changed a part."""

WHOLLY_AI = frozenset({"trainedAlgorithmicMedia"})
PARTLY_AI = frozenset(
    {"compositeWithTrainedAlgorithmicMedia", "compositeSynthetic", "trainedAlgorithmicData"}
)
"""IPTC's digital source types that speak of generative AI: it made the whole, or a part.
See cv.iptc.org/newscodes/digitalsourcetype."""


@dataclass(frozen=True)
class CredentialAction:
    """One step that the credentials tell of.

    Attributes:
        action: C2PA's word, such as "c2pa.created" or "c2pa.cropped".
        when: when it was done, by the signer's own clock.
        software: what did it.
        source_type: IPTC's word for where the pictures come from, such as "digitalCapture".
        text: a description or reason in words.
    """

    action: str
    when: When | None = None
    software: str | None = None
    source_type: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class CredentialIngredient:
    """Something that the file was made from.

    Attributes:
        relationship: C2PA's word: "parentOf" (the file is an edit of it), "componentOf" (a part of
            the file), "inputTo" (fed to what made the file).
        level: 1 for what this file was made from, 2 for what that was made from, and so on.
        state: of the ingredient's own credentials; None where it brought none.
        signer, generator: by those credentials.
        source_types: IPTC's words in those credentials.
    """

    title: str | None
    relationship: str | None
    level: int = 1
    state: Literal["trusted", "valid", "invalid"] | None = None
    signer: str | None = None
    generator: str | None = None
    source_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class CredentialProblem:
    """Why credentials do not hold: C2PA's status code, and what it means."""

    code: str
    text: str


@dataclass(frozen=True)
class ContentCredentials:
    """The C2PA result of one file: what its newest manifest says, and whether that holds.

    Attributes:
        state: whether it holds; everything below is worth no more than this.
        signer: common name in the signing certificate. Anyone can write any name into a
            certificate; only `state` "trusted" says that somebody checked it.
        issuer: organisation in the signing certificate.
        signed_at: the time of the time stamp on the signature; None without one, since a signer's
            own clock is not part of a signature.
        time_basis: what stands behind `signed_at`.
        time_authority: name of the time stamp authority.
        generator: the program that made the claim, by its own name.
        authors: names that the credentials give as authors.
        generated: what they say of generative AI.
        source_types: IPTC's words in the actions of this manifest.
        actions: in the order given.
        ingredients: in the order given, each followed by its own.
        problems: why `state` is "invalid", "unreadable" or "not_fetched".
        anchors: trust anchors that were asked.
        remote_url: the address of credentials that are kept elsewhere.
        manifest: label of the manifest.
    """

    state: CredentialState
    signer: str | None = None
    issuer: str | None = None
    signed_at: When | None = None
    time_basis: TimeBasis | None = None
    time_authority: str | None = None
    generator: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    generated: Generated | None = None
    source_types: tuple[str, ...] = ()
    actions: tuple[CredentialAction, ...] = ()
    ingredients: tuple[CredentialIngredient, ...] = ()
    problems: tuple[CredentialProblem, ...] = ()
    anchors: int = 0
    remote_url: str | None = None
    manifest: str | None = None


def credentials_dict(credentials: ContentCredentials) -> dict[str, Any]:
    """The report's field `content_credentials`, JSON-ready."""
    data = {name: getattr(credentials, name) for name in credentials.__dataclass_fields__}
    return data | {
        "signed_at": credentials.signed_at and credentials.signed_at.value,
        "authors": list(credentials.authors),
        "source_types": list(credentials.source_types),
        "actions": [
            asdict(action) | {"when": action.when and action.when.value}
            for action in credentials.actions
        ],
        "ingredients": [
            asdict(ingredient) | {"source_types": list(ingredient.source_types)}
            for ingredient in credentials.ingredients
        ],
        "problems": [asdict(problem) for problem in credentials.problems],
    }
