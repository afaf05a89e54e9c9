"""What one run of the program shares: its options, its settings, its archive, its terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from provenance.cli._terminal import Terminal

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.settings import Settings


@dataclass
class Session:
    """One run. `archive_location` is what --archive says, `profile` what --profile says; None
    without it. `fresh`: --fresh was given. `alone`: the process is for this run only."""

    archive_location: str | None = None
    profile: str | None = None
    fresh: bool = False
    alone: bool = False
    terminal: Terminal = field(default_factory=Terminal)

    @cached_property
    def settings(self) -> Settings:
        """The settings with the options over them. Raises SettingsError."""
        from provenance.settings import load_settings

        return load_settings(
            {
                "archive": self.archive_location,
                "profile": self.profile,
                "download_cache_max_age": 0.0 if self.fresh else None,
            }
        )

    def open_archive(self) -> Archive:
        """The archive, whether or not it exists yet. Raises UsageError for an address."""
        from provenance.archive import Archive

        return Archive.open(settings=self.settings)
