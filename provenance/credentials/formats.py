"""The format of a file by its first bytes, as the MIME type that the C2PA library is given.

A wrong extension must not decide which parser reads a file.
"""

from __future__ import annotations

HEAD_BYTES = 32

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_RIFF_KINDS = {b"WEBP": "image/webp", b"AVI ": "video/avi"}
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"qt  ": "video/quicktime",
}
# QuickTime before 2005 has no ftyp box; these may come first.
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})


def sniffed_format(head: bytes) -> str | None:
    """MIME type by the first `HEAD_BYTES` bytes; None for what cannot carry Content Credentials.

    Matroska and WebM are among those: C2PA defines no place for credentials in them.
    """
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF_KINDS.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return "video/quicktime" if head[4:8] in _OLD_QUICKTIME else None
