"""Frames come with their exact times, upright, and only those that the file really holds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from clip_maker import H264, ffmpeg, painted, turned

from provenance.errors import UnreadableMediaError
from provenance.fingerprints import fingerprint_known
from provenance.media import Frame, MediaInfo, probe, read_frames
from provenance.process import LimitError
from provenance.settings import Settings

COUNTER = "color=black:size=128x96:rate=25,geq=lum='16+2*N':cb=128:cr=128"
"""Frame number N of this clip is a flat gray of 16 + 2 N: the picture tells its own time."""


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of rising gray, 25 frames a second, a keyframe every half second."""
    path = tmp_path_factory.mktemp("frames") / "counter.mp4"
    return painted(path, COUNTER, *H264, "-g", "12", "-qp", "4", seconds=4)


def times(path: Path, **options: object) -> list[float]:
    return [frame.seconds for frame in frames(path, **options)]


def frames(path: Path, **options: object) -> Iterator[Frame]:
    return read_frames(path, probe(path), long_side=64, **options)  # type: ignore[arg-type]


def number(frame: Frame) -> int:
    """Which frame of the counter this is. Video levels 16..235 become 0..255 in gray."""
    return round((float(frame.image.mean()) * 219 / 255) / 2)


def test_every_frame_comes_once_at_its_own_time(counter: Path) -> None:
    found = list(frames(counter))
    assert [frame.seconds for frame in found] == pytest.approx(np.arange(100) / 25, abs=1e-3)
    assert [number(frame) for frame in found] == pytest.approx(range(100), abs=1)


def test_what_is_saved_in_decoding_does_not_show(samples: Path, tmp_path: Path) -> None:
    """Few bits make blocks. Frames that nothing is predicted from are not smoothed."""
    path, raw = tmp_path / "blocks.mp4", tmp_path / "small.gray"
    clip = samples / "footage/square.mp4"
    ffmpeg("-i", clip, "-t", "4", "-c:v", "libx264", "-crf", "36", "-bf", "3", path)
    ffmpeg("-i", path, "-vf", "scale=360:-2:flags=area,format=gray", "-f", "rawvideo", raw)
    found = list(read_frames(path, probe(path), long_side=360))
    smooth = np.fromfile(raw, np.uint8).reshape(len(found), *found[0].image.shape).astype(int)
    apart = np.abs(np.array([frame.image for frame in found]) - smooth).mean(axis=(1, 2))
    assert 0 < apart.max() < 0.5  # of 256 levels
    assert apart[0] == 0


def test_a_variable_frame_rate_keeps_its_own_times(counter: Path, tmp_path: Path) -> None:
    """Of the hundred frames only these are left, each at its old time."""
    kept = [0, 1, 2, 10, 30, 31, 60, 99]
    chosen = "+".join(f"eq(n,{n})" for n in kept)
    path = tmp_path / "variable.mp4"
    ffmpeg("-i", counter, "-vf", f"select='{chosen}'", "-fps_mode", "vfr", *H264, path)
    found = list(frames(path))
    assert [frame.seconds for frame in found] == pytest.approx([n / 25 for n in kept], abs=1e-3)
    assert [number(frame) for frame in found] == pytest.approx(kept, abs=2)


