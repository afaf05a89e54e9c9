"""Finds a renderer by its name; each is imported only when it is asked for.

renderer("json").render([report])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from provenance.errors import UsageError
from provenance.report.interface import Renderer

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("text", "json", "jsonl", "html", "mediareview", "csv", "segments", "table")
"""The words that `renderer` knows."""
_HOME = {
    "json": ("json_report", "JsonReport"),
    "jsonl": ("json_report", "JsonLinesReport"),
    "html": ("html_report", "HtmlReport"),
    "mediareview": ("mediareview", "MediaReviewReport"),
    "csv": ("csv_report", "CsvReport"),
    "segments": ("csv_report", "SegmentReport"),
    "table": ("table_report", "TableReport"),
}
"""The others, besides "text": module and class."""


def renderer(name: str, console: Console | None = None) -> Renderer:
    """The renderer of that name.

    Args:
        name: one of `FORMATS`.
        console: where "text" will be shown; it decides on width and colour. None: plain text.

    Raises:
        UsageError: no renderer has that name.
    """
    if name == "text":
        from provenance.report.text_report import TextReport

        return TextReport(console)
    if name in _HOME:
        module, kind = _HOME[name]
        made: Renderer = getattr(import_module(f"provenance.report.{module}"), kind)()
        return made
    raise UsageError(f"There is no report format {name!r}.", "Formats: " + ", ".join(FORMATS) + ".")
