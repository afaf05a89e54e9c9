"""Fingerprints: what is computed from frames to find footage again, one file a kind."""

from provenance.fingerprints.sampling import (
    fingerprint_known,
    fingerprint_query,
    is_usable,
    load_libraries,
    reshaped,
    thumbnail_at,
)
from provenance.fingerprints.sound import Heard, SoundFingerprint, listen, listen_again

__all__ = [
    "Heard",
    "SoundFingerprint",
    "fingerprint_known",
    "fingerprint_query",
    "is_usable",
    "listen",
    "listen_again",
    "load_libraries",
    "reshaped",
    "thumbnail_at",
]