@pytest.mark.parametrize("name", ["late.mkv", "late.ts"])
def test_times_count_from_the_start_of_the_file_wherever_its_clock_begins(
    counter: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    ffmpeg("-i", counter, "-c", "copy", "-output_ts_offset", "100", path)
    info = probe(path)
    assert info.duration == pytest.approx(4.0, abs=0.05)
    assert info.keyframes[0] == pytest.approx(0.0, abs=0.01)
    found = list(read_frames(path, info, long_side=64))
    assert len(found) == 100
    assert found[0].seconds == pytest.approx(0.0, abs=0.01)
    for frame in read_frames(path, info, long_side=64, start=2.0, end=2.5):
        assert number(frame) == pytest.approx(frame.seconds * 25, abs=1.5)


def test_pictures_that_begin_after_the_sound_keep_their_place_in_the_file(
    counter: Path, tmp_path: Path
) -> None:
    path = tmp_path / "sound-first.mkv"
    sound = ("-f", "lavfi", "-t", "5", "-i", "sine")
    ffmpeg(*sound, "-itsoffset", "1", "-i", counter, "-c:v", "copy", "-map", "0", "-map", "1", path)
    found = list(frames(path))
    assert found[0].seconds == pytest.approx(1.0, abs=0.05)
    assert number(found[0]) == pytest.approx(0, abs=1)
    assert probe(path).duration == pytest.approx(5.0, abs=0.1)


def test_a_window_gives_absolute_times_and_nothing_outside(counter: Path) -> None:
    found = list(frames(counter, start=1.0, end=2.0))
    assert 24 <= len(found) <= 26
    for frame in found:
        assert 0.98 <= frame.seconds <= 2.02
        assert number(frame) == pytest.approx(frame.seconds * 25, abs=1)


def test_a_window_behind_the_end_is_empty_and_no_error(counter: Path) -> None:
    assert times(counter, start=60.0, end=61.0) == []


def test_sampling_takes_frames_that_exist_and_keeps_the_distance(
    counter: Path, tmp_path: Path
) -> None:
    sampled = list(frames(counter, every=0.5))
    assert [frame.seconds for frame in sampled] == pytest.approx(np.arange(8) * 0.52, abs=0.15)
    for frame in sampled:
        assert number(frame) == pytest.approx(frame.seconds * 25, abs=1)
    sparse = tmp_path / "sparse.mp4"  # a frame at 0, 2 and 3.96 s: none is invented between
    ffmpeg(
        *("-i", counter, "-vf", "select='eq(n,0)+eq(n,50)+eq(n,99)'", "-fps_mode", "vfr"),
        *(*H264, sparse),
    )
    assert times(sparse, every=0.5) == pytest.approx([0.0, 2.0, 3.96], abs=1e-3)


def test_sampled_frames_are_never_nearer_than_asked(counter: Path) -> None:
    gaps = [b - a for a, b in pairwise(times(counter, every=0.3))]
    assert min(gaps) >= 0.3 - 1e-3
    assert max(gaps) <= 0.3 + 0.04 + 1e-3


def test_keyframes_alone_are_read_where_they_come_often(counter: Path) -> None:
    info = probe(counter)
    assert times(counter, decoded="keyframes") == pytest.approx(list(info.keyframes), abs=1e-3)
    compact = Settings(profile="compact")  # which asks for few enough frames
    known, _ = fingerprint_known(counter, info, compact, thumbnails=False)
    assert {round(float(t), 3) for t in known.times} <= {round(k, 3) for k in info.keyframes}


def test_more_than_the_keyframes_is_read_where_they_are_rare(tmp_path: Path) -> None:
    path = painted(tmp_path / "rare.mp4", COUNTER, *H264, "-g", "500", seconds=4)
    info = probe(path)
    assert info.keyframes == (0.0,)
    known, _ = fingerprint_known(path, info, thumbnails=False)
    assert len(known.times) >= 7
    assert max(np.diff(known.times)) < 0.6


@pytest.fixture(scope="module")
def lopsided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """128 x 64, white in its upper left quarter and black elsewhere."""
    path = tmp_path_factory.mktemp("turned") / "upright.mp4"
    picture = "color=black:size=128x64:rate=10,drawbox=w=64:h=32:color=white:t=fill"
    return painted(path, picture, *H264, "-qp", "4", seconds=1)


@pytest.mark.parametrize(
    ("degrees", "size", "corner"),
    [
        (90, (64, 128), "upper right"),
        (180, (128, 64), "lower right"),
        (270, (64, 128), "lower left"),
    ],
)
def test_a_rotation_in_the_file_is_applied(
    lopsided: Path, tmp_path: Path, degrees: int, size: tuple[int, int], corner: str
) -> None:
    path = turned(lopsided, tmp_path / "turned.mp4", degrees)
    info = probe(path)
    assert (info.width, info.height) == size
    image = next(iter(read_frames(path, info, long_side=128))).image
    assert image.shape == (size[1], size[0])
    middle_y, middle_x = image.shape[0] // 2, image.shape[1] // 2
    quarters = {
        "upper left": image[:middle_y, :middle_x],
        "upper right": image[:middle_y, middle_x:],
        "lower left": image[middle_y:, :middle_x],
        "lower right": image[middle_y:, middle_x:],
    }
    assert max(quarters, key=lambda name: quarters[name].mean()) == corner


def test_pixels_that_are_not_square_are_made_square(lopsided: Path, tmp_path: Path) -> None:
    path = tmp_path / "anamorphic.mp4"
    ffmpeg("-i", lopsided, "-vf", "setsar=2", *H264, path)
    info = probe(path)
    assert (info.width, info.height) == (256, 64)
    assert next(iter(read_frames(path, info, long_side=128))).image.shape == (32, 128)


def test_a_cover_picture_is_not_taken_for_the_video(counter: Path, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg("-f", "lavfi", "-i", "color=white:size=1024x1024", "-frames:v", "1", cover)
    path = tmp_path / "with-cover.mp4"
    ffmpeg(
        *("-i", cover, "-i", counter, "-map", "0", "-map", "1", "-c", "copy"),
        *("-disposition:v:0", "attached_pic", path),
    )
    info = probe(path)
    assert (info.width, info.height) == (128, 96)
    assert not info.is_still
    assert len(list(read_frames(path, info, long_side=64))) == 100


def test_a_sound_file_with_a_cover_picture_holds_no_video(tmp_path: Path) -> None:
    cover, path = tmp_path / "cover.jpg", tmp_path / "song.mp3"
    ffmpeg("-f", "lavfi", "-i", "color=white:size=64x64", "-frames:v", "1", cover)
    ffmpeg(
        *("-f", "lavfi", "-t", "1", "-i", "sine", "-i", cover, "-map", "0", "-map", "1"),
        *("-c:v", "copy", "-disposition:v", "attached_pic", path),
    )
    with pytest.raises(UnreadableMediaError, match="sound only"):
        probe(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_picture_is_one_frame_without_duration(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"still.{suffix}"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x120", "-frames:v", "1", path)
    info = probe(path)
    assert (info.is_still, info.duration, info.fps) == (True, None, None)
    (frame,) = read_frames(path, info, long_side=80)
    assert (frame.seconds, frame.image.shape) == (0.0, (60, 80))


def test_a_video_of_one_frame_is_a_picture(counter: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.mp4"
    ffmpeg("-i", counter, "-frames:v", "1", *H264, path)
    info = probe(path)
    assert (info.is_still, info.duration, info.fps) == (True, None, None)
    assert times(path) == [0.0]


def test_a_transparent_picture_lies_on_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    ffmpeg("-f", "lavfi", "-i", "color=black@0:size=64x64,format=rgba", "-frames:v", "1", path)
    (frame,) = frames(path)
    assert frame.image.min() == 255


def test_a_torn_picture_names_the_file_and_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "torn.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x480", "-frames:v", "1", path)
    path.write_bytes(path.read_bytes()[:3000])
    try:
        count = len(list(frames(path)))
    except UnreadableMediaError as error:
        assert str(path) in error.message
    else:
        assert count == 1


def test_a_picture_that_takes_too_long_is_unreadable_media(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "still.png"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64", "-frames:v", "1", path)
    info = probe(path)
    monkeypatch.setattr("provenance.media.frames._SECONDS_FOR_A_STILL", 0.001)
    with pytest.raises(UnreadableMediaError, match="could not be decoded") as caught:
        list(read_frames(path, info, long_side=64))
    assert isinstance(caught.value.__cause__, LimitError)


def test_a_decoder_that_takes_too_long_is_stopped(counter: Path) -> None:
    info = probe(counter)
    with pytest.raises(UnreadableMediaError, match="more than"):
        list(read_frames(counter, info, long_side=64, settings=Settings(decode_timeout=0.001)))


def test_the_wheels_ffmpeg_gives_the_same_frames_as_the_one_on_path(counter: Path) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg on PATH to compare with")
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    info = probe(counter)
    ours, theirs = (
        list(read_frames(counter, info, long_side=64, every=0.2, settings=Settings(ffmpeg=binary)))
        for binary in ("ffmpeg", imageio_ffmpeg.get_ffmpeg_exe())
    )
    assert [frame.seconds for frame in ours] == pytest.approx([f.seconds for f in theirs])
    for a, b in zip(ours, theirs, strict=True):
        assert np.abs(a.image.astype(int) - b.image.astype(int)).max() <= 3


def test_neither_probe_nor_frames_need_ffprobe(
    counter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing on PATH, ffmpeg is that of the wheel, which has no ffprobe."""
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not shutil.which("ffprobe")
    info: MediaInfo = probe(counter)
    assert info.duration == pytest.approx(4.0, abs=0.01)
    assert len(list(read_frames(counter, info, long_side=64))) == 100
