"""Where the reports of `check` go: as they are done to standard output or a file, or all at once.

A file appears under its name only when it is complete. What is there when the work is stopped is
kept beside it under a name that ends in ".part".
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from provenance.archive.sources import MEDIA_EXTENSIONS
from provenance.cli._terminal import OutputError, Terminal
from provenance.errors import UsageError
from provenance.report import FORMATS, renderer

if TYPE_CHECKING:
    from provenance.models import Report

_SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".html": "html",
    ".htm": "html",
    ".csv": "csv",
}
_MACHINE = tuple(name for name in FORMATS if name != "text")
_RULE = 80


class Output(Protocol):
    """Takes the reports of one run."""

    def write(self, report: Report) -> None:
        """One more report is done."""

    def finish(self) -> None:
        """All are done."""

    def abandon(self) -> str:
        """The work stopped early: keep what is done, and say where ("" where that is plain)."""


def format_for(path: str | None, *, table: bool = False) -> str:
    """The format that a file's name asks for; text where it asks for none.

    Args:
        table: whether a table is answered, to which ".csv" asks for another.
    """
    form = _SUFFIXES.get(Path(path).suffix.lower(), "text") if path else "text"
    return "table" if table and form == "csv" else form


def open_output(form: str, path: str | None, sources: list[str], terminal: Terminal) -> Output:
    """Where reports in that format go. Nothing is checked before this has succeeded.

    Args:
        form: one of `FORMATS`.
        path: a file, for HTML also a folder; None or "-": standard output.
        sources: what will be checked.

    Raises:
        UsageError: reports in this format cannot go there.
    """
    target = None if path in (None, "-") else Path(str(path))
    if form == "html":
        if target is None and (len(sources) > 1 or terminal.out_is_terminal):
            name = "FOLDER" if len(sources) > 1 else "FILE.html"
            raise UsageError(
                "HTML pages of several sources cannot go to standard output."
                if len(sources) > 1
                else "An HTML page would only clutter the terminal.",
                f"Write to a file with -o {name}.",
            )
        if target and (len(sources) > 1 or target.is_dir()):
            return _Pages(target)
    stream = _StandardOutput(terminal, form) if target is None else _File(target, sources)
    if form in ("text", "jsonl"):
        return _AsTheyAreDone(form, stream, terminal if target is None else None)
    return _AllAtOnce(form, stream)


class _Stream(Protocol):
    def append(self, text: str) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> str: ...


class _StandardOutput:
    def __init__(self, terminal: Terminal, form: str) -> None:
        self._terminal = terminal
        self._machine = form in _MACHINE

    def append(self, text: str) -> None:
        self._terminal.out(text, machine=self._machine)

    def finish(self) -> None:
        return

    def abandon(self) -> str:
        return ""


class _File:
    """A file that gets its name when it is complete."""

    def __init__(self, path: Path, sources: list[str]) -> None:
        self._path = path
        refuse_unfit(path, sources)
        special = path.exists() and not path.is_file()  # a pipe, /dev/null
        real = path.resolve()  # a link stays one, and what it leads to is replaced
        self._part = real if special else real.with_name(f".{real.name}.{os.getpid()}.part")
        self._final = real
        self._written = False
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror or error}.", "Choose another place."
            ) from error

    def append(self, text: str) -> None:
        try:
            self._file.write(text.encode("utf-8", "replace"))
            self._file.flush()
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._written = True

    def finish(self) -> None:
        try:
            self._file.close()
            if self._part != self._final:
                self._part.replace(self._final)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def abandon(self) -> str:
        with contextlib.suppress(OSError):
            self._file.close()
            if self._part == self._final:
                return ""
            if self._written:
                kept = self._final.with_name(self._final.name + ".part")
                self._part.replace(kept)
                return str(kept)
            self._part.unlink()
        return ""


class _AsTheyAreDone:
    def __init__(self, form: str, stream: _Stream, terminal: Terminal | None) -> None:
        console = terminal.console() if terminal and form == "text" else None
        self._renderer = renderer(form, console)
        self._stream = stream
        self._rule = "─" * min(console.width if console else _RULE, _RULE) + "\n"
        self._between = form == "text"
        self._count = 0

    def write(self, report: Report) -> None:
        rule = self._rule if self._between and self._count else ""
        self._stream.append(rule + self._renderer.render([report]))
        self._count += 1

    def finish(self) -> None:
        self._stream.finish()

    def abandon(self) -> str:
        return self._stream.abandon()


class _AllAtOnce:
    def __init__(self, form: str, stream: _Stream) -> None:
        self._renderer = renderer(form)
        self._stream = stream
        self._reports: list[Report] = []

    def write(self, report: Report) -> None:
        self._reports.append(report)

    def finish(self) -> None:
        self._stream.append(self._renderer.render(self._reports))
        self._stream.finish()

    def abandon(self) -> str:
        if self._reports:
            with contextlib.suppress(OSError, OutputError):  # it may be what stopped the work
                self._stream.append(self._renderer.render(self._reports))
        return self._stream.abandon()


class _Pages:
    """A folder of HTML pages, each there as soon as it is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._renderer = renderer("html")
        self._count = 0
        if folder.exists() and not folder.is_dir():
            raise UsageError(
                f"{folder} is a file; the pages of several sources need a folder.",
                "Name a folder with -o FOLDER.",
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"The folder {folder} cannot be made: {error.strerror or error}.",
                "Choose another place.",
            ) from error

    def write(self, report: Report) -> None:
        from provenance.report.html_report import page_name

        self._count += 1
        page = _File(self._folder / page_name(report, self._count), [])
        try:
            page.append(self._renderer.render([report]))
            page.finish()
        except BaseException:
            page.abandon()
            raise

    def finish(self) -> None:
        return

    def abandon(self) -> str:
        return str(self._folder) if self._count else ""


def refuse_unfit(path: Path, sources: list[str]) -> None:
    """Raise UsageError where no report may be written, over one of the sources for example."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file with -o FILE.")
    if not path.parent.is_dir():
        raise UsageError(
            f"{path} cannot be written: there is no folder {path.parent}.",
            "Make the folder first, or choose another place.",
        )
    same = any(
        Path(source).exists() and path.exists() and path.samefile(source) for source in sources
    )
    if same or path.suffix[1:].lower() in MEDIA_EXTENSIONS:
        raise UsageError(
            f"A report will not be written over a video or picture: {path}.",
            "-o names the file of the report.",
        )


def unwritable(path: Path, error: OSError) -> OutputError:
    """What to say where results cannot be written."""
    return OutputError(
        f"{path} cannot be written: {error.strerror or error}.", "Choose another place with -o."
    )
