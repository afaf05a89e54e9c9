"""Captures of web archives: the address holds the original address and the time of the capture.

>>> archived_capture("https://web.archive.org/web/20190502101112/http://example.org/a.mp4")[0]
'http://example.org/a.mp4'
"""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

from provenance.dates import When

# Only archives that are known to write the time of the capture themselves: on any other host the
# digits are whatever the owner of the page wants them to be.
_TODAY = r"archive\.(?:today|ph|is|li|vn|fo|md)"
_PREFIXES = (
    r"(?:www\.)?web\.archive\.org/web/",
    r"(?:www\.)?archive\.org/web/",
    rf"(?:www\.)?{_TODAY}/",
    r"arquivo\.pt/(?:wayback|noFrame/replay)/",
    r"wayback\.archive-it\.org/(?:all|\d+)/",
    r"webarchive\.nationalarchives\.gov\.uk/(?:ukgwa/)?",
)
# Fourteen digits, YYYYMMDDhhmmss, in UTC; archive.today also writes 2019.05.02-101112. A shorter
# time is a question ("the capture nearest to 2019"), not the time of a capture. Behind it the
# archive's marks for the form of the page ("id_", "if_", "*").
_CAPTURE = re.compile(
    rf"(?:https?://)?(?:{'|'.join(_PREFIXES)})"
    r"(?P<year>\d{4})\.?(?P<month>\d\d)\.?(?P<day>\d\d)-?(?P<time>\d{6})"
    r"(?:[a-z]{2}_|\*)*/(?P<original>\S+)",
    re.IGNORECASE | re.ASCII,
)
FIRST_CAPTURE_YEAR = 1996  # when the Internet Archive began; an earlier time is nobody's capture


def archived_capture(url: str) -> tuple[str, When] | None:
    """The original address and the time of the capture (UTC, to the second).

    Args:
        url: any address.

    Returns:
        None where it is not the address of one capture in a web archive that is known here.
    """
    found = _CAPTURE.fullmatch(url.strip())
    if not found:
        return None
    stamp = found["year"] + found["month"] + found["day"] + found["time"]
    try:
        moment = dt.datetime.strptime(stamp, "%Y%m%d%H%M%S")
    except ValueError:
        return None
    original = _complete(found["original"])
    if original is None or moment.year < FIRST_CAPTURE_YEAR:
        return None
    return original, When(moment, "second", "Z")


def _complete(original: str) -> str | None:
    """The original address with its scheme: archives allow none, and proxies eat one slash."""
    found = re.match(r"(https?):/+(?=[^/])", original, re.IGNORECASE)
    if found:
        original = f"{found[1].lower()}://{original[found.end() :]}"
    elif re.match(r"[a-z][a-z0-9+.-]*://", original, re.IGNORECASE):
        return None
    else:
        original = f"http://{original}"
    try:
        host = urlsplit(original).hostname
    except ValueError:
        return None
    return original if host and "." in host else None
