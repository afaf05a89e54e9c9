"""Options and kinds of values that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from provenance._version import __version__
from provenance.cli._session import Session
from provenance.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

_MAX_ID = 2**63 - 1  # what SQLite can hold
FOOTAGE_ID = click.IntRange(1, _MAX_ID)


def pass_session(command: F) -> F:
    """Hand the session to a command. Its work begins with that: --help and errors in the options
    have been told."""

    @functools.wraps(command)
    def work(session: Session, *given: Any, **options: Any) -> Any:
        if session.alone:
            session.terminal.keep_stdout()
        return command(session, *given, **options)

    return cast(F, click.make_pass_decorator(Session)(work))


class _Date(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4
    """A date as text, checked before any work begins."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from provenance.dates import When

        try:
            When.parse(value)
        except UsageError as error:
            option = param.opts[0] if param else "date"
            raise UsageError(f"{option}: {error.message}", error.hint) from error
        return value


class _DateOrSpan(_Date):
    """A date, or two with a slash between them, as ISO 8601 writes intervals."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value.count("/") != 1:
            return super().convert(value, param, ctx), None
        first, last = (super(_DateOrSpan, self).convert(v, param, ctx) for v in value.split("/"))
        return first, last


class _DateOrNothing(_Date):
    """A date, or an empty text that takes a recorded one away."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value and super().convert(value, param, ctx)


DATE = _Date()
DATE_OR_SPAN = _DateOrSpan()
DATE_OR_NOTHING = _DateOrNothing()


def _be_verbose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and (session := ctx.find_object(Session)):
        session.terminal.verbose = True


def _use_archive(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    session = ctx.find_object(Session)
    if value is None or session is None:
        return
    if not value:
        raise UsageError("--archive is empty.", "Name a directory, or leave the option out.")
    session.archive_location = value


def everywhere(command: F) -> F:
    """--version and -v; click itself adds -h."""
    version = click.version_option(
        __version__, prog_name="provenance", message="%(prog)s %(version)s"
    )
    verbose = click.option(
        "-v",
        "--verbose",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_be_verbose,
        help="Say more: how long each step took, and where in the program an error arose.",
    )
    return version(verbose(command))


archive_option = click.option(
    "--archive",
    metavar="DIR|URL",
    expose_value=False,
    callback=_use_archive,
    help="The archive to use. [default: PROVENANCE_ARCHIVE, else one in your data directory]",
)


def _fetch_anew(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and (session := ctx.find_object(Session)):
        session.fresh = True


def fresh_option(text: str) -> Callable[[F], F]:
    """--fresh for a command that downloads."""
    return click.option(
        "--fresh", is_flag=True, expose_value=False, callback=_fetch_anew, help=text
    )


def json_option(what: str) -> Callable[[F], F]:
    """--json for a command that prints `what`."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")
