"""Files that are odd, damaged, misnamed or hostile: a report or a clear error, never a crash."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clip_maker import H264, cut, ffmpeg, painted, turned
from command_line import call

from provenance import Archive, check
from provenance.errors import MediaError, MissingMediaError, UnreadableMediaError
from provenance.models import Report
from provenance.report import validate
from provenance.report.json_report import JsonReport

ODD = Path(__file__).resolve().parent.parent.parent / "shared" / "footage" / "odd"
MANY_BYTES = 400_000
PATIENCE = 60.0
"""Seconds that one small file may take on a busy machine; a hang takes longer."""


def checked(path: str | Path, archive: Archive) -> Report:
    """The report, which follows the schema and came in time."""
    begun = time.monotonic()
    report = check(path, archive=archive, candidates=True)
    assert time.monotonic() - begun < PATIENCE
    validate(json.loads(JsonReport().render([report])))
    return report


def refused(path: str | Path, archive: Archive) -> MediaError:
    """The error, which is about media, names the file, gives a hint, and came in time."""
    begun = time.monotonic()
    with pytest.raises(MediaError) as caught:
        check(path, archive=archive)
    assert time.monotonic() - begun < PATIENCE
    error = caught.value
    assert error.exit_code == 4
    assert str(path) in error.message
    assert error.hint
    assert "Traceback" not in str(error)
    assert "Errno" not in str(error)
    return error


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trouble")


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    """A sound little video: 1.5 s, 160 x 120, 10 frames a second."""
    return painted(folder / "small.mp4", "testsrc2=size=160x120:rate=10", seconds=1.5)


# The odd files


def odd_files() -> list[Any]:
    """All of them; the large ones are slow."""
    paths = sorted(ODD.iterdir()) if ODD.is_dir() else []
    return [
        pytest.param(
            path,
            id=path.name[:40],
            marks=[pytest.mark.slow] if path.stat().st_size > MANY_BYTES else [],
        )
        for path in paths
    ]


@pytest.mark.skipif(not ODD.is_dir(), reason="the odd files are not here")
@pytest.mark.parametrize("path", odd_files())
def test_an_odd_file_gives_a_report_or_a_clear_error(path: Path, sample_archive: Archive) -> None:
    try:
        report = checked(path, sample_archive)
    except MediaError as error:
        assert error.exit_code == 4
        assert str(path) in error.message
        assert error.hint
    else:
        assert report.verdict
        assert not [match for match in report.matches if match.accepted]
        assert report.verdict.label in ("no_match", "inconclusive")


# What is no media


def test_a_missing_file_is_missing(sample_archive: Archive, tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path / "none.mp4", sample_archive), MissingMediaError)


def test_a_folder_is_no_file(sample_archive: Archive, tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path, sample_archive).message


def test_an_empty_file_is_called_empty(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "empty" in refused(path, sample_archive).message


def test_text_named_mp4_is_no_video(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("This is a letter and no video.\n" * 50)
    assert "no video or picture" in refused(path, sample_archive).message


def test_sound_alone_is_called_sound(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    ffmpeg("-f", "lavfi", "-t", "1", "-i", "sine", path)
    assert "sound only" in refused(path, sample_archive).message


def test_a_circle_of_links_is_no_file(sample_archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "b.mp4")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    refused(tmp_path / "a.mp4", sample_archive)


def test_a_pipe_is_refused_and_not_waited_for(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    begun = time.monotonic()
    assert "regular" in refused(path, sample_archive).message
    assert time.monotonic() - begun < PATIENCE


def test_a_device_is_refused_and_not_read(sample_archive: Archive) -> None:
    assert "regular" in refused("/dev/zero", sample_archive).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unreadable(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "locked.mp4"
    shutil.copy(small, path)
    path.chmod(0)
    assert "cannot be opened" in refused(path, sample_archive).message


@pytest.mark.parametrize("name", ["x" * 5000, "null\0byte.mp4"], ids=["too long", "null byte"])
def test_a_name_that_no_file_can_have_is_an_error_like_others(
    name: str, sample_archive: Archive
) -> None:
    refused(name, sample_archive)


# Damaged files


def test_a_video_cut_off_before_its_index_is_unreadable(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "torn.mp4"
    data = small.read_bytes()
    assert data.index(b"mdat") < data.index(b"moov")
    path.write_bytes(data[: len(data) // 2])
    assert isinstance(refused(path, sample_archive), UnreadableMediaError)


def test_a_video_cut_off_behind_its_index_is_read_as_far_as_it_goes(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    whole, path = tmp_path / "whole.mp4", tmp_path / "torn.mp4"
    ffmpeg("-i", small, "-c", "copy", "-movflags", "+faststart", whole)
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    duration = checked(path, sample_archive).source.duration
    assert duration
    assert 0.2 < duration < 1.4


def test_zeros_in_the_middle_of_a_video_do_no_harm(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "holes.mp4"
    data = bytearray(small.read_bytes())
    begin = data.index(b"mdat") + 8
    for place in range(begin + 2000, begin + 12000, 1500):
        data[place : place + 400] = bytes(400)
    path.write_bytes(data)
    with contextlib.suppress(UnreadableMediaError):
        checked(path, sample_archive)


def test_an_unknown_coding_is_named_as_the_reason(sample_archive: Archive, tmp_path: Path) -> None:
    path = painted(
        tmp_path / "unknown.avi", "testsrc2=size=160x120:rate=10", "-c:v", "mpeg4", seconds=0.5
    )
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"ZZQZ"))
    assert "coding" in refused(path, sample_archive).message


def png(width: int, height: int) -> bytes:
    """A picture that says it is so large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + packed


