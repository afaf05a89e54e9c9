"""A manifest store, as the C2PA library prints it, to a `ContentCredentials`; pure.

The store is untrusted: any name may be missing, of another kind, or of any length. What cannot be
understood is left out; what is kept is cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from provenance.credentials.problems import TRUSTED, UNTRUSTED, problem
from provenance.dates import When
from provenance.errors import UsageError
from provenance.metadata.values import clean_text
from provenance.models.attestation import (
    PARTLY_AI,
    WHOLLY_AI,
    ContentCredentials,
    CredentialAction,
    CredentialIngredient,
    CredentialProblem,
    CredentialState,
    Generated,
    TimeBasis,
)

MOST_ACTIONS, MOST_INGREDIENTS, MOST_PROBLEMS, MOST_NAMES = 50, 50, 20, 10
MOST_LEVELS = 8  # of what something was made from that was made from something
_SHORT = 200

_STATES: Mapping[str, CredentialState] = {
    "trusted": "trusted",
    "valid": "valid",
    "invalid": "invalid",
}
_TIME_BASES: Mapping[str, TimeBasis] = {
    "timeStamp.trusted": "trusted_authority",
    "timeStamp.validated": "authority",
}
# Of claims by C2PA's first version the library trusts every time stamp authority, anchors or not.
_LEGACY_TRUST = "legacy"
_STAMPED_BY = re.compile(r"timestamp message digest matched: (.+)")


def interpreted(store: object, anchors: int, remote_url: object = None) -> ContentCredentials:
    """What the newest manifest of a store says.

    Args:
        store: the library's `Reader.json()`, decoded.
        anchors: how many trust anchors the library was given.
        remote_url: where the store was fetched from, if it was.
    """
    root = _mapping(store)
    manifests = _mapping(root.get("manifests"))
    label = root.get("active_manifest")
    active = _mapping(manifests.get(label)) if isinstance(label, str) else {}
    results = _mapping(root.get("validation_results"))
    # A store without a word on its validation was not validated, which is no state to build on.
    state = _STATES.get(str(root.get("validation_state")).lower(), "invalid")
    signature = _mapping(active.get("signature_info"))
    signed_at = _when(signature.get("time"))
    actions = tuple(_actions(active))[:MOST_ACTIONS]
    ingredients = tuple(_ingredients(manifests, active, results))[:MOST_INGREDIENTS]
    basis, authority = _time_stamp(results) if signed_at else (None, None)
    return ContentCredentials(
        state=state,
        signer=_text(signature.get("common_name")),
        issuer=_text(signature.get("issuer")),
        signed_at=signed_at if basis else None,
        time_basis=basis,
        time_authority=authority,
        generator=_generator(active),
        title=_text(active.get("title")),
        authors=tuple(_authors(active))[:MOST_NAMES],
        generated=_generated(actions, ingredients),
        source_types=_distinct(action.source_type for action in actions),
        actions=actions,
        ingredients=ingredients,
        problems=tuple(_problems(results))[:MOST_PROBLEMS] if state == "invalid" else (),
        anchors=anchors,
        remote_url=_text(remote_url),
        manifest=_text(label),
    )


def _assertions(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    """Data of the assertions with this label: "c2pa.actions", "c2pa.actions.v2", with "__1"."""
    for assertion in _list(manifest.get("assertions")):
        name = str(_mapping(assertion).get("label", ""))
        if re.fullmatch(rf"{re.escape(label)}(\.v\d+)?(__\d+)?", name):
            yield _mapping(_mapping(assertion).get("data"))


def _actions(manifest: Mapping[str, Any]) -> Iterator[CredentialAction]:
    for data in _assertions(manifest, "c2pa.actions"):
        for item in map(_mapping, _list(data.get("actions"))):
            name = _text(item.get("action"))
            parameters = _mapping(item.get("parameters"))
            if name:
                yield CredentialAction(
                    action=name,
                    when=_when(item.get("when")),
                    software=_named(item.get("softwareAgent")),
                    source_type=_source_type(item.get("digitalSourceType")),
                    text=_text(item.get("description") or parameters.get("description"))
                    or _text(item.get("reason")),
                )


def _ingredients(
    manifests: Mapping[str, Any],
    manifest: Mapping[str, Any],
    results: Mapping[str, Any],
    above: tuple[str, ...] = (),
) -> Iterator[CredentialIngredient]:
    if len(above) >= MOST_LEVELS:
        return
    for item in map(_mapping, _list(manifest.get("ingredients"))):
        label = item.get("active_manifest")
        own = _mapping(manifests.get(label)) if isinstance(label, str) else {}
        if not own and not _text(item.get("title")) and not item.get("format"):
            continue
        signature = _mapping(own.get("signature_info"))
        yield CredentialIngredient(
            title=_text(item.get("title")),
            relationship=_text(item.get("relationship")),
            level=len(above) + 1,
            state=_ingredient_state(item, results) if own else None,
            signer=_text(signature.get("common_name")),
            generator=_generator(own),
            source_types=_distinct(action.source_type for action in _actions(own)),
        )
        if own and isinstance(label, str) and label not in above:
            yield from _ingredients(manifests, own, results, (*above, label))


def _ingredient_state(
    item: Mapping[str, Any], results: Mapping[str, Any]
) -> Literal["trusted", "valid", "invalid"]:
    """What was found when the ingredient was taken in, corrected by what is found now."""
    then = _mapping(_mapping(item.get("validation_results")).get("activeManifest"))
    trusted, broken = _codes(then)
    # In older manifests all codes stand in one list of failures.
    older = {str(_mapping(s).get("code")) for s in _list(item.get("validation_status"))}
    broken |= older - {UNTRUSTED}
    for delta in map(_mapping, _list(results.get("ingredientDeltas"))):
        uri = str(delta.get("ingredientAssertionURI"))
        if item.get("label") and uri.rpartition("/")[2] == item["label"]:
            now = _mapping(delta.get("validationDeltas"))
            vouched, failed = _codes(now)
            trusted = vouched if vouched is not None else trusted
            broken |= failed
    if broken:
        return "invalid"
    return "trusted" if trusted else "valid"


def _codes(results: Mapping[str, Any]) -> tuple[bool | None, set[str]]:
    """Whether the signer is trusted (None: not said), and the codes of real failures."""
    good = {str(_mapping(s).get("code")) for s in _list(results.get("success"))}
    bad = {str(_mapping(s).get("code")) for s in _list(results.get("failure"))}
    trusted = True if TRUSTED in good else False if UNTRUSTED in bad else None
    return trusted, bad - {UNTRUSTED}


def _problems(results: Mapping[str, Any]) -> Iterator[CredentialProblem]:
    failures = list(_list(_mapping(results.get("activeManifest")).get("failure")))
    for delta in map(_mapping, _list(results.get("ingredientDeltas"))):
        failures += _list(_mapping(delta.get("validationDeltas")).get("failure"))
    told = set()
    for item in map(_mapping, failures):
        code = clean_text(str(item.get("code", "")), _SHORT)
        if code and code != UNTRUSTED and code not in told:
            told.add(code)
            yield problem(code, _text(item.get("explanation")) or "")


def _time_stamp(results: Mapping[str, Any]) -> tuple[TimeBasis | None, str | None]:
    """What stands behind the time of signing, and the authority's name."""
    basis: TimeBasis | None = None
    authority = None
    for item in map(_mapping, _list(_mapping(results.get("activeManifest")).get("success"))):
        code, said = str(item.get("code")), str(item.get("explanation", ""))
        if code not in _TIME_BASES:
            continue
        found = _TIME_BASES[code]
        if found == "trusted_authority" and said.startswith(_LEGACY_TRUST):
            found = "authority"
        basis = found if basis != "trusted_authority" else basis
        if name := _STAMPED_BY.fullmatch(said):
            authority = _text(name[1])
    return basis, authority


