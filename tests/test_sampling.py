"""Which frames of known footage are kept, and what is kept of them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from clip_maker import H264, compose, ffmpeg, painted
from command_line import ROOT
from PIL import Image

from provenance import Archive, check
from provenance.errors import SettingsError
from provenance.fingerprints import fingerprint_known
from provenance.fingerprints.local_features import extract_features
from provenance.fingerprints.pictures import LEAN_PICTURE, shrunk, verification_picture
from provenance.fingerprints.repeats import LONGEST_UNSEEN, without_repeats
from provenance.fingerprints.sampling import QUERY, sampling_of_known
from provenance.matching.pixels import decode_pictures
from provenance.media import Frame, probe, read_frames
from provenance.settings import Settings, load_settings

MOVING = "testsrc2=size=128x72:rate=10"


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(1, 0.25), (6, 0.25), (12, 0.5), (24, 1), (120, 1), (140, 3.5), (10_000, 4), (None, 1)],
)
def test_longer_footage_is_sampled_more_rarely(seconds: float | None, step: float) -> None:
    assert sampling_of_known("standard", seconds).seconds(seconds) == pytest.approx(step)


@pytest.mark.parametrize(
    ("seconds", "step"), [(1, 0.2), (9, 0.5), (16, 0.5), (24, 0.75), (32, 1), (21_600, 9)]
)
def test_a_source_is_looked_at_densely_but_not_endlessly(seconds: float, step: float) -> None:
    assert QUERY.seconds(seconds) == pytest.approx(step)


def test_more_is_kept_of_each_frame_of_short_footage() -> None:
    short, long = (sampling_of_known("standard", seconds) for seconds in (60, 600))
    assert short.features > 2 * long.features
    assert short.picture > long.picture


def test_profiles_differ_in_how_much_is_kept_of_an_hour() -> None:
    samplings = [sampling_of_known(p, 3600) for p in ("compact", "standard", "thorough")]
    kept = [3600 / sampling.seconds(3600) * sampling.features for sampling in samplings]
    assert kept[0] < kept[1] / 2 < kept[2] / 4


def test_a_profile_that_does_not_exist_is_refused_wherever_it_comes_from() -> None:
    for make in (
        lambda: Settings(profile="huge"),  # type: ignore[arg-type]
        lambda: load_settings({"profile": "huge"}),
        lambda: load_settings(environment={"PROVENANCE_PROFILE": "huge"}),
    ):
        with pytest.raises(SettingsError, match=r"'huge'.*compact, standard, thorough"):
            make()
    assert load_settings(environment={"PROVENANCE_PROFILE": "compact"}).profile == "compact"


@pytest.mark.parametrize(
    ("gop", "gap"),
    [
        (39, 3.9),  # a little less than a step: every keyframe, not every second one
        (60, 6.0),  # as far as keyframes alone are enough
        (5, 4.0),  # many more than are wanted
        (17, 3.4),
        (120, 4.0),  # too rare: other frames are decoded as well
    ],
)
def test_long_footage_is_sampled_about_every_four_seconds_whatever_its_keyframes(
    gop: int, gap: float, tmp_path: Path
) -> None:
    path = painted(
        tmp_path / "long.mp4", MOVING, *H264, "-g", str(gop), "-sc_threshold", "0", seconds=180
    )
    info = probe(path)
    known, _ = fingerprint_known(path, info, thumbnails=False)
    gaps = [b - a for a, b in pairwise(known.times)]
    assert gaps == pytest.approx([gap] * len(gaps), abs=0.11)
    assert known.times[0] == 0.0
    assert info.duration is not None
    assert info.duration - known.times[-1] <= max(gap, 4.0) + 0.1
    if gop <= 60:
        assert {round(float(t), 2) for t in known.times} <= {round(k, 2) for k in info.keyframes}


@pytest.mark.parametrize(
    ("coding", "ending"),
    [
        ("open-gop=1:bframes=3:keyint=20", "mp4"),
        ("open-gop=1:bframes=3:keyint=20", "ts"),
        ("intra-refresh=1:bframes=0:keyint=20", "mp4"),
    ],
)
def test_footage_whose_keyframes_are_no_frames_of_their_own_is_kept_all_the_same(
    coding: str, ending: str, tmp_path: Path
) -> None:
    """As cameras, broadcasters and live streams write it: of these ffmpeg decodes one or a few."""
    path = tmp_path / f"long.{ending}"
    options = (*H264, "-x264-params", coding)
    painted(path, MOVING, *options, seconds=150)
    info = probe(path)
    assert info.longest_keyframe_gap() < 3.0
    known, _ = fingerprint_known(path, info, thumbnails=False)
    assert len(known.times) >= 38
    assert max(b - a for a, b in pairwise(known.times)) < 4.5


def test_frames_that_no_other_needs_are_left_out_and_the_others_keep_their_times(
    tmp_path: Path,
) -> None:
    path = tmp_path / "b-frames.mp4"
    coding = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3", "-b_strategy", "0", "-g", "50")
    painted(path, MOVING, *coding, seconds=6)
    info = probe(path)
    every = {round(f.seconds, 3): f.image for f in read_frames(path, info, long_side=128)}
    some = list(read_frames(path, info, long_side=128, decoded="referenced"))
    assert len(every) == 60
    assert 10 <= len(some) <= 45
    for frame in some:
        assert np.array_equal(frame.image, every[round(frame.seconds, 3)])


def test_several_threads_find_the_features_that_one_finds(samples: Path) -> None:
    path = samples / "footage" / "harbour.mp4"
    info = probe(path)
    known, _ = fingerprint_known(path, info, Settings(profile="thorough"))
    again, _ = fingerprint_known(path, info, Settings(profile="thorough"))
    assert np.array_equal(known.descriptors, again.descriptors)
    gray = read_frames(path, info, long_side=360, every=1.0, colour=True)
    for number, frame in enumerate(gray):
        image = np.asarray(Image.fromarray(frame.image).convert("L"), np.uint8)
        alone = extract_features(image, 300)
        mine = known.points[known.frame == number]
        assert len(mine) == pytest.approx(len(alone.points), rel=0.2)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="memory as glibc tells it")
def test_threads_that_described_frames_leave_no_memory_behind() -> None:
    """In a program of ours, whose watcher starts new threads for every file, for months."""
    code = """
