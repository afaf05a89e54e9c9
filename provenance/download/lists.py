"""Playlists, channels and feeds: what they hold, as far as a site tells without opening each video.

The worker reads a list with `described`; on our side `Listing.read` checks what came of it. Nothing
in it is taken on trust: an entry is an address to look at, and its date only says whether looking
is worth while.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provenance.dates import When
from provenance.download.facts import publication_of
from provenance.errors import UsageError
from provenance.urls import is_url

# Lists that sites give newest first, by yt-dlp's extractor and the address that it read; read from
# the extractors, which ask for this order or take that of the page. Playlists are in any order.
_NEWEST_FIRST = {
    "YoutubeTab": r"/(?:videos|shorts|streams)/?$|[?&]list=UU",
    "TikTokUser": r"",
    "RumbleChannel": r"",
    "TwitchVideos": r"^(?!.*sort=views)",
}

_ADDRESS_LENGTH = 4096


@dataclass(frozen=True)
class Entry:
    """One entry of a list.

    Attributes:
        url: its address.
        published: what the list says; None where it says nothing.
        is_list: it is known to be a list itself. False: a video, or not known yet.
    """

    url: str
    published: When | None = None
    is_list: bool = False


@dataclass(frozen=True)
class Listing:
    """What a list holds.

    Attributes:
        entries: in the list's order, each address once.
        count: how many entries the site says that there are, the more than `entries` of them that
            were not asked for among them; None where it does not say.
        more: there are more entries than were asked for.
        newest_first: the site is known to put its newest videos first.
        strange: entries without a web address that can be used.
    """

    entries: tuple[Entry, ...]
    count: int | None = None
    more: bool = False
    newest_first: bool = False
    strange: int = 0

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Listing:
        """From what the worker sent."""
        entries = tuple(
            Entry(entry["url"], _date(entry["published"]), bool(entry["is_list"]))
            for entry in said["entries"]
            if is_url(entry["url"]) and len(entry["url"]) <= _ADDRESS_LENGTH
        )
        strange = len(said["entries"]) - len(entries)
        return cls(entries, said["count"], said["more"], said["newest_first"], strange)


def is_older(published: When, since: When) -> bool:
    """Whether something was published before `since`, for certain.

    A `since` without a zone is one of UTC, as the days are that sites give.
    """
    return published.is_before(since if since.zone else When(since.start, since.precision, "Z"))


def entries_of(info: Any) -> list[dict[str, Any]] | None:
    """The entries of yt-dlp's info, or None for a single video."""
    if not isinstance(info, dict):
        return []
    if info.get("_type", "video") not in ("playlist", "multi_video"):
        return None
    return [entry for entry in info.get("entries") or [] if isinstance(entry, dict)]


def described(ydl: Any, info: Mapping[str, Any], most: int) -> dict[str, Any]:
    """A list of yt-dlp's as plain data for `Listing.read`; `most` entries of it."""
    found = addressed(info, entries_of(info) or [])
    generic = info.get("extractor_key") == "Generic"
    count = info.get("playlist_count")
    address = str(info.get("webpage_url") or "")
    order = _NEWEST_FIRST.get(str(info.get("extractor_key")))
    return {
        "entries": [
            {
                "url": url[: _ADDRESS_LENGTH + 1],
                "published": _told(entry, feed=generic and not info.get("timestamp")),
                "is_list": _is_list(ydl, entry, url),
            }
            for url, entry in found[:most]
        ],
        "count": count if isinstance(count, int) else None,
        "more": len(found) > most,
        "newest_first": order is not None and re.search(order, address) is not None,
    }


def addressed(
    info: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries with one address each, each once: its own page, else the media file itself."""
    from yt_dlp.utils import unsmuggle_url

    found: dict[str, Mapping[str, Any]] = {}
    page = info.get("webpage_url")
    for entry in entries:
        formats = entry.get("requested_formats") or [{}]
        for address in (entry.get("webpage_url"), entry.get("url"), formats[0].get("url")):
            if isinstance(address, str) and address != page:
                found.setdefault(unsmuggle_url(address)[0], entry)
                break
    return list(found.items())


def has_page(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is only a pointer to a page of its own."""
    return entry.get("_type") in ("url", "url_transparent")


def _told(entry: Mapping[str, Any], *, feed: bool) -> str | None:
    """The date of an entry. That of a page of a site that yt-dlp does not know is none: it is the
    server's Last-Modified; a feed says of each of its entries when it was published."""
    key = entry.get("ie_key") or entry.get("extractor_key")
    if key in (None, "Generic", "HTML5MediaEmbed") and not (feed and has_page(entry)):
        return None
    when = publication_of(entry)
    return when.value if when else None


def _is_list(ydl: Any, entry: Mapping[str, Any], url: str) -> bool:
    key = entry.get("ie_key")
    if not isinstance(key, str) or not has_page(entry):
        return False
    try:
        return ydl.get_info_extractor(key).is_single_video(url) is False
    except Exception:  # an extractor that is not there, or at fault; opening the entry will tell
        return False


def _date(value: Any) -> When | None:
    if not isinstance(value, str):
        return None
    try:
        when = When.parse(value)
    except UsageError:
        return None
    return when if when.zone else When(when.start, when.precision, "Z")