@pytest.mark.parametrize("side", [60_000, 9_000])
def test_a_picture_that_says_it_is_huge_is_refused(
    side: int, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png(side, side))
    assert refused(path, sample_archive).message.count("pixels")


def test_a_video_that_says_it_is_huge_is_refused(sample_archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "huge.y4m"
    path.write_bytes(b"YUV4MPEG2 W20000 H20000 F25:1 C420\nFRAME\n" + bytes(1000))
    refused(path, sample_archive)


def test_a_header_that_declares_other_dimensions_than_the_pictures_have_does_no_harm(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "declared.mp4"
    data = bytearray(small.read_bytes())
    entry = data.index(b"avc1", data.index(b"stsd"))
    assert struct.unpack_from(">HH", data, entry + 28) == (160, 120)
    struct.pack_into(">HH", data, entry + 28, 65535, 65535)
    path.write_bytes(data)
    with contextlib.suppress(MediaError):
        report = checked(path, sample_archive)
        assert (report.source.width, report.source.height) == (160, 120)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "numbers-%d.mp4",
        "%03d.png:colon.mp4",
        "line\nbreak.mp4",
        "-dash.mp4",
        "pipe:0.mp4",
        "concat:a|b.mp4",
        "http:no-address.mp4",
        "[1]*?.mp4",
        "quote'\".mp4",
        "ünïcode-😀.mp4",
        os.fsdecode(b"latin-\xe9.mp4"),
    ],
    ids=ascii,
)
def test_a_name_is_nothing_but_a_name(
    name: str,
    small: Path,
    sample_archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given relative, as a user does who stands in the folder."""
    shutil.copy(small, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    report = checked(name, sample_archive)
    assert report.source.duration == pytest.approx(1.5)
    assert report.source.location == name


def test_a_name_that_is_no_utf8_can_be_learned_listed_and_found(
    small: Path, tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"latin-\xe9.mp4")
    shutil.copy(small, path)
    archive = ("--archive", tmp_path / "archive")
    assert call(*archive, "add", path, "--published", "2020").code == 0
    assert call(*archive, "list").code == 0
    for form in ("text", "json", "jsonl", "html"):
        done = call(*archive, "check", path, "--format", form)
        assert done.code == 0, done.err
    missing = call(*archive, "check", tmp_path / os.fsdecode(b"none-\xe9.mp4"))
    assert missing.code == 4
    assert "is not there" in missing.err


# Files that tell a reader to open other things


@pytest.fixture
def tempted(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def playlist(inner: str) -> str:
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    return f"{head}#EXTINF:1.5,\n{inner}\n#EXT-X-ENDLIST\n"


def concat(inner: str) -> str:
    return f"ffconcat version 1.0\nfile '{inner}'\n"


def dash(inner: str) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1.5S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1000"><BaseURL>{inner}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )


def sdp(inner: str) -> str:
    host = inner.removeprefix("http://").partition(":")[0]
    return f"v=0\no=- 0 0 IN IP4 {host}\ns=x\nc=IN IP4 {host}\nm=video 5004 RTP/AVP 96\n"


@pytest.mark.parametrize("write", [playlist, concat, dash, sdp])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8", "clip.ffconcat"])
def test_a_list_of_other_files_is_refused_and_nothing_in_it_is_opened(
    write: type,
    name: str,
    small: Path,
    sample_archive: Archive,
    tmp_path: Path,
    tempted: tuple[str, list[str]],
) -> None:
    address, asked = tempted
    path = tmp_path / name
    for inner in (f"{address}/clip.ts", str(small), small.name):
        shutil.copy(small, tmp_path / small.name)
        path.write_text(write(inner))
        refused(path, sample_archive)
    assert asked == []


def test_the_bait_would_have_been_taken_by_a_reader_without_a_white_list(
    tmp_path: Path, tempted: tuple[str, list[str]]
) -> None:
    """Else the test above could not fail."""
    address, asked = tempted
    path = tmp_path / "clip.m3u8"
    path.write_text(playlist(f"{address}/clip.ts"))
    with pytest.raises(AssertionError):
        ffmpeg("-protocol_whitelist", "file,http,tcp", "-i", path, tmp_path / "out.mkv")
    assert asked


# Odd but sound


def test_a_video_of_one_frame_is_treated_as_a_picture(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "one.mp4"
    ffmpeg("-i", small, "-frames:v", "1", *H264, path)
    source = checked(path, sample_archive).source
    assert (source.duration, source.fps) == (None, None)


def test_a_video_that_breaks_off_for_hours_takes_no_hours(
    small: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "gap.mkv"
    later = "setpts='if(lt(N,5),N,N+90000)/10/TB'"
    ffmpeg("-i", small, "-vf", later, "-fps_mode", "vfr", *H264, path)
    duration = checked(path, sample_archive).source.duration
    assert duration
    assert duration > 9000


def test_two_frames_a_second_are_enough_to_be_found(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    market = samples / "footage/market.mp4"
    report = checked(
        cut(market, tmp_path / "slow.mp4", "scale=320:180,fps=2", start=2, seconds=6),
        sample_archive,
    )
    assert report.source.fps == pytest.approx(2.0)
    best = report.matches[0]
    assert Path(best.footage.location).name == "market.mp4"
    assert best.accepted
    (segment,) = best.segments
    assert segment.reference_start - segment.query_start == pytest.approx(2.0, abs=0.5)


def test_a_variable_frame_rate_is_found_at_the_right_seconds(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    """Every frame of the second second, every fifth before and after."""
    path = tmp_path / "variable.mp4"
    chosen = "scale=320:180,select='between(t,1,2)+not(mod(n,5))'"
    ffmpeg(
        *("-ss", "4", "-t", "4", "-i", samples / "footage/harbour.mp4", "-an", "-vf", chosen),
        *("-fps_mode", "vfr", *H264, path),
    )
    best = checked(path, sample_archive).matches[0]
    assert Path(best.footage.location).name == "harbour.mp4"
    assert best.accepted
    (segment,) = best.segments
    assert segment.query_start == pytest.approx(0.0, abs=0.5)
    assert segment.query_end == pytest.approx(4.0, abs=0.5)
    assert segment.reference_start == pytest.approx(4.0, abs=0.5)
    assert segment.reference_end == pytest.approx(8.0, abs=0.5)
    assert "speed_changed" not in best.edits


def test_a_video_turned_by_its_metadata_is_the_same_as_the_upright_one(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    """The pictures lie on their side in the file, and the file says how to turn them back."""
    lying = cut(
        samples / "footage/harbour.mp4",
        tmp_path / "lying.mp4",
        "scale=320:180,transpose=cclock",
        start=4,
        seconds=4,
    )
    path = turned(lying, tmp_path / "turned.mp4", 90)
    report = checked(path, sample_archive)
    assert (report.source.width, report.source.height) == (320, 180)
    best = report.matches[0]
    assert Path(best.footage.location).name == "harbour.mp4"
    assert best.accepted
    assert not {"rotated", "mirrored", "letterboxed"} & set(best.edits)
    assert best.segments[0].reference_start == pytest.approx(4.0, abs=0.5)
