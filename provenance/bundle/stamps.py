"""Time stamps by RFC 3161: somebody else's signature that a manifest existed at a time.

A server learns the SHA-256 of the manifest and nothing else. What it answers is decoded in a child.
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from provenance.errors import DownloadError
from provenance.process import LimitError, Limits, run_worker
from provenance.scratch import scratch_folder
from provenance.settings import Settings
from provenance.urls import is_url

WORKER = "provenance.bundle.worker"
MOST_BYTES = 1024 * 1024
"""A token with a chain of certificates has 3 to 8 kB."""
_SECONDS = 30.0
_TYPE = "application/timestamp-query"


class StampError(DownloadError):
    """No time stamp could be had."""

    kind = "timestamp"


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says.

    Attributes:
        error: why it does not hold; None where it does.
        time: when, RFC 3339 in UTC.
        signer: the signer's name.
        trusted: whether the signer was checked against certificates that the user named.
    """

    error: str | None
    time: str = ""
    signer: str = ""
    trusted: bool = False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The server that you named is asked, and no other that it would send us to."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        where = "".join(c if c.isprintable() else "?" for c in newurl)[:300]
        raise urllib.error.URLError(f"it sends us on to {where}, which was not asked")


def request_stamp(manifest: bytes, url: str, settings: Settings) -> bytes:
    """A time stamp over a manifest, as the server gave it (DER).

    Raises:
        StampError: the address is none, the server does not answer, or its answer does not hold.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    if not is_url(url):
        raise StampError(
            f"{url} is no address of a server of time stamps.", "Give one with --timestamp-url."
        )
    builder = TimestampRequestBuilder().data(manifest).hash_algorithm(HashAlgorithm.SHA256)
    query = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    request = urllib.request.Request(  # noqa: S310 - http or https, see above
        url, data=query.as_bytes(), headers={"Content-Type": _TYPE}
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS) as answer:
            data: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or f"{error}".strip() or "it answers no HTTP"
        raise StampError(
            f"No time stamp came from {url}: {reason}.", "Try again, or name another server."
        ) from error
    stamp = read_stamp(data, manifest, settings, nonce=query.nonce)
    if stamp.error:
        raise StampError(
            f"The time stamp from {url} does not hold: {stamp.error}.", "Name another server."
        )
    return data


def read_stamp(
    data: bytes, manifest: bytes, settings: Settings, *, nonce: int | None = None
) -> Stamp:
    """What a time stamp over a manifest says, and whether it holds.

    Args:
        nonce: the number that was asked with, where that is known.
    """
    if len(data) > MOST_BYTES:
        return Stamp("it is too large")
    roots = Path(settings.timestamp_roots).expanduser() if settings.timestamp_roots else None
    if roots and not roots.is_file():
        return Stamp(f"the file of trusted certificates, {roots}, is not there")
    with scratch_folder() as folder:
        token = folder / "timestamp.tsr"
        token.write_bytes(data)
        digest = hashlib.sha256(manifest).hexdigest()
        arguments = [str(token), digest, "" if nonce is None else str(nonce), str(roots or "")]
        try:
            found = run_worker(WORKER, arguments, Limits(timeout=60.0, output=65_536))
        except LimitError as error:
            return Stamp(error.message)
    if not isinstance(found, dict):
        return Stamp("it cannot be read")
    return Stamp(
        found.get("error"),
        str(found.get("time", "")),
        str(found.get("signer", "")),
        bool(found.get("trusted")),
    )
