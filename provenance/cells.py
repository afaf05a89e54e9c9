"""Cells of CSV files that spreadsheet programs must not take for formulas.

A title from the web may begin with "=", and a spreadsheet that opens the file would compute it. So
an apostrophe is put before it, and taken away when the file is read. A program that separates
cells at semicolons or tabs, as many countries do, sees cells begin within ours: these are guarded
in their places.

Formulas begin with = + - or @, also in the full-width forms of East Asia, and behind spaces or
quotation marks; a tab or a line break at the very start hides one from people only
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import re

SEPARATORS = ";\t\r\n"
"""What may end a cell where it does not for us; commas do for us, and are quoted."""
_STARTS = r"=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff1d\uff0b\uff0d\uff20"
_LEADING = rf"(?:(?![{SEPARATORS}])[\s\"'])*"
_FORMULA = rf"(?:(?<=[{SEPARATORS}])(?={_LEADING}[{_STARTS}])|\A(?={_LEADING}[{_STARTS}\t\r\n]))"
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
_UNSAFE = re.compile(_FORMULA)
_GUARDS = re.compile(_FORMULA + "'")


def guarded(text: str, *, first: bool = False) -> str:
    """The text as a cell that is no formula; a number stays what it is.

    Args:
        first: it begins a line, all of which a program that separates elsewhere takes for one cell:
            there a number with a sign would begin a formula.
    """
    return text if not first and _NUMBER.fullmatch(text) else _UNSAFE.sub("'", text)


def unguarded(cell: str) -> str:
    """The text of which `guarded` made the cell."""
    return _GUARDS.sub("", cell)


def read_cell(cell: str) -> str:
    """What a cell says, that we or a person wrote: without its guard and space around it."""
    return unguarded(cell.strip()).strip()
