"""What a platform says of a video, read from yt-dlp's info, and what each date rests on.

A publication date is only what a site's own extractor gave, or what a web archive recorded. The
generic extractors have nothing but the server's Last-Modified for a `timestamp`: that is kept as
`last_modified` and is never a publication date, since a copy made yesterday may say anything.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from provenance.dates import When
from provenance.download.archived import archived_capture
from provenance.errors import UsageError
from provenance.models import Basis

INFO_FIELDS = (
    "webpage_url",
    "original_url",
    "extractor_key",
    "timestamp",
    "release_timestamp",
    "upload_date",
    "title",
    "uploader",
    "channel",
    "creator",
    "uploader_id",
    "description",
    "duration",
)
"""The fields of yt-dlp's info that are read here."""

# yt-dlp's extractors that know nothing of the site they are reading from.
_GENERIC = frozenset({"generic", "html5", "html5mediaembed", "quotedhtml"})
_FIRST_DAY_OF_THE_WEB = dt.datetime(1991, 8, 6)  # sites give 0, 1970, for a date they do not know
_DAY = 86400
_TITLE_LENGTH, _TEXT_LENGTH = 500, 10_000
_SIDECAR_BYTES = 64 * 1024 * 1024  # a long one, with formats and comments, is a few MiB


@dataclass(frozen=True)
class PlatformFacts:
    """What a site, or the sidecar of a file, says of a video; None for what it does not say.

    Attributes:
        url: the canonical address; the original one where the video came from a web archive.
        platform: yt-dlp's name of the site ("Youtube"); None for a site that it does not know.
        published: the publication date, with its `basis`: "platform" or "archived".
        duration: seconds.
        last_modified: the server's Last-Modified, a finding and never a publication date.
    """

    url: str | None = None
    platform: str | None = None
    published: When | None = None
    basis: Basis | None = None
    title: str | None = None
    uploader: str | None = None
    description: str | None = None
    duration: float | None = None
    last_modified: When | None = None


def facts_from_info(info: Mapping[str, Any]) -> PlatformFacts:
    """What yt-dlp's info dictionary (also the content of a `.info.json`) says of a video.

    Never raises: a value of an odd type, an impossible date or a date before the web counts as
    not said. Without the name of an extractor nobody vouches for the dates, so none is taken.
    """
    key = _text(info.get("extractor_key") or info.get("extractor"), _TITLE_LENGTH)
    generic = key is not None and key.lower().split(":")[0] in _GENERIC
    url = _address(info.get("webpage_url")) or _address(info.get("original_url"))
    facts = PlatformFacts(
        url=url,
        platform=None if generic else key,
        title=_text(info.get("title"), _TITLE_LENGTH),
        uploader=next(
            filter(
                None,
                (
                    _text(info.get(name), _TITLE_LENGTH)
                    for name in ("uploader", "channel", "creator", "uploader_id")
                ),
            ),
            None,
        ),
        description=_text(info.get("description"), _TEXT_LENGTH),
        duration=_positive(info.get("duration")),
    )
    if generic:
        facts = replace(facts, last_modified=_moment(info.get("timestamp")))
    elif key and (published := publication_of(info)):
        facts = replace(facts, published=published, basis="platform")
    capture = archived_capture(url) if url else None
    if capture:
        facts = replace(facts, url=_address(capture[0]))
        if facts.published is None:
            facts = replace(facts, published=capture[1], basis="archived")
    return facts


def facts_from_sidecar(media_path: Path) -> PlatformFacts | None:
    """What `NAME.info.json` beside `NAME.ext` says, as yt-dlp writes it; None where there is none.

    Raises:
        UsageError: the sidecar is there and cannot be read as one.
    """
    sidecar = media_path.with_name(f"{media_path.stem}.info.json")
    try:
        if not sidecar.is_file():
            return None
        if sidecar.stat().st_size > _SIDECAR_BYTES:
            raise _unreadable(sidecar, "it is too large")
        info = json.loads(sidecar.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            return None  # beside a name that is nearly too long itself there can be none
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise _unreadable(sidecar, reason or "it cannot be opened") from error
    if not isinstance(info, dict):
        raise _unreadable(sidecar, "it holds no JSON object")
    return facts_from_info(info)


def publication_of(info: Mapping[str, Any]) -> When | None:
    """When a site says that a video, or an entry of a list, was published; as it is, unjudged."""
    uploaded = _moment(info.get("timestamp"))
    released = _moment(info.get("release_timestamp"))
    if uploaded and released:
        # A premiere is uploaded days before anybody can see it.
        return max(uploaded, released, key=lambda when: when.start)
    return uploaded or released or _day(info.get("upload_date"))


def _moment(seconds: object) -> When | None:
    """An instant from a Unix time. Midnight to the second is a site that gave only a day."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        when = When.from_timestamp(seconds)
    except (UsageError, OverflowError, ValueError):
        return None
    if when.start < _FIRST_DAY_OF_THE_WEB:
        return None
    return replace(when, precision="day") if math.floor(seconds) % _DAY == 0 else when


def _day(text: object) -> When | None:
    """YYYYMMDD, which yt-dlp documents as a day in UTC."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{8}", text, re.ASCII):
        return None
    try:
        start = dt.datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return None
    return None if start < _FIRST_DAY_OF_THE_WEB else When(start, "day", "Z")


def _text(value: object, length: int) -> str | None:
    """Clean text: no control characters (they would steer a terminal), no half surrogates."""
    if not isinstance(value, str):
        return None
    value = value.encode("utf-8", "replace").decode("utf-8")
    value = "".join(
        c if c in "\n\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160) else " " for c in value
    )
    return value.strip()[:length] or None


def _positive(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if 0 < number < math.inf else None


def _address(value: object) -> str | None:
    """A web address without the user name and password that it may carry."""
    text = _text(value, _TEXT_LENGTH)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _unreadable(sidecar: Path, reason: str) -> UsageError:
    return UsageError(
        f"The file {sidecar} cannot be read: {reason}.",
        "Correct it, or move it away and give --published and --url yourself.",
    )
