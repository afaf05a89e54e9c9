"""Compare new footage with what was known before, and say what is a copy of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provenance.cli._terminal import Terminal

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.models import Footage, Link
    from provenance.settings import Settings


def link_what_waits(archive: Archive, settings: Settings, terminal: Terminal) -> None:
    """Link all footage that was not compared yet: it came with a manifest, an earlier call was
    interrupted, or was told not to link."""
    from provenance.linking import link_new

    for footage, links in link_new(archive, settings=settings, progress=terminal.progress):
        say_links(terminal, footage, links)


def say_links(terminal: Terminal, footage: Footage, links: Sequence[Link]) -> None:
    """One line for footage that holds seconds of other footage, none where it does not."""
    if links:
        ids = ", ".join(str(link.other) for link in links)
        terminal.say(f"Footage {footage.id} holds the same seconds as footage {ids}.")
