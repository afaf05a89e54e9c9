"""Figures put between markers of a document, so that what stands there was measured."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"


def write_figures(path: Path, text: str) -> None:
    """Replace what stands between the markers. Raises ValueError where they are not there."""
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no markers {BEGIN.strip()} and {END}")
    path.write_text(f"{before}{BEGIN}{text}\n{END}{after}", "utf-8")
