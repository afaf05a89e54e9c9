"""The program itself: its global options, and its commands, which are imported when asked for.

Importing all commands to print their names would cost more than the time a help text may take, so
the names and their short descriptions stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword

import click

from provenance.cli._options import archive_option, everywhere

COMMANDS: Mapping[str, str] = {
    "add": "Learn known footage.",
    "import": "Learn from a manifest, a hash list or a feed of fact-checks.",
    "check": "Find out whether clips are known footage.",
    "watch": "Check whatever arrives in a folder.",
    "verify-bundle": "Tell whether an evidence bundle is sound.",
    "keyframes": "Save the distinct frames of a clip as pictures.",
    "list": "List the known footage.",
    "show": "Show one piece of footage and where it appeared.",
    "export": "Write what is known, for other desks.",
    "edit": "Correct where and when footage appeared.",
    "remove": "Remove footage for good.",
    "reject": "Say that two pieces of footage are not the same.",
    "compact": "Make the archive small and quick.",
    "doctor": "Look whether everything is in order.",
}
"""Name -> short description, in the order of the help; each is a module of this package."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_") + ("_" if iskeyword(cmd_name) else "")
        command: click.Command = import_module(f"provenance.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@everywhere
@archive_option
@click.group(
    "provenance",
    cls=_LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def program() -> None:
    """Find out whether a clip is old footage.

    Teach the archive what is known with `provenance add`, then let `provenance check` say which
    seconds of a clip are known footage, published where and when, and whether that is earlier than
    what is claimed. `provenance COMMAND --help` explains each command.
    """
