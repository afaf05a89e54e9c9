"""The front: a file in, its `ContentCredentials` out, or None where it carries none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provenance.credentials.anchors import Anchors, read_anchors
from provenance.credentials.formats import HEAD_BYTES, sniffed_format
from provenance.credentials.interpreting import interpreted
from provenance.errors import SettingsError, ToolError
from provenance.metadata.values import clean_text
from provenance.models.attestation import ContentCredentials, CredentialProblem
from provenance.process import Limits, run_worker
from provenance.settings import Settings

WORKER = "provenance.credentials.worker"
TIMEOUT = 180.0
"""Seconds. Every byte of a signed file is hashed: 300 MB took 1.2 s, measured on 2 busy cores."""
_OUTPUT = 16 << 20
_WHY_LENGTH = 300


def read_credentials(
    path: str | Path, settings: Settings | None = None
) -> ContentCredentials | None:
    """What a file's Content Credentials say, and whether they hold.

    None where the file carries none, and where its format has no place for them (Matroska, WebM).
    Damaged credentials give the state "unreadable", never an error. The network is not asked
    unless the setting `credentials_network` allows it.

    Raises:
        SettingsError: the trust anchors of the settings cannot be used.
    """
    settings = settings or Settings()
    anchors = read_anchors(settings)
    path = Path(path).absolute()
    kind = sniffed_format(_head(path))
    if kind is None:
        return None
    network = "yes" if settings.credentials_network else "no"
    asked = ["read", str(path), kind, str(anchors.path or ""), network]
    try:
        found = _asked(asked, settings)
        why = "the reader crashed on them" if found is None else ""
    except ToolError as error:
        found, why = None, error.message
    if not isinstance(found, dict):
        return _unreadable(path, settings, anchors, why or "the reader gave no answer")
    if "anchors" in found:
        raise SettingsError(
            f"The trust anchors {anchors.path} were refused: {_plain(found['anchors'])}.",
            "Name a file of certificates in PEM form in credentials_anchors.",
        )
    return _result(found, anchors)


def _result(found: dict[str, Any], anchors: Anchors) -> ContentCredentials | None:
    if "store" in found:
        return interpreted(found["store"], anchors.number, found.get("remote_url"))
    if "remote" in found:
        address = clean_text(str(found["remote"]))
        problem = CredentialProblem("not_fetched", "they are kept elsewhere and were not fetched")
        return ContentCredentials(
            "not_fetched", problems=(problem,), anchors=anchors.number, remote_url=address
        )
    if "broken" in found:
        return _broken(_plain(found["broken"]), anchors)
    return None


def _unreadable(
    path: Path, settings: Settings, anchors: Anchors, why: str
) -> ContentCredentials | None:
    """After a crash: is there anything that should have been read?"""
    try:
        found = _asked(["marked", str(path)], settings)
    except ToolError:
        return None
    marked = isinstance(found, dict) and found.get("marked") is True
    return _broken(_plain(why), anchors) if marked else None


def _broken(why: str, anchors: Anchors) -> ContentCredentials:
    return ContentCredentials(
        "unreadable", problems=(CredentialProblem("unreadable", why),), anchors=anchors.number
    )


def _asked(arguments: Sequence[str], settings: Settings) -> Any:
    limits = Limits(timeout=TIMEOUT, memory=settings.decode_memory, output=_OUTPUT)
    return run_worker(WORKER, arguments, limits)


def _plain(why: object) -> str:
    """The library's words without the name of its error class."""
    text = clean_text(str(why), _WHY_LENGTH).rstrip(".")
    kind, _, rest = text.partition(": ")
    return rest if rest and kind.isalpha() else text


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
