"""When trying again can help, and how long to wait before: pure decisions, made in the worker."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

_PASSING = frozenset({"stalled", "cut"})
"""Kinds of failure that may be gone a moment later."""
_PASSING_LATER = frozenset(
    {"time_out", "name", "refused", "unreachable", "proxy", "rate", "patience", "processing"}
)
_TOO_EARLY = frozenset({408, 425, 429})
"""The only answers of the 4xx that may be another one later."""
_TOO_MANY = 429
_MOST, _FIRST, _FIRST_TOO_MANY = 30.0, 1.0, 10.0  # seconds


def can_help(kind: str, status: int | None) -> bool:
    """Whether a failure may pass: a fault of the server, a broken or stalled transfer, too many
    requests; never what the site refuses for good."""
    if status is not None:
        return status >= 500 or status in _TOO_EARLY
    return kind in _PASSING


def may_pass(kind: str, status: int | None) -> bool:
    """Whether a failure may be gone in some hours, where it is not in some seconds."""
    return can_help(kind, status) or kind in _PASSING_LATER


def pause_before(attempt: int, status: int | None) -> float:
    """Seconds before trying again, doubled with every attempt (the first one is 0)."""
    first = _FIRST_TOO_MANY if status == _TOO_MANY else _FIRST
    return min(first * 2.0**attempt, max(_MOST, first))


def asked_pause(value: str | None, now: dt.datetime) -> float | None:
    """The seconds that a server asks for in Retry-After: a number, or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _until(value, now)
    except (ValueError, OverflowError, TypeError):
        return None
    return seconds if 0 <= seconds < math.inf else None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error of yt-dlp's with those behind it: it wraps them in three ways."""
    seen: list[BaseException | None] = [error]
    for one in seen:  # grows meanwhile
        if one is None:
            continue
        yield one
        wrapped = getattr(one, "exc_info", None) or (None, None)
        for other in (getattr(one, "cause", None), wrapped[1], one.__cause__):
            if isinstance(other, BaseException) and other not in seen:
                seen.append(other)


def _until(date: str, now: dt.datetime) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
