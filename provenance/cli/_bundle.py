"""The evidence bundle of a check, on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli._session import Session

if TYPE_CHECKING:
    from provenance.models import Report


class Bundle:
    """Where the bundle goes.

    Raises:
        UsageError: something is there already, or nothing can be written there.
    """

    def __init__(self, session: Session, path: str, stamp_url: str | None) -> None:
        from provenance.bundle import refuse_bundle

        self._session = session
        self._path = Path(path)
        self._stamp_url = stamp_url or session.settings.timestamp_url
        self.code = 0
        refuse_bundle(self._path)

    def write(self, report: Report) -> None:
        """Write it and say so; `code` becomes that of a time stamp that could not be had."""
        from provenance.bundle import write_bundle

        done = write_bundle(report, self._path, self._session.settings, self._stamp_url)
        terminal = self._session.terminal
        if done.stamp_error:
            terminal.complain(
                f"{done.stamp_error.message} The bundle is written without one.",
                done.stamp_error.hint,
            )
            self.code = done.stamp_error.exit_code
        terminal.say(f"Evidence: {done.path}, SHA-256 of its manifest {done.manifest_sha256}")
