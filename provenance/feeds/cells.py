"""Cells of CSV files that spreadsheet programs must not take for formulas.

A title from the web may begin with "=", and a spreadsheet that opens the file would compute it. So
an apostrophe is put before it, which spreadsheets hide, and taken away when the file is read.
"""

from __future__ import annotations

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """The text as a cell that is no formula."""
    return f"'{text}" if text.startswith(_STARTS) else text


def unguarded(cell: str) -> str:
    """The text of such a cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_STARTS) else cell
