"""What downloads need besides this package: a yt-dlp that is not old, and a JavaScript runtime."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from importlib import metadata
from pathlib import Path

STALE_DAYS = 120
"""Sites change monthly, and yt-dlp follows them."""


def yt_dlp_age() -> int | None:
    """Days since the installed yt-dlp was released; None where its version does not tell."""
    try:
        year, month, day = map(int, metadata.version("yt-dlp").split(".")[:3])
        return max(0, (dt.datetime.now(dt.UTC).date() - dt.date(year, month, day)).days)
    except (metadata.PackageNotFoundError, ValueError):
        return None


def find_deno() -> str | None:
    """The JavaScript runtime that YouTube needs: on PATH, or from its wheel beside our Python."""
    return shutil.which("deno") or shutil.which("deno", path=str(Path(sys.executable).parent))
