"""docs/command-line.md says what the program does: every command, every option, every exit code."""

from __future__ import annotations

import re

import click
import pytest
from command_line import ROOT

from provenance import errors
from provenance.cli import _codes
from provenance.cli._program import COMMANDS, program

TEXT = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"^## ", TEXT, flags=re.M)
}
EVERYWHERE = "Everywhere"


def documented(section: str) -> set[str]:
    """The options in the first column of a section's table."""
    rows = re.findall(r"^\| (`-.*?) (?<!\\)\| ", SECTIONS[section], flags=re.M)
    return {option for row in rows for option in re.findall(r"`(--?[\w-]+)", row)}


def real(command: click.Command) -> set[str]:
    # Below the program, as it is when called: click keeps the help option that it makes first.
    parent = click.Context(program, **program.context_settings)
    context = click.Context(command, parent=parent, info_name=command.name)
    return {
        option
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }


def test_every_command_has_its_section_and_no_other_is_described() -> None:
    others = {EVERYWHERE, "Exit codes"}
    assert [name for name in SECTIONS if name not in others][1:] == list(COMMANDS)


def test_the_options_of_the_program_are_documented_and_exist() -> None:
    assert documented(EVERYWHERE) == real(program)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_documented_and_exist(name: str) -> None:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    options = real(command)
    everywhere = documented(EVERYWHERE)
    missing = everywhere - options
    asks_no_archive = name in ("keyframes", "verify-bundle")
    assert missing == ({"--archive"} if asks_no_archive else set())
    assert documented(name) == options - everywhere


def test_every_exit_code_is_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.ProvenanceError)}
    codes |= {value for value in vars(_codes).values() if isinstance(value, int)}
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", SECTIONS["Exit codes"], flags=re.M)}
    assert listed == codes | {0}
