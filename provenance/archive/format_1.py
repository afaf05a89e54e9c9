"""Fingerprints as the first version kept them, with whole descriptors; read to be coded anew."""

from __future__ import annotations

import sqlite3
from typing import Any

import numpy as np

from provenance.archive.blobs import FORMAT, to_blobs
from provenance.models import Fingerprint

_ARRAYS = {
    "times": ("<f8", 1),
    "frame": ("<i4", 1),
    "descriptors": ("|u1", 128),
    "points": ("<f4", 2),
    "scales": ("<f4", 1),
    "angles": ("<f4", 1),
}


def recoded(connection: sqlite3.Connection, footage_id: int) -> dict[str, Any] | None:
    """The row of a footage in today's format, None where the old one is damaged.

    A footage without a row counts as damaged; `doctor` says so and what to do.
    """
    connection_row = connection.execute(
        f"SELECT frames, features, width, height, {', '.join(_ARRAYS)} FROM fingerprint_1"  # noqa: S608
        " WHERE footage_id = ? AND format = 1",
        (footage_id,),
    ).fetchone()
    if connection_row is None:
        return None
    frames, features, width, height, *blobs = connection_row
    try:
        arrays: dict[str, Any] = {}
        for (name, (kind, size)), blob in zip(_ARRAYS.items(), blobs, strict=True):
            values = np.frombuffer(blob, kind)
            arrays[name] = values.reshape(-1, size) if size > 1 else values
        fingerprint = Fingerprint(**arrays, width=width, height=height)
        if len(fingerprint.times) != frames or len(fingerprint.frame) != features:
            return None
        coded = to_blobs(fingerprint)
    except ValueError:
        return None
    return {
        "footage_id": footage_id,
        "format": FORMAT,
        "frames": frames,
        "features": features,
        "width": width,
        "height": height,
        **coded,
    }
