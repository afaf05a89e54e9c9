"""Trust anchors: the root certificates whose signers and time stamp authorities you trust.

None ship with the package. Whom to trust is for the desk to decide; docs/content-credentials.md
says where lists are published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from provenance.errors import SettingsError
from provenance.settings import Settings

MOST_BYTES = 8 << 20  # the public lists have some hundred kilobytes
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_ADVICE = (
    "Name a file of certificates in PEM form in credentials_anchors, or leave the setting empty."
)


@dataclass(frozen=True)
class Anchors:
    """Certificates that are trusted: the file they stand in (None: none) and their number."""

    path: Path | None = None
    number: int = 0


def read_anchors(settings: Settings) -> Anchors:
    """The trust anchors of the settings.

    Raises:
        SettingsError: the file cannot be read or holds no certificates. Nothing is checked against
            half a list.
    """
    if not settings.credentials_anchors:
        return Anchors()
    path = Path(settings.credentials_anchors).expanduser().absolute()
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode("latin-1")
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            f"The trust anchors {path} cannot be read: {reason}.", _ADVICE
        ) from error
    if len(text) > MOST_BYTES:
        raise SettingsError(f"The trust anchors {path} are larger than 8 MiB.", _ADVICE)
    blocks = _BLOCK.findall(text)
    if not blocks:
        raise SettingsError(f"The trust anchors {path} hold no certificate.", _ADVICE)
    for number, block in enumerate(blocks, 1):
        if not _is_certificate(block):
            said = f"Certificate {number} in the trust anchors {path} is damaged."
            raise SettingsError(said, _ADVICE)
    return Anchors(path, len(blocks))


def _is_certificate(block: str) -> bool:
    """Whether it is one: the C2PA library takes any bytes, and then trusts nobody by them."""
    from cryptography.x509 import load_pem_x509_certificate

    try:
        load_pem_x509_certificate(block.encode("latin-1"))
    except ValueError:
        return False
    return True
