"""Finds a renderer by its name; each is imported only when it is asked for.

renderer("json").render([report])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import UsageError
from provenance.report.interface import Renderer

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("text", "json", "jsonl", "html")
"""The words that `renderer` knows."""


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
    if name == "json":
        from provenance.report.json_report import JsonReport

        return JsonReport()
    if name == "jsonl":
        from provenance.report.json_report import JsonLinesReport

        return JsonLinesReport()
    if name == "html":
        from provenance.report.html_report import HtmlReport

        return HtmlReport()
    raise UsageError(f"There is no report format {name!r}.", "Formats: " + ", ".join(FORMATS) + ".")
