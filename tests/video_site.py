"""A video platform on 127.0.0.1 with watch pages, playlists and channels.

yt-dlp reads it with extractors of its own, installed as a plug-in where yt-dlp itself looks for the
user's: the product knows nothing of them.

    install(config_home)
    site = Site(web)
    site.video("a1", clip, timestamp=1556791872)
    url = site.channel("news", ["a1", "b2"])
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from web import Web

PLUGIN = """
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError


class LocalVideoIE(InfoExtractor):
    _VALID_URL = r"(?P<host>http://127\\.0\\.0\\.1:\\d+)/watch/(?P<id>\\w+)"
    _TESTS = [{"url": "http://127.0.0.1:1/watch/a", "info_dict": {"id": "a", "ext": "mp4"}}]

    def _real_extract(self, url):
        host, number = self._match_valid_url(url).group("host", "id")
        said = self._download_json(f"{host}/api/{number}", number)
        if "error" in said:
            raise ExtractorError(said["error"], expected=True)
        if "geo" in said:
            self.raise_geo_restricted(said["geo"])
        reason = said.pop("reason", None)
        if reason:
            self.raise_no_formats(reason, expected=True)
        return {"id": number, **said}


class LocalListIE(InfoExtractor):
    _VALID_URL = r"(?P<host>http://127\\.0\\.0\\.1:\\d+)/list/(?P<id>\\w+)"
    _TESTS = [{"url": "http://127.0.0.1:1/list/a", "info_dict": {}, "playlist_mincount": 1}]

    def _real_extract(self, url):
        host, number = self._match_valid_url(url).group("host", "id")
        said = self._download_json(f"{host}/api/{number}", number)
        return self.playlist_result([self._entry(host, one) for one in said["entries"]], number)

    def _entry(self, host, said):
        name = "LocalVideo" if "/watch/" in said["url"] else said.pop("key")
        return self.url_result(host + said.pop("url"), name, **said)


# Under this name yt-dlp has the channels of a site that gives its newest videos first.
class RumbleChannelIE(LocalListIE):
    _VALID_URL = r"(?P<host>http://127\\.0\\.0\\.1:\\d+)/channel/(?P<id>\\w+)"
"""


def install(config_home: Path) -> None:
    """Put the extractors where yt-dlp looks for those of a user with this XDG_CONFIG_HOME."""
    folder = config_home / "yt-dlp" / "plugins" / "local" / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "local.py").write_text(PLUGIN, "utf-8")


class Site:
    """The platform; every method returns the address of what it was given."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def video(self, name: str, clip: bytes | None, **fields: Any) -> str:
        """A watch page. Without a clip it offers nothing to fetch."""
        said = {"title": f"Video {name}", **fields}
        if clip is not None:
            said["url"] = self._web.file(f"/media/{name}.mp4", clip)
        self._web.file(f"/api/{name}", json.dumps(said).encode())
        return self._web.url(f"/watch/{name}")

    def playlist(self, name: str, entries: Sequence[str | dict[str, Any]]) -> str:
        """A list in no order: of names of videos, or of dictionaries with more about them."""
        self._list(name, entries)
        return self._web.url(f"/list/{name}")

    def channel(self, name: str, entries: Sequence[str | dict[str, Any]]) -> str:
        """A list with its newest videos first."""
        self._list(name, entries)
        return self._web.url(f"/channel/{name}")

    def asked(self) -> list[str]:
        """Names of the videos whose pages were read, in that order."""
        return self._names("/api/")

    def fetched(self) -> list[str]:
        """Names of the videos whose media were fetched, in that order."""
        return [name.removesuffix(".mp4") for name in self._names("/media/")]

    def _names(self, start: str) -> list[str]:
        return [path.removeprefix(start) for path in self._web.requests if path.startswith(start)]

    def _list(self, name: str, entries: Sequence[str | dict[str, Any]]) -> None:
        said = [
            {"url": f"/watch/{entry}"} if isinstance(entry, str) else entry for entry in entries
        ]
        self._web.file(f"/api/{name}", json.dumps({"entries": said}).encode())
