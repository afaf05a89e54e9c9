"""The user's cookies, as a jar for yt-dlp; loaded before the guard, since browsers' key rings are
asked by other programs and over sockets of this machine."""

from __future__ import annotations

import io
import optparse
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL, parse_options
from yt_dlp.cookies import load_cookies

from provenance.download.network import read_cookies
from provenance.errors import SettingsError


def cookie_jar(ydl: YoutubeDL, cookies: str | None, browser: str) -> Any:
    """The cookies of a file (already checked) and of a browser; an empty jar where neither is set.

    yt-dlp writes its jar back when it ends: here into memory, never into the user's file.

    Raises:
        SettingsError: there is no such browser, or its cookies cannot be read.
    """
    file = io.StringIO(read_cookies(Path(cookies))) if cookies else None
    specification = _specification(browser) if browser else None
    try:
        return load_cookies(file, specification, ydl)
    except Exception as error:  # whatever goes wrong in a browser's files; yt-dlp wraps them all
        cause = error.__context__ or error
        raise _unusable(browser, " ".join(str(cause).split())) from error


def _specification(browser: str) -> Any:
    """BROWSER[+KEYRING][:PROFILE][::CONTAINER] as yt-dlp's own command line reads it."""
    try:
        options = parse_options(["--ignore-config", f"--cookies-from-browser={browser}"])
    except optparse.OptParseError as error:
        raise _unusable(browser, str(error).rpartition("error: ")[2].strip()) from error
    return options.ydl_opts["cookiesfrombrowser"]


def _unusable(browser: str, why: str) -> SettingsError:
    return SettingsError(
        f"The cookies of the browser {browser!r} cannot be used: {why[:300].rstrip('. ')}.",
        "Correct download_cookies_from_browser (BROWSER[+KEYRING][:PROFILE][::CONTAINER]), or name "
        "a file of cookies in download_cookies.",
    )
