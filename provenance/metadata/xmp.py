"""XMP packets to a few named properties; in the worker child.

XMP is RDF in XML, in which a property is an attribute or an element of an rdf:Description. Only
properties that somebody reads are kept; a packet with a document type is refused, since entities
that grow without end need one.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

PREFIXES = {
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
}
PROPERTIES = frozenset(
    {
        *("xmp:CreatorTool", "xmp:CreateDate", "xmp:ModifyDate"),
        *("photoshop:DateCreated", "photoshop:Credit", "photoshop:City", "photoshop:Country"),
        *("exif:DateTimeOriginal", "exif:GPSLatitude", "exif:GPSLongitude"),
        *("tiff:Make", "tiff:Model", "tiff:Software"),
        *("dc:creator", "dc:title", "dc:description"),
        *("Iptc4xmpExt:DigitalSourceType", "Iptc4xmpExt:AISystemUsed"),
    }
)
MOST_TEXT = 2000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def xmp_properties(packet: str) -> dict[str, str]:
    """Properties by their usual names, such as "xmp:CreatorTool"; {} for what is no XMP."""
    start, end = packet.find("<"), packet.rfind(">")
    text = packet[start : end + 1]
    if not text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return {}
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no document type, and in a child
    except ElementTree.ParseError:
        return {}
    found: dict[str, str] = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, value in _properties(description):
            if name in PROPERTIES and value.strip():
                found.setdefault(name, value.strip()[:MOST_TEXT])
    return found


def _properties(description: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for name, value in description.items():
        yield _named(name), value
    for element in description:
        # Lists and texts in several languages stand in rdf:li; the first is the default.
        item = element.find(f".//{_RDF}li")
        text = (element if item is None else item).text
        yield _named(element.tag), text or element.get(f"{_RDF}resource") or ""


def _named(tag: str) -> str:
    space, _, name = tag.removeprefix("{").partition("}")
    return f"{PREFIXES.get(space, '')}:{name}"
