"""What C2PA's status codes mean, for people. The codes are those of the C2PA specification."""

from __future__ import annotations

from provenance.models.attestation import CredentialProblem

UNTRUSTED = "signingCredential.untrusted"
"""No failure of the credentials: it says that no trust anchor vouches for the signer."""
TRUSTED = "signingCredential.trusted"

_CHANGED = "the file's contents are not those that were signed"
_MEANINGS = {
    "assertion.dataHash.mismatch": _CHANGED,
    "assertion.bmffHash.mismatch": _CHANGED,
    "assertion.boxesHash.mismatch": _CHANGED,
    "assertion.collectionHash.mismatch": _CHANGED,
    "assertion.hashedURI.mismatch": "a statement in the credentials was changed after signing",
    "assertion.missing": "a statement that was signed is missing",
    "claimSignature.mismatch": "the signature does not fit what it is said to sign",
    "claimSignature.missing": "the signature is missing",
    "claimSignature.outsideValidity": "the certificate was not valid when it was used to sign",
    "claim.missing": "the signed claim is missing",
    "ingredient.manifest.mismatch": "the credentials of an ingredient were changed",
    "ingredient.claimSignature.mismatch": "the credentials of an ingredient were changed",
    "ingredient.hashedURI.mismatch": "the credentials of an ingredient were changed",
    "signingCredential.expired": "the certificate had expired, and no time stamp shows otherwise",
    "signingCredential.invalid": "the certificate is not one that may sign such credentials",
    "signingCredential.ocsp.revoked": "the certificate was revoked",
    "signingCredential.revoked": "the certificate was revoked",
}


def problem(code: str, explanation: str) -> CredentialProblem:
    """A status code with its meaning, or with the library's own words where we have none."""
    return CredentialProblem(code, _MEANINGS.get(code) or explanation or code)


def is_change(found: CredentialProblem) -> bool:
    """True where the code says that bytes of the file are not the ones that were signed."""
    return _MEANINGS.get(found.code) == _CHANGED
