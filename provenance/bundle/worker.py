"""Runs in a child: decodes a time stamp and tells what it says, as JSON on standard output."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def main(arguments: Sequence[str]) -> None:
    """Arguments: the token's file, SHA-256 of what it should be about, nonce or "", roots or ""."""
    token, digest, nonce, roots = arguments
    with contextlib.redirect_stdout(sys.stderr):
        found = _read(Path(token).read_bytes(), bytes.fromhex(digest), nonce, roots)
    json.dump(found, sys.stdout)


def _read(data: bytes, digest: bytes, nonce: str, roots: str) -> dict[str, Any]:
    from rfc3161_client import VerificationError

    told: dict[str, Any] = {}
    try:
        told |= _verified(data, digest, nonce, roots, told)
    except (VerificationError, ValueError, OSError) as error:
        return {**told, "error": str(error).rstrip(".") or "it cannot be read"}
    return {**told, "error": None}


def _verified(
    data: bytes, digest: bytes, nonce: str, roots: str, told: dict[str, Any]
) -> dict[str, Any]:
    """Put into `told` what the token says as soon as that is known. Raises where it fails."""
    from cryptography import x509
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    response = decode_timestamp_response(data)
    if response.status not in (0, 1):
        said = f": {'; '.join(response.status_string)}" if response.status_string else ""
        raise ValueError(f"the server refused (status {response.status}{said})")
    info = response.tst_info
    own = [x509.load_der_x509_certificate(one) for one in response.signed_data.certificates]
    told |= {"time": info.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ"), "signer": _signer(own)}
    if info.message_imprint.message != digest:
        raise ValueError("it is about something else")
    if nonce and info.nonce != int(nonce):
        raise ValueError("it answers another request")
    trusted = x509.load_pem_x509_certificates(Path(roots).read_bytes()) if roots else []
    builder = VerifierBuilder()
    # Without anchors, the signature is held against the certificates that came with it: that shows
    # that nothing was changed since, and nothing of who signed.
    for certificate in trusted or own:
        builder = builder.add_root_certificate(certificate)
    builder.build().verify(response, digest)
    return {"trusted": bool(trusted)}


def _signer(certificates: Sequence[Any]) -> str:
    """The name of the certificate that may stamp times."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    for certificate in certificates:
        with contextlib.suppress(x509.ExtensionNotFound, ValueError):
            usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.TIME_STAMPING in usage:
                return str(certificate.subject.rfc4514_string())
    return ""
