"""Places as files have them: ISO 6709 texts and EXIF's degrees, minutes and seconds.

>>> parse_iso6709("+48.8584+002.2945+035.0/")
Position(latitude=48.8584, longitude=2.2945, altitude=35.0)
>>> parse_iso6709("+4851.30+00217.40/").latitude
48.855
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = r"\d+(?:[.,]\d*)?"
_ISO6709 = re.compile(
    rf"(?P<latitude>[+-]{_NUMBER})(?P<longitude>[+-]{_NUMBER})(?P<altitude>[+-]{_NUMBER})?"
    r"(?:CRS[^/]*)?/?",
    re.ASCII,
)
_XMP_DEGREES = re.compile(r"\d{1,3}(?:,\d{1,2}){0,2}(?:\.\d{1,12})?[NSEW]", re.ASCII)
_LATITUDE_DIGITS, _LONGITUDE_DIGITS = 2, 3


@dataclass(frozen=True)
class Position:
    """Decimal degrees, north and east positive; altitude in metres where it is told."""

    latitude: float
    longitude: float
    altitude: float | None = None

    def __str__(self) -> str:
        return f"{self.latitude:.5f}, {self.longitude:.5f}"


def parse_iso6709(text: str) -> Position | None:
    """A place by ISO 6709 Annex H: degrees, degrees and minutes, or with seconds.

    Devices also write degrees without their leading zeros ("+48.85+2.29/"): read as degrees.
    None for anything else, for what lies outside the globe, and for 0, 0, which devices write
    that do not know where they are.
    """
    found = _ISO6709.fullmatch(text.strip())
    if not found:
        return None
    latitude = _degrees(found["latitude"], _LATITUDE_DIGITS)
    longitude = _degrees(found["longitude"], _LONGITUDE_DIGITS)
    altitude = found["altitude"]
    if latitude is None or longitude is None:
        return None
    return _position(latitude, longitude, float(altitude.replace(",", ".")) if altitude else None)


def exif_position(exif: Mapping[str, Any]) -> Position | None:
    """The place in EXIF's GPS tags, or None where they give none."""
    latitude = _sexagesimal(exif.get("GPS GPSLatitude"), exif.get("GPS GPSLatitudeRef"), "NS")
    longitude = _sexagesimal(exif.get("GPS GPSLongitude"), exif.get("GPS GPSLongitudeRef"), "EW")
    if latitude is None or longitude is None:
        return None
    return _position(latitude, longitude, None)


def xmp_position(xmp: Mapping[str, str]) -> Position | None:
    """The place in XMP's GPS properties: "48,51.5N" or "48,51,30N"."""
    latitude = _xmp_degrees(xmp.get("exif:GPSLatitude", ""), "NS")
    longitude = _xmp_degrees(xmp.get("exif:GPSLongitude", ""), "EW")
    if latitude is None or longitude is None:
        return None
    return _position(latitude, longitude, None)


def _xmp_degrees(text: str, directions: str) -> float | None:
    if not _XMP_DEGREES.fullmatch(text.strip()):
        return None
    parts = [float(part) for part in text.strip()[:-1].split(",")]
    return _sexagesimal(parts, text.strip()[-1], directions)


def _position(latitude: float, longitude: float, altitude: float | None) -> Position | None:
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return Position(latitude, longitude, altitude)


def _degrees(text: str, width: int) -> float | None:
    """Degrees from "+DD.D", "+DDMM.M" or "+DDMMSS.S", where degrees have `width` digits."""
    sign, (whole, _, fraction) = text[0], text[1:].replace(",", ".").partition(".")
    fraction = fraction or "0"
    if len(whole) <= width:
        value = float(f"{whole}.{fraction}")
    elif len(whole) == width + 2:
        minutes = float(f"{whole[width:]}.{fraction}")
        if minutes >= 60:
            return None
        value = int(whole[:width]) + minutes / 60
    elif len(whole) == width + 4:
        minutes, seconds = int(whole[width : width + 2]), float(f"{whole[width + 2 :]}.{fraction}")
        if minutes >= 60 or seconds >= 60:
            return None
        value = int(whole[:width]) + minutes / 60 + seconds / 3600
    else:
        return None
    return -value if sign == "-" else value


def _sexagesimal(value: Any, reference: Any, directions: str) -> float | None:
    parts = value if isinstance(value, list) else [value]
    if not 1 <= len(parts) <= 3 or not all(isinstance(part, int | float) for part in parts):
        return None
    if any(part < 0 for part in parts) or any(part >= 60 for part in parts[1:]):
        return None
    direction = str(reference or "").strip().upper()[:1]
    if not direction or direction not in directions:
        return None
    degrees = math.fsum(part / (1, 60, 3600)[power] for power, part in enumerate(parts))
    return -degrees if direction == directions[1] else degrees
