"""`provenance reject`: a person overrules a match."""

from __future__ import annotations

import re

import click

from provenance.cli._options import FOOTAGE_ID, archive_option, everywhere, pass_session
from provenance.cli._session import Session

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class _Named(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4
    """An id, or the SHA-256 of a file."""

    name = "id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        text = str(value)
        return text.lower() if _SHA256.fullmatch(text) else FOOTAGE_ID(text, param, ctx)


@everywhere
@archive_option
@click.command("reject", short_help="Say that two pieces of footage are not the same.")
@click.argument("one", metavar="ID", type=_Named())
@click.argument("other", metavar="ID", type=_Named())
@pass_session
def command(session: Session, one: int | str, other: int | str) -> int:
    """Say that two pieces of footage are not the same: the pair is never reported again.

    Each ID is the number of known footage. One of them may also be the SHA-256 of a clip that was
    checked, as its report gives it.
    """
    with session.open_archive() as archive:
        archive.reject(one, other)
    session.terminal.out(f"{one} and {other} are not the same footage; noted.\n")
    return 0