def _generated(
    actions: tuple[CredentialAction, ...], ingredients: tuple[CredentialIngredient, ...]
) -> Generated | None:
    created = {a.source_type for a in actions if a.action == "c2pa.created"}
    if created & WHOLLY_AI:
        return "generated"
    found: Generated | None = None
    if {action.source_type for action in actions} & (WHOLLY_AI | PARTLY_AI):
        found = "partly_generated"
    # An edit of something is that thing; a part makes a part; what went in as input does not show.
    line: list[str | None] = []
    for ingredient in ingredients:
        line = [*line[: ingredient.level - 1], ingredient.relationship]
        types = set(ingredient.source_types)
        if "inputTo" in line or not types & (WHOLLY_AI | PARTLY_AI):
            continue
        if types & WHOLLY_AI and all(step == "parentOf" for step in line):
            return "generated"
        found = "partly_generated"
    return found


def _generator(manifest: Mapping[str, Any]) -> str | None:
    for item in _list(manifest.get("claim_generator_info")):
        if name := _named(item):
            return name
    return _text(manifest.get("claim_generator"))


def _authors(manifest: Mapping[str, Any]) -> Iterator[str]:
    told = set()
    for data in _assertions(manifest, "stds.schema-org.CreativeWork"):
        authors = data.get("author")
        for author in authors if isinstance(authors, list) else [authors]:
            name = _text(_mapping(author).get("name"))
            if name and name not in told:
                told.add(name)
                yield name


def _named(value: object) -> str | None:
    """A program: its name, or an object with name and version."""
    if isinstance(value, str):
        return _text(value)
    program = _mapping(value)
    return _text(
        " ".join(filter(None, (_text(program.get("name")), _text(program.get("version")))))
    )


def _source_type(value: object) -> str | None:
    """ "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture" as "digitalCapture"."""
    text = _text(value)
    return text.rstrip("/").rpartition("/")[2] or None if text else None


def _when(value: object) -> When | None:
    try:
        return When.parse(value) if isinstance(value, str) else None
    except UsageError:
        return None


def _distinct(values: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:MOST_NAMES]


def _text(value: object) -> str | None:
    return clean_text(value, _SHORT) or None if isinstance(value, str) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
