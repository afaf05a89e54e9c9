"""Files that hold addresses: `*.txt` with one a line, shortcuts of Windows (`*.url`) and of macOS
(`*.webloc`)."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provenance.errors import FeedError
from provenance.feeds.text import decoded
from provenance.urls import is_url, scheme_of, without_login

MOST_BYTES = 1024 * 1024
_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class AddressList:
    """What a file holds.

    Attributes:
        addresses: each once, in the order of the file.
        error: what is wrong with the file, where something is; its addresses are good all the same.
    """

    addresses: tuple[str, ...]
    error: FeedError | None = None


def read_list(path: Path) -> AddressList:
    """The addresses in a file; what is wrong with it is told, not raised.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    try:
        if len(data) > MOST_BYTES:
            raise FeedError(
                f"{path} is larger than {MOST_BYTES >> 10} KiB, which is no list of addresses.",
                "Split it, or take it out of the folder.",
            )
        lines = list(_lines(path, data))
    except FeedError as error:
        return AddressList((), error)
    addresses = tuple(dict.fromkeys(text for _, text in lines if _is_address(text)))
    return AddressList(addresses, _problem(path, lines))


def _lines(path: Path, data: bytes) -> Iterator[tuple[int, str]]:
    """(number of the line, what should be an address on it)."""
    kind = path.suffix.lower()
    if kind == ".webloc":
        yield 1, _of_webloc(path, data)
        return
    try:
        text = decoded(data, str(path))
    except FeedError:
        if kind == ".txt":
            raise
        text = data.decode("cp1252", "replace")  # what older Windows writes
    section = ""
    for number, line in enumerate((one.strip() for one in text.splitlines()), 1):
        if kind == ".txt":
            if address := re.sub(r"(^|\s+)#.*", "", line):
                yield number, address
        elif line.startswith("["):
            section = line.lower()
        elif section == "[internetshortcut]" and (found := re.match(r"URL\s*=(.*)", line, re.I)):
            yield number, found[1].strip().strip('"')


def _of_webloc(path: Path, data: bytes) -> str:
    try:
        record = plistlib.loads(data)
        return str(record["URL"])
    except Exception as error:  # plistlib raises whatever its parsers do
        raise FeedError(
            f"{path} is no shortcut to an address ({type(error).__name__}).",
            "Make it anew, or write the address into a text file.",
        ) from error


def _is_address(text: str) -> bool:
    """One address and nothing else: two on a line, or words behind one, are none."""
    return is_url(text) and re.search(r"[\s\x00-\x1f\x7f]", text) is None


def _shown(text: str) -> str:
    """A line for a message: without a user name and password, with or without a scheme before."""
    return re.sub(r"(?<![^\s/])[^\s/@:]+:\S*@", "", without_login(text))


def _wrong_in(text: str) -> str:
    scheme = scheme_of(text)
    if scheme == "":
        return "no address: https:// is missing before it"
    if scheme in ("http", "https", None):
        return "no address"
    return "no address that is fetched: only http and https addresses are"


def _problem(path: Path, lines: list[tuple[int, str]]) -> FeedError | None:
    wrong = [(number, text) for number, text in lines if not _is_address(text)]
    if not lines:
        return FeedError(
            f"{path} holds no address.", "Write one a line, beginning with https:// or http://."
        )
    if not wrong:
        return None
    number, text = wrong[0]
    more = f", and {len(wrong) - 1} more lines are none either" if len(wrong) > 1 else ""
    return FeedError(
        f"{path}, line {number}: {_shown(text)[:_LONGEST_SHOWN]!r} is {_wrong_in(text)}{more}.",
        "Write one address a line, beginning with https:// or http://; what is no address goes "
        "behind a #.",
    )
