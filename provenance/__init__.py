"""Find out whether footage is old: which seconds of a clip are which seconds of what.

    from provenance import Archive, Claim, check

    with Archive.open() as archive:
        report = check("clip.mp4", claim=Claim("...", date="2024-10-29"), archive=archive)
        print(report.verdict.summary)

Names are loaded on first use, so that importing the package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from provenance._version import __version__

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.checker import check
    from provenance.dates import When
    from provenance.errors import (
        ArchiveError,
        DownloadError,
        MediaError,
        ProvenanceError,
        UsageError,
    )
    from provenance.models import (
        Appearance,
        Claim,
        Footage,
        Match,
        Report,
        Segment,
        Source,
        Verdict,
    )
    from provenance.settings import Settings, load_settings

_HOME = {
    "Archive": "archive",
    "check": "checker",
    "When": "dates",
    **dict.fromkeys(
        ("ArchiveError", "DownloadError", "MediaError", "ProvenanceError", "UsageError"), "errors"
    ),
    **dict.fromkeys(
        ("Appearance", "Claim", "Footage", "Match", "Report", "Segment", "Source", "Verdict"),
        "models",
    ),
    "Settings": "settings",
    "load_settings": "settings",
}

__all__ = [
    "Appearance",
    "Archive",
    "ArchiveError",
    "Claim",
    "DownloadError",
    "Footage",
    "Match",
    "MediaError",
    "ProvenanceError",
    "Report",
    "Segment",
    "Settings",
    "Source",
    "UsageError",
    "Verdict",
    "When",
    "__version__",
    "check",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    return getattr(import_module(f"provenance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