import ctypes, gc, threading
from provenance.settings import calm_threads
calm_threads()
from provenance.fingerprints import load_libraries
load_libraries()
import numpy as np
from provenance.fingerprints.local_features import extract_features

class Info(ctypes.Structure):
    _fields_ = [(str(n), ctypes.c_size_t) for n in range(10)]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
image = np.random.default_rng(0).integers(0, 255, (90, 160), np.uint8)

def described(threads):
    for _ in range(threads):
        thread = threading.Thread(target=extract_features, args=(image, 50))
        thread.start()
        thread.join()
    gc.collect()
    return getattr(libc.mallinfo2(), "7")

described(20)
before = described(1)
print((described(100) - before) // 100)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < 200  # bytes a thread; a kilobyte without the remedy


def test_pictures_to_verify_by_are_small_and_like_the_frame(samples: Path) -> None:
    path = samples / "footage" / "market.mp4"
    info = probe(path)
    sizes = []
    for frame in read_frames(path, info, long_side=360, every=1.0):
        kept = verification_picture(frame.image, *LEAN_PICTURE)
        (picture,) = decode_pictures([kept])
        sizes.append(len(kept))
        true = shrunk(frame.image, 128).astype(float)
        assert picture.shape == true.shape
        assert np.corrcoef(picture.ravel(), true.ravel())[0, 1] > 0.97
    assert np.mean(sizes) < 2000  # of a busy market; ordinary footage takes half


def frames_of(images: Iterable[np.ndarray], step: float) -> Iterator[Frame]:
    for number, image in enumerate(images):
        yield Frame(number * step, np.asarray(image, np.uint8))


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (180, 320), dtype=np.uint8)


@pytest.mark.parametrize("step", [1.0, 4.0])
def test_of_a_still_stretch_the_ends_and_some_between_are_kept(step: float) -> None:
    count = int(60 / step)
    images = [noise(1), *[noise(2)] * count, noise(3)]
    kept = [frame.seconds for frame in without_repeats(frames_of(images, step))]
    first, last = step, count * step
    assert {0.0, first, last, last + step} <= set(kept)
    inside = [seconds for seconds in kept if first <= seconds <= last]
    assert max(b - a for a, b in pairwise(inside)) < LONGEST_UNSEEN + step
    assert len(inside) <= 60 / LONGEST_UNSEEN + 2


def test_a_small_change_is_no_repetition() -> None:
    """A mouth that speaks, a digit of a clock."""
    images = [np.full((180, 320), 90, np.uint8) for _ in range(5)]
    for number, image in enumerate(images):
        image[100:108, 100 + 3 * number : 108 + 3 * number] = 140
    assert len(list(without_repeats(frames_of(images, 1.0)))) == 5


def test_a_still_that_fades_is_seen_to_change() -> None:
    images = [np.full((180, 320), 60 + 2 * number, np.uint8) for number in range(20)]
    kept = [frame.image[0, 0] for frame in without_repeats(frames_of(images, 0.1))]
    assert max(b - a for a, b in pairwise(map(int, kept))) <= 12


def test_a_still_in_footage_costs_little_and_is_found_at_its_time(
    samples: Path, tmp_path: Path
) -> None:
    """Four seconds of a film, a slide for 24 s, and the film goes on: what shows the slide and
    what follows it is found where it is."""
    footage = tmp_path / "slide.mp4"
    film, slide = samples / "footage" / "square.mp4", samples / "footage" / "harbour.mp4"
    graph = (
        "[0:v]setpts=PTS-STARTPTS[a];[1:v]trim=end_frame=1,loop=600:1,setpts=N/25/TB[s];"
        "[2:v]setpts=PTS-STARTPTS[b];[a][s][b]concat=n=3[out]"
    )
    compose([(film, 0, 4), (slide, 5, 1), (film, 4, 8)], footage, graph, crf=26)
    clip = tmp_path / "clip.mp4"
    ffmpeg("-ss", "23", "-t", "9", "-i", footage, "-vf", "scale=480:-2", *H264, "-crf", "30", clip)
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        archive.add(footage)
        known = archive.fingerprint(1)
        assert len(known.times) < 24  # of 36 seconds
        report = check(clip, archive=archive)
    match = report.matches[0]
    assert match.accepted
    # From 28 s on the film moves.
    moving = max(match.segments, key=lambda s: s.reference_end)
    assert moving.reference_start - moving.query_start == pytest.approx(23, abs=0.3)
    assert moving.reference_end == pytest.approx(32, abs=0.5)
