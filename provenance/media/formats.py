"""Which containers are opened at all, and which files are single pictures.

The lists name real containers. Left out are those that open other files or addresses (HLS, DASH,
concat, image patterns, SDP): a file from outside must not make a decoder read anything but itself.
"""

from __future__ import annotations

PROTOCOL_WHITELIST = "file,pipe"

FORMAT_WHITELIST = ",".join(
    (
        # One demuxer has many names; ffmpeg compares each of them with this list.
        "mov,mp4,m4a,3gp,3g2,mj2",
        "matroska,webm",
        "avi,asf,flv,live_flv,mpeg,mpegts,mpegvideo,vob,mxf,nut,ogg,rm,dv,gxf,wtv,ivf,obu,swf",
        "h264,hevc,m4v,mjpeg,av1,y4m,yuv4mpegpipe,gif,apng",
        "jpeg_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe",
        "mp3,aac,wav,flac,w64,caf,amr,aiff,ac3,eac3",  # to say "sound only" and not "unreadable"
    )
)

_BRAND_AT = 4  # an ISO base media file has b"ftyp" here, and its brand behind it


def is_picture(head: bytes) -> bool:
    """True when the first bytes (at least 32) are of a still picture that Pillow reads."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*")):
        return not head.startswith(b"BM") or head[6:10] == b"\0\0\0\0"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return True
    return head[_BRAND_AT : _BRAND_AT + 4] == b"ftyp" and head[8:12] == b"avif"
