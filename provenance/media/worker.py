"""The child process that opens untrusted files with PyAV and Pillow; prints one JSON object.

Run by `process.run_worker`, never imported by the rest of the package: a crash in a native decoder
ends only this process. Commands: `probe PATH MAX_PIXELS`, `still PATH MAX_PIXELS LONG_SIDE COLOUR`.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from provenance.media.formats import FORMAT_WHITELIST, PROTOCOL_WHITELIST, is_picture

PACKET_LIMIT = 5_000_000  # some 20 hours of video and sound; a longer listing is given up
TRIAL_PACKETS = 500  # a file whose first packets hold no picture is not readable for us


def main(arguments: list[str]) -> None:
    command, path, max_pixels, *rest = arguments
    try:
        if command == "probe":
            result = _probe(Path(path), int(max_pixels))
        else:
            result = _still(Path(path), int(max_pixels), int(rest[0]), rest[1] == "colour")
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"[:300]}
    json.dump(result, sys.stdout)


def _probe(path: Path, max_pixels: int) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(64)
    if is_picture(head):
        return _probe_picture(path, max_pixels)
    return _probe_video(path)


def _probe_picture(path: Path, max_pixels: int) -> dict[str, Any]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(path) as image:
        # Reading EXIF data may decode the whole picture, so not of one that will be refused.
        small = image.width * image.height <= max_pixels
        rotated = small and image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        width, height = image.size[::-1] if rotated else image.size
        return {
            "still": True,
            "width": width,
            "height": height,
            "codec": (image.format or "picture").lower(),
            "container": {"format": (image.format or "").lower()},
        }


def _probe_video(path: Path) -> dict[str, Any]:
    import av

    options = {"protocol_whitelist": PROTOCOL_WHITELIST, "format_whitelist": FORMAT_WHITELIST}
    with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
        videos = [s for s in container.streams.video if not _is_cover(s)]
        tags = {
            "format": container.format.name,
            "tags": dict(container.metadata),
            "streams": [_stream(s) for s in container.streams],
        }
        result: dict[str, Any] = {
            "still": False,
            "has_audio": bool(container.streams.audio),
            "container": tags,
        }
        if not videos:
            return {**result, "no_video": True}
        videos = [s for s in videos if s.codec_context is not None]
        if not videos:
            return {"error": "the pictures are in a coding that this ffmpeg does not know"}
        stream = max(videos, key=lambda s: (s.width or 0) * (s.height or 0))
        start = container.start_time / av.time_base if container.start_time else 0.0
        aspect = stream.sample_aspect_ratio or Fraction(1)
        rate = stream.average_rate or stream.guessed_rate
        result |= {
            "stream": stream.index,
            "codec": _codec(stream),
            "width": stream.width,
            "height": stream.height,
            "aspect": float(aspect) if aspect > 0 else 1.0,
            "fps": float(rate) if rate else None,
            "duration": container.duration / av.time_base if container.duration else None,
        }
        result["rotation"] = _rotation(container, stream)
        return {**result, **_packets(container, stream, start)}


def _stream(stream: Any) -> dict[str, Any]:
    """What a stream says of itself; `seconds` of its length, by its header."""
    length = stream.duration * stream.time_base if stream.duration and stream.time_base else None
    return {
        "type": stream.type,
        "codec": _codec(stream),
        "cover": stream.type == "video" and _is_cover(stream),
        "seconds": None if length is None else float(length),
        "tags": dict(stream.metadata),
    }


def _is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _codec(stream: Any) -> str | None:
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else None


def _rotation(container: Any, stream: Any) -> int:
    """Degrees that a player turns the picture, read from the first frame that can be decoded."""
    import av

    tried = 0
    for packet in container.demux(stream):
        tried += 1
        if tried > TRIAL_PACKETS:
            break
        try:
            for frame in packet.decode():
                return int(frame.rotation)
        except av.error.FFmpegError:
            continue
    return 0


def _packets(container: Any, stream: Any, start: float) -> dict[str, Any]:
    """Times of the keyframes and the end of the stream, from packet headers alone."""
    import av

    keyframes: list[float] = []
    end = 0.0
    count = 0
    try:
        container.seek(0)
        for number, packet in enumerate(container.demux(stream)):
            if number > PACKET_LIMIT:
                break
            if packet.pts is None or packet.time_base is None:
                continue
            count += 1
            seconds = float(packet.pts * packet.time_base) - start
            end = max(end, seconds + float((packet.duration or 0) * packet.time_base))
            if packet.is_keyframe and seconds >= 0:
                keyframes.append(round(seconds, 4))
    except (av.error.FFmpegError, OSError):
        pass  # truncated: what was read counts
    return {"keyframes": keyframes, "end": end, "packets": count}


def _still(path: Path, max_pixels: int, long_side: int, colour: bool) -> dict[str, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(path) as image:
        image.draft("RGB", (long_side * 2, long_side * 2))
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            upright = upright.convert("RGBA")
            ground = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(ground, upright)
        upright = upright.convert("RGB" if colour else "L")
        if max(upright.size) > long_side:
            upright.thumbnail((long_side, long_side), Image.Resampling.BOX)
        out = io.BytesIO()
        upright.save(out, "PPM")
        return {"netpbm": base64.b64encode(out.getvalue()).decode()}
