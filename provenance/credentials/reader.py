"""The front: a file in, its `ContentCredentials` out, or None where it carries none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from provenance.credentials.anchors import Anchors, read_anchors
from provenance.credentials.formats import HEAD_BYTES, sniffed_format
from provenance.credentials.interpreting import interpreted
from provenance.download import fetch_file
from provenance.errors import DownloadError, SettingsError, ToolError
from provenance.metadata.values import clean_text
from provenance.models.attestation import ContentCredentials, CredentialProblem
from provenance.process import Limits, run_worker
from provenance.scratch import scratch_folder
from provenance.settings import Settings

WORKER = "provenance.credentials.worker"
TIMEOUT = 180.0
"""Seconds. Every byte of a signed file is hashed: 300 MB took 1.2 s, measured on 2 busy cores."""
_OUTPUT = 16 << 20
_STORE_BYTES = 64 << 20  # with thumbnails of everything that it was made from, a few MiB
_FETCH_SECONDS = 60.0
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
    arguments = [str(path), kind, str(anchors.path or "")]
    found = _read(path, [*arguments, ""], settings, anchors)
    if isinstance(found, dict) and "remote" in found and settings.credentials_network:
        return _elsewhere(path, str(found["remote"]), arguments, settings, anchors)
    return _result(found, anchors)


def _read(
    path: Path, arguments: Sequence[str], settings: Settings, anchors: Anchors
) -> dict[str, Any] | ContentCredentials | None:
    """What the worker found; after a crash, what that means."""
    try:
        found = _asked(["read", *arguments], settings)
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
    return found


def _elsewhere(
    path: Path, address: str, arguments: Sequence[str], settings: Settings, anchors: Anchors
) -> ContentCredentials | None:
    """The credentials of a file that names an address for them, fetched as a download is."""
    limits = replace(settings, download_max_bytes=_STORE_BYTES, download_timeout=_FETCH_SECONDS)
    with scratch_folder() as folder:
        try:
            store = fetch_file(address, folder, limits)
        except DownloadError as error:
            return replace(_broken(_plain(error.message), anchors), remote_url=clean_text(address))
        found = _read(path, [*arguments, str(store)], settings, anchors)
    return _result(found, anchors, address)


def _result(
    found: dict[str, Any] | ContentCredentials | None, anchors: Anchors, address: str | None = None
) -> ContentCredentials | None:
    if not isinstance(found, dict):
        return found
    if "store" in found:
        return interpreted(found["store"], anchors.number, address)
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
