"""`provenance edit`: correct an appearance; what it said before is kept."""

from __future__ import annotations

from typing import Any

import click

from provenance.cli._options import (
    DATE_OR_NOTHING,
    FOOTAGE_ID,
    archive_option,
    everywhere,
    json_option,
    pass_session,
)
from provenance.cli._session import Session
from provenance.errors import UsageError


@everywhere
@archive_option
@click.command("edit", short_help="Correct where and when footage appeared.")
@click.argument("footage_id", metavar="ID", type=FOOTAGE_ID)
@click.option(
    "--appearance",
    "appearance_id",
    metavar="N",
    type=FOOTAGE_ID,
    help="Which appearance, by the number that `provenance show` gives it; needed where there are "
    "several.",
)
@click.option("--published", type=DATE_OR_NOTHING, metavar="DATE", help="When it was published.")
@click.option("--url", help="Where it was published.")
@click.option("--title", help="The title it had there.")
@click.option("--place", help="What place it shows.")
@click.option("--uploader", help="Who published it.")
@click.option("--note", help="What else should be known of it.")
@click.option("--fact-check", "fact_check", metavar="URL", help="A fact-check of it.")
@json_option("the corrected footage")
@pass_session
def command(
    session: Session,
    /,
    footage_id: int,
    appearance_id: int | None,
    as_json: bool,
    **given: str | None,
) -> int:
    """Correct an appearance of footage. What is not named stays, an empty text ('') takes a value
    away, and what it said before is kept in its history.

    A corrected date is one that you declare.
    """
    from provenance.cli._footage import sheet
    from provenance.models import footage_dict

    changes: dict[str, Any] = {
        name: text or None for name, text in given.items() if text is not None
    }
    if not changes:
        raise UsageError(
            "Nothing is named that should be corrected.",
            "For example: provenance edit 3 --published 2019-05-02.",
        )
    with session.open_archive() as archive:
        footage = archive.edit(footage_id, appearance_id, **changes)
        history = archive.history(footage_id)
    if as_json:
        session.terminal.out_json(footage_dict(footage))
    else:
        session.terminal.out(sheet(footage, history, []))
    return 0
