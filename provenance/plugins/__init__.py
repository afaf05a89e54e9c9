"""What others can plug in: sources of footage, and kinds of fingerprint.

A distribution offers a class (or an object) under an entry point; see docs/library.md:

    [project.entry-points."provenance.sources"]
    newsroom = "newsroom_plugin:Newsroom"

`interface.py` says what a plug-in has to be, `loading.py` finds them, `sources.py` and `vectors.py`
are the rest of the program's ways to them.
"""

from provenance.download import Download, PlatformFacts
from provenance.plugins.interface import Collection, FingerprintPlugin, SourcePlugin
from provenance.plugins.loading import (
    FINGERPRINTS,
    SOURCES,
    Loaded,
    fingerprint_plugins,
    installed,
    source_plugins,
)
from provenance.plugins.sources import is_remote, obtain, obtain_or_list
from provenance.plugins.vectors import Described, describe, distances

__all__ = [
    "FINGERPRINTS",
    "SOURCES",
    "Collection",
    "Described",
    "Download",
    "FingerprintPlugin",
    "Loaded",
    "PlatformFacts",
    "SourcePlugin",
    "describe",
    "distances",
    "fingerprint_plugins",
    "installed",
    "is_remote",
    "obtain",
    "obtain_or_list",
    "source_plugins",
]
