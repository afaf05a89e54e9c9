"""Every error that a user can meet, each with an exit code and a hint of what to do next.

    ProvenanceError              70   anything of ours; caught as one family by library callers
    ├── UsageError                2   the call itself makes no sense (a claim date that is no date)
    │   └── SettingsError         2   a setting cannot be read or has an impossible value
    ├── DownloadError             3   a URL gave no usable file
    ├── MediaError                4   a file is missing, unreadable, or holds no picture
    │   ├── MissingMediaError     4
    │   ├── UnreadableMediaError  4
    │   └── UnreadableSoundError  4   its pictures are compared all the same
    ├── FeedError                 4   a file to import cannot be read as what it should be
    ├── BundleError              12   an evidence bundle is not what it was when it was written
    ├── ToolError                70   a program that we need (ffmpeg) is missing or broke its limits
    │   ├── NoScratchError       70   no folder for temporary files can be made
    │   ├── NoChromaprintError   70   this ffmpeg cannot fingerprint sound
    │   └── PluginError          70   something that was plugged in does not do what it should
    ├── ArchiveError              5   the archive cannot be used
    │   ├── ArchiveNotFoundError  5
    │   ├── ArchiveVersionError   5
    │   ├── ArchiveFullError      5
    │   ├── ArchiveDamagedError   5
    │   └── UnknownFootageError   5   an id that the archive does not hold
    └── InterruptedWorkError    130   stopped by the user or the caller

`message` says what happened and to which file or URL; `hint` says what to do. Exit codes 11 (some
of several sources failed) and 10 (`--exit-code`) are outcomes and no errors; the command line has
them.
"""

from __future__ import annotations


class ProvenanceError(Exception):
    """Root of the tree.

    Args:
        message: what happened, naming the file or URL; one sentence, no traceback.
        hint: what the user can do next; may be empty.
    """

    exit_code = 70
    kind = "internal"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(ProvenanceError):
    """The call itself makes no sense."""

    exit_code = 2
    kind = "usage"


class SettingsError(UsageError):
    """A setting cannot be read or has an impossible value."""

    kind = "settings"


class DownloadError(ProvenanceError):
    """A URL gave no usable file.

    Attributes:
        may_pass: whether it may be another story in some hours: a fault of the server or of the
            network, too many requests; False for what a site refuses for good.
    """

    exit_code = 3
    kind = "download"
    may_pass = False


class MediaError(ProvenanceError):
    """A file is missing, unreadable, or holds no picture."""

    exit_code = 4
    kind = "media"


class MissingMediaError(MediaError):
    """No file is there."""

    kind = "media_missing"


class UnreadableMediaError(MediaError):
    """A file is there and cannot be read as pictures."""

    kind = "media_unreadable"


class UnreadableSoundError(MediaError):
    """A file has a sound track of which nothing can be decoded."""

    kind = "sound_unreadable"


class FeedError(ProvenanceError):
    """A file to import is missing, or cannot be read as what it should be."""

    exit_code = 4
    kind = "feed"


class BundleError(ProvenanceError):
    """An evidence bundle is not what it was when it was written."""

    exit_code = 12
    kind = "bundle"


class ToolError(ProvenanceError):
    """A program that we need is missing, or broke the limits set for it."""

    kind = "tool"


class NoScratchError(ToolError):
    """No folder for temporary files can be made; nothing that needs one would fare better."""


class NoChromaprintError(ToolError):
    """This ffmpeg is built without the muxer that fingerprints sound."""

    kind = "no_chromaprint"


class PluginError(ToolError):
    """A plug-in cannot be loaded, or does not do what it should; the message names it."""

    kind = "plugin"


class ArchiveError(ProvenanceError):
    """The archive cannot be used."""

    exit_code = 5
    kind = "archive"


class ArchiveNotFoundError(ArchiveError):
    """There is no archive at that place."""

    kind = "archive_not_found"


class ArchiveVersionError(ArchiveError):
    """The archive was written by a newer version."""

    kind = "archive_version"


class ArchiveFullError(ArchiveError):
    """The disk is full; nothing of the unfinished addition was kept."""

    kind = "archive_full"


REPAIR_HINT = "Run `provenance doctor --repair`."


class ArchiveDamagedError(ArchiveError):
    """Files of the archive are missing or unreadable."""

    kind = "archive_damaged"


class UnknownFootageError(ArchiveError):
    """The archive holds no footage with that id."""

    kind = "unknown_footage"


class InterruptedWorkError(ProvenanceError):
    """Stopped by the user or the caller; what was finished is kept."""

    exit_code = 130
    kind = "interrupted"
