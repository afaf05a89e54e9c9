"""`provenance show`: one piece of footage, where it appeared, and what was corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from provenance.cli._options import (
    FOOTAGE_ID,
    archive_option,
    everywhere,
    json_option,
    pass_session,
)
from provenance.cli._session import Session

if TYPE_CHECKING:
    from provenance.archive import Archive, Change
    from provenance.models import Footage, Link, Linked


@everywhere
@archive_option
@click.command("show", short_help="Show one piece of footage and where it appeared.")
@click.argument("footage_id", metavar="ID", type=FOOTAGE_ID)
@json_option("it")
@pass_session
def command(session: Session, footage_id: int, as_json: bool) -> int:
    """Show one piece of footage: its file, what it is a copy of, where and when it and its copies
    appeared, what was corrected, and what it was said not to be the same as.

    ID is the number that `provenance list` shows.
    """
    with session.open_archive() as archive:
        from provenance.linking import everywhere as everywhere_else

        footage = archive.footage(footage_id)
        known = _Known(
            footage,
            archive.history(footage_id),
            _others(archive, footage_id),
            archive.links.of(footage_id),
            everywhere_else(archive, footage),
        )
    if as_json:
        session.terminal.out_json(_as_dict(known))
    else:
        from provenance.cli._footage import sheet

        session.terminal.out(
            sheet(known.footage, known.history, known.others, known.links, known.linked)
        )
    return 0


@dataclass(frozen=True)
class _Known:
    footage: Footage
    history: list[Change]
    others: list[str]
    links: list[Link]
    linked: list[Linked]


def _others(archive: Archive, footage_id: int) -> list[str]:
    """SHA-256 of what the footage was said not to be the same as."""
    return [sha256 for known, sha256 in archive.rejected() if known == footage_id]


def _as_dict(known: _Known) -> dict[str, object]:
    from provenance.models import appearance_dict, footage_dict, link_dict, linked_dict

    return {
        **footage_dict(known.footage),
        "history": [
            {"changed_at": change.changed_at.value, "before": appearance_dict(change.before)}
            for change in known.history
        ],
        "rejected": known.others,
        "copy_of": [link_dict(link) for link in known.links],
        "linked": [linked_dict(linked) for linked in known.linked],
    }
