"""What every form of report can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from provenance.models import Report


class Renderer(Protocol):
    """Turns reports into text. It touches no archive, no network and no clock."""

    @property
    def name(self) -> str:
        """The word that `--format` knows it by."""

    def render(self, reports: Sequence[Report]) -> str:
        """All reports in the order given, as text that ends with a line break.

        Raises:
            UsageError: this form cannot hold that many reports.
        """
