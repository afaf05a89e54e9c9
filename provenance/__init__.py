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
    from provenance import aio, plugins
    from provenance.archive import Added, Archive, Outcome
    from provenance.checker import check, check_all
    from provenance.dates import When
    from provenance.errors import (
        ArchiveDamagedError,
        ArchiveError,
        ArchiveFullError,
        ArchiveNotFoundError,
        ArchiveVersionError,
        BundleError,
        DownloadError,
        FeedError,
        InterruptedWorkError,
        MediaError,
        MissingMediaError,
        NoChromaprintError,
        NoScratchError,
        PluginError,
        ProvenanceError,
        SettingsError,
        ToolError,
        UnknownFootageError,
        UnreadableMediaError,
        UnreadableSoundError,
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
    from provenance.progress import Callback, Progress, ProgressEvent, Task
    from provenance.settings import Settings, load_settings

_NAMES = {
    "archive": ("Added", "Archive", "Outcome"),
    "checker": ("check", "check_all"),
    "dates": ("When",),
    "errors": (
        *("ArchiveDamagedError", "ArchiveError", "ArchiveFullError", "ArchiveNotFoundError"),
        *("ArchiveVersionError", "BundleError", "DownloadError", "FeedError"),
        *("InterruptedWorkError", "MediaError", "MissingMediaError", "NoChromaprintError"),
        *("NoScratchError", "PluginError", "ProvenanceError", "SettingsError", "ToolError"),
        *("UnknownFootageError", "UnreadableMediaError", "UnreadableSoundError", "UsageError"),
    ),
    "models": (
        *("Appearance", "Claim", "Footage", "Match", "Report", "Segment", "Source", "Verdict"),
    ),
    "progress": ("Callback", "Progress", "ProgressEvent", "Task"),
    "settings": ("Settings", "load_settings"),
}
_MODULES = ("aio", "plugins")
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Added",
    "Appearance",
    "Archive",
    "ArchiveDamagedError",
    "ArchiveError",
    "ArchiveFullError",
    "ArchiveNotFoundError",
    "ArchiveVersionError",
    "BundleError",
    "Callback",
    "Claim",
    "DownloadError",
    "FeedError",
    "Footage",
    "InterruptedWorkError",
    "Match",
    "MediaError",
    "MissingMediaError",
    "NoChromaprintError",
    "NoScratchError",
    "Outcome",
    "PluginError",
    "Progress",
    "ProgressEvent",
    "ProvenanceError",
    "Report",
    "Segment",
    "Settings",
    "SettingsError",
    "Source",
    "Task",
    "ToolError",
    "UnknownFootageError",
    "UnreadableMediaError",
    "UnreadableSoundError",
    "UsageError",
    "Verdict",
    "When",
    "__version__",
    "aio",
    "check",
    "check_all",
    "load_settings",
    "plugins",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"provenance.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    return getattr(import_module(f"provenance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
