"""Fingerprints: what is computed from frames to find footage again, one file a kind."""

from provenance.fingerprints.sampling import (
    fingerprint_known,
    fingerprint_query,
    is_usable,
    reshaped,
    thumbnail_at,
)

__all__ = ["fingerprint_known", "fingerprint_query", "is_usable", "reshaped", "thumbnail_at"]
