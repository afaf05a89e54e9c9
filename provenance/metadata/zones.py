"""What two clocks in one file say of each other: whether a "UTC" time is UTC, and of zones; pure.

`creation_time` is UTC by specification. Devices that write their local time there are found out by
a second time in the file that is known to be local, or that comes with its zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from provenance.dates import When, spoken
from provenance.models import Finding

QUARTER = dt.timedelta(minutes=15)  # every zone of today is a multiple of it away from UTC
SLACK = dt.timedelta(minutes=3)  # a recording is stamped when it begins, or when it ends
WIDEST = dt.timedelta(hours=14)
_MEANING = (
    "A zone names a strip of the globe, not a place, and phones keep the zone they are set to."
)


def zone_findings(
    utc: tuple[When, str] | None, others: Sequence[tuple[When, str]]
) -> Iterator[Finding]:
    """At most one finding, by the first of `others` that tells something.

    Args:
        utc: creation_time and where it stands.
        others: further times of the same recording, the best first; local where they have no zone.
    """
    if utc is None or utc[0].precision != "second":
        return
    written, source = utc[0].start, utc[1]
    for when, where in others:
        if when.precision != "second":
            continue
        if when.zone not in (None, "Z"):
            local = when.start + _offset(when.zone or "")
            if abs(written - when.start) > SLACK and abs(written - local) <= SLACK:
                text = (
                    f"creation_time repeats the local time of {where} ({when.zone}) as if it were "
                    f"UTC: it is off by that much, and means {spoken(when)}."
                )
                yield Finding("zone_trap", text, "weak", source, when=when)
                return
        elif when.zone is None:
            ahead = when.start - written
            steps = round(ahead / QUARTER)
            if abs(ahead - steps * QUARTER) > SLACK or abs(ahead) > WIDEST + SLACK:
                continue
            if steps == 0:
                text = (
                    f"creation_time and the local time of {where} are the same: either the device "
                    "was set to UTC, or it wrote its local time as if it were UTC."
                )
                yield Finding("zone_trap", text, "weak", source)
            else:
                text = (
                    f"The local time of {where} and creation_time, if that is UTC, lie "
                    f"{_hours(steps)} apart: the device was set to UTC{_signed(steps)}. {_MEANING}"
                )
                yield Finding("zone", text, "weak", f"{where}, {source}")
            return


def _offset(zone: str) -> dt.timedelta:
    size = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -size if zone[0] == "-" else size


def _hours(steps: int) -> str:
    hours = abs(steps) / 4
    return f"{hours:g} hour" + ("" if hours == 1 else "s")


def _signed(steps: int) -> str:
    whole, rest = divmod(abs(steps), 4)
    return f"{'-' if steps < 0 else '+'}{whole:02d}:{rest * 15:02d}"
