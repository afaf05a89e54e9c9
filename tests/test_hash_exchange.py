"""PDQ hashes as others compute and share them, and what is known through them alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from command_line import call, make_clip
from hypothesis import given
from hypothesis import strategies as st

from provenance.archive import Archive
from provenance.errors import FeedError
from provenance.feeds.hash_lists import HashedFrame, read_hashes, write_hashes
from provenance.fingerprints.pdq import distances, hash_text, pdq_hash
from provenance.models import Appearance
from provenance.process import find_ffmpeg
from provenance.process import run as run_program


def waves(seed: int, height: int, width: int) -> npt.NDArray[np.uint8]:
    """A picture of six waves, the same on every machine."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    picture = np.zeros((height, width))
    chooser = np.random.default_rng(seed)
    for _ in range(6):
        across, down = chooser.uniform(-0.08, 0.08, 2).tolist()
        phase, depth = chooser.uniform(0, 6.28, 1)[0], chooser.uniform(10, 40, 1)[0]
        picture += depth * np.sin(across * x + down * y + phase)
    return np.clip(picture + 128, 0, 255).astype(np.uint8)


# What pdqhash 0.2.8, the binding of the authors' own code, gives for these pictures.
REFERENCE = [
    (
        0,
        64,
        64,
        "65f64607357e4441e3fe9951073ece412f5e0111fdfe2001fffee001fffe4000",
        18,
        "30a31b527a2b1994b6abcc84d26bbf147a8bd644a8ab7554aaabf554aaab1555",
    ),
    (
        2,
        360,
        640,
        "c1566186d5566b86d5566b86d5567f86d5567f86d5567f86d50e806b2829804b",
        100,
        "bf833ed38a833ed38a833ed38a833ad382832ad380832ad3805bd53e7d7cd51e",
    ),
    (
        4,
        90,
        160,
        "fdee2286bff3a806baee8886eaaea006faaea006bfea0006aaae0006aaacfff9",
        68,
        "003911d320861553211bd5530cb955532f7b5553203f55531ffb5553fff9aaac",
    ),
    (
        5,
        101,
        203,
        "ff58ef0efd5cff0eff5c300ef558e00e5558400e5558000e5558000eaaa5fff9",
        57,
        "bd0dd55bc109d55bfc49555be40df55b140d555b000d555b000d555bfff0aaac",
    ),
    (
        7,
        33,
        500,
        "fb8ef7e3ff8fffdfdb8df1a05b88f1205b88f1205a88f1205a88f0205a88f020",
        100,
        "0e5920d50c5824480ed8a5750edda4750edda4750fdda4750fdda5750fdda575",
    ),
]


@pytest.mark.parametrize(("seed", "height", "width", "digits", "quality", "turned"), REFERENCE)
def test_hashes_are_those_of_the_authors_own_code_to_the_bit(
    seed: int, height: int, width: int, digits: str, quality: int, turned: str
) -> None:
    made = pdq_hash(waves(seed, height, width))
    assert (hash_text(made.bits), made.quality) == (digits, quality)
    assert hash_text(made.mirrored) == turned


def test_a_picture_that_is_swapped_left_and_right_has_the_hash_foretold() -> None:
    picture = waves(5, 360, 640)
    swapped = pdq_hash(np.ascontiguousarray(picture[:, ::-1]))
    foretold = pdq_hash(picture).mirrored
    assert distances(swapped.bits[None], foretold[None])[0, 0] <= 20
    assert distances(swapped.bits[None], pdq_hash(picture).bits[None])[0, 0] > 80


def test_a_black_picture_has_no_quality() -> None:
    assert pdq_hash(np.zeros((90, 160), np.uint8)).quality == 0


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_distances_are_counted_in_bits(one: bytes, other: bytes) -> None:
    rows = [np.frombuffer(data, np.uint8)[None] for data in (one, other)]
    expected = (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
    assert distances(rows[0], rows[1])[0, 0] == expected


HEX = "ab" * 32
FRAMES = st.lists(
    st.builds(
        HashedFrame,
        st.text("0123456789abcdef", min_size=64, max_size=64),
        st.integers(0, 100),
        st.integers(0, 10**6).map(lambda milliseconds: milliseconds / 1000),
    ),
    min_size=1,
).map(lambda frames: sorted(frames, key=lambda frame: frame.seconds or 0.0))


@given(FRAMES, st.sampled_from(["text", "json"]))
def test_a_list_comes_back_as_it_was_written(frames: list[HashedFrame], layout: str) -> None:
    data = write_hashes(frames, layout).encode()  # type: ignore[arg-type]
    assert read_hashes(data, "list") == (frames, [])


def test_both_layouts_are_those_that_other_tools_read() -> None:
    frames = [HashedFrame(HEX, 100, 0.0), HashedFrame("0" * 64, 7, 1.25)]
    assert write_hashes(frames, "text") == f"0,100,{HEX},0.000\n1,7,{'0' * 64},1.250\n"
    assert json.loads(write_hashes(frames, "json")) == [f"{HEX},100,0.000", f"{'0' * 64},7,1.250"]


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("0,100,ABC,0\r\n\r\n1,9,1,0.0326\r\n", [("abc", 100, 0.0), ("1", 9, 0.0326)]),
        ('["abc,100,0.0"]', [("abc", 100, 0.0)]),
        (f"{HEX}\n{HEX},60\n", [(HEX, 100, None), (HEX, 60, None)]),
        (f"hash,quality\n{HEX},60\n", [(HEX, 60, None)]),
        (f"1,5,{HEX},9\n0,5,{HEX},3\n", [(HEX, 5, 3.0), (HEX, 5, 9.0)]),
    ],
)
def test_lists_of_all_layouts_are_read_and_lost_zeros_are_filled_up(
    text: str, frames: list[tuple[str, int, float | None]]
) -> None:
    found, problems = read_hashes(text.encode(), "list")
    assert problems == []
    assert [(f.digits.lstrip("0"), f.quality, f.seconds) for f in found] == frames
    assert {len(frame.digits) for frame in found} == {64}


def test_wrong_lines_are_told_and_the_others_are_read() -> None:
    text = f"0,100,{HEX},0\n1,100,xyz,1\n2,101,{HEX},2\n3,100,{HEX},nan\n4,100,{HEX},4\n"
    found, problems = read_hashes(text.encode(), "list.txt")
    assert [frame.seconds for frame in found] == [0.0, 4.0]
    assert [str(problem) for problem in problems] == [
        "list.txt, line 2: no hash of 64 hex digits: “xyz”.",
        "list.txt, line 3: no quality between 0 and 100: “101”.",
        "list.txt, line 4: no time in seconds: “nan”.",
    ]
    _, problems = read_hashes(f'["{HEX},1,0", 5]'.encode(), "list.json")
    assert str(problems[0]) == "list.json: [1]: not a text but a number."
    with pytest.raises(FeedError, match="holds no hash"):
        read_hashes(b"0,100,xyz,0\n", "list.txt")
    with pytest.raises(FeedError, match="holds no hash"):  # the number of a line that was cut off
        read_hashes(b"1,50\n", "list.txt")


@given(st.text() | st.text('0123456789abcdef,.\n[]"'))
def test_whatever_a_list_holds_it_is_hashes_problems_or_a_refusal(text: str) -> None:
    try:
        found, _ = read_hashes(text.encode("utf-8", "replace"), "list")
    except FeedError:
        return
    assert all(re.fullmatch(r"[0-9a-f]{64}", frame.digits) for frame in found)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds that move and turn."""
    return make_clip(tmp_path_factory.mktemp("film") / "film.mp4", "mandelbrot=end_scale=0.1", 8)


def edited(clip: Path, name: str, *options: str) -> Path:
    target = clip.with_name(name)
    done = run_program([find_ffmpeg(), "-v", "error", "-y", "-i", str(clip), *options, str(target)])
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def shared(film: Path) -> Path:
    """The film's hashes, as a desk that holds it gives them away."""
    own = ("--archive", film.with_name("own"))
    assert call("add", film, *own).code == 0
    done = call("export", "--format", "vpdq", "-o", film.with_name("hashes"), *own)
    assert (done.code, "9 hashes, made of its file" in done.out or "8 hashes" in done.out) == (
        0,
        True,
    )
    return film.with_name("hashes") / "footage-1.vpdq.txt"


@pytest.fixture
def elsewhere(shared: Path, tmp_path: Path) -> tuple[str, Path]:
    """--archive of a desk that knows the film by its hashes alone."""
    there = ("--archive", tmp_path / "elsewhere")
    done = call("import", shared, "--title", "Film", "--published", "2019-05-02", *there)
    assert (done.code, "Film" in done.out) == (0, True)
    return there


def test_footage_known_by_hashes_alone_is_a_candidate_and_never_accepted(
    film: Path, elsewhere: tuple[str, Path]
) -> None:
    smaller = edited(film, "smaller.mp4", "-ss", "2", "-vf", "scale=120:90", "-crf", "30")
    done = call("check", smaller, "--claim-date", "2024-10-29", "--json", *elsewhere)
    (match,) = done.json["matches"]
    (part,) = match["segments"]
    assert (match["accepted"], match["footage"]["hashes_only"]) == (False, True)
    assert part["evidence"]["hashes_only"] == 1
    assert part["reference_start"] - part["query_start"] == pytest.approx(2, abs=0.8)
    verdict = done.json["verdict"]
    assert (verdict["label"], verdict["confidence"]) == ("inconclusive", None)
    (reason,) = [reason for reason in verdict["reasons"] if reason["kind"] == "hashes_only"]
    assert "“Film”" in reason["text"]
    assert "2 May 2019" in reason["text"]
    text = call("check", smaller, *elsewhere).out
    assert "Film (known by hashes alone)" in text


def test_mirrored_footage_is_known_by_its_hashes_too(
    film: Path, elsewhere: tuple[str, Path]
) -> None:
    mirrored = edited(film, "mirrored.mp4", "-vf", "hflip")
    (match,) = call("check", mirrored, "--json", *elsewhere).json["matches"]
    assert (match["segments"][0]["mirrored"], match["edits"]) == (True, ["mirrored"])


def test_other_footage_is_not_known_by_hashes_and_a_rejected_pair_is_reported_no_more(
    film: Path, elsewhere: tuple[str, Path], tmp_path: Path
) -> None:
    other = make_clip(tmp_path / "other.mp4", "testsrc2", 4)
    assert call("check", other, "--json", *elsewhere).json["matches"] == []
    report = call("check", film, "--json", *elsewhere).json
    assert len(report["matches"]) == 1
    assert call("reject", "1", report["source"]["sha256"], *elsewhere).code == 0
    assert call("check", film, "--json", *elsewhere).json["matches"] == []


def test_a_still_is_known_by_a_list_of_pictures(film: Path, tmp_path: Path) -> None:
    still = edited(film, "still.png", "-ss", "3", "-frames:v", "1", "-update", "1")
    there = ("--archive", tmp_path / "pictures")
    digits = [
        line.split(",")[2]
        for line in (film.with_name("hashes") / "footage-1.vpdq.txt").read_text().splitlines()
    ]
    listed = tmp_path / "pictures.csv"
    listed.write_text("hash,quality\n" + "".join(f"{one},90\n" for one in digits), "utf-8")
    assert call("import", "--as", "hashes", listed, *there).code == 0
    (match,) = call("check", still, "--json", *there).json["matches"]
    assert (match["footage"]["title"], match["footage"]["duration"]) == ("pictures", None)


def test_the_same_list_again_is_another_appearance_and_can_be_removed(
    shared: Path, elsewhere: tuple[str, Path]
) -> None:
    again = call("import", shared, "--url", "https://example.org/1", "--json", *elsewhere)
    assert (again.json[0]["new"], again.json[0]["known"]) == (0, 1)
    (footage,) = call("list", "--json", *elsewhere).json
    assert len(footage["appearances"]) == 2
    assert "hashes alone" in call("show", "1", *elsewhere).out
    assert call("doctor", *elsewhere).code == 0
    assert call("remove", "1", "--yes", *elsewhere).code == 0
    assert call("list", "--json", *elsewhere).json == []


def test_a_list_is_given_on_as_it_came(shared: Path, elsewhere: tuple[str, Path]) -> None:
    folder = elsewhere[1].with_name("again")
    done = call("export", "--format", "vpdq", "-o", folder, *elsewhere)
    assert "as they were imported" in done.out
    assert (folder / "footage-1.vpdq.txt").read_bytes() == shared.read_bytes()
    refused = call("export", "--format", "vpdq", "-o", folder, *elsewhere)
    assert (refused.code, "not overwritten" in refused.err) == (2, True)
    assert call("export", "--format", "vpdq", "-o", folder, "--force", *elsewhere).code == 0


def test_without_the_file_the_kept_pictures_have_to_do_and_without_those_nothing(
    tmp_path: Path,
) -> None:
    there = ("--archive", tmp_path / "archive")
    clips = [make_clip(tmp_path / f"{name}.mp4", name, 3) for name in ("testsrc2", "mandelbrot")]
    call("add", clips[0], *there)
    call("add", clips[1], "--no-thumbnails", *there)
    for clip in clips:
        clip.unlink()
    done = call("export", "--format", "vpdq", "--layout", "json", "-o", tmp_path / "out", *there)
    assert done.code == 11
    assert "made of the small pictures that are kept" in done.out
    assert "Error: Footage 2 has no hashes" in done.err
    (written,) = (tmp_path / "out").iterdir()
    assert written.name == "footage-1.vpdq.json"


def test_the_table_of_an_archive_is_a_manifest_that_can_be_imported(tmp_path: Path) -> None:
    there = ("--archive", tmp_path / "archive")
    clip = make_clip(tmp_path / "clip.mp4")
    said = ("--published", "2019-05", "--title", "=cmd|' /C calc'!A0", "--place", "Lviv, Ukraine")
    call("add", clip, *said, *there)
    table = tmp_path / "table.csv"
    assert call("export", "-o", table, *there).code == 0
    assert "'=cmd" in table.read_text("utf-8")
    other = ("--archive", tmp_path / "other")
    done = call("import", table, *other)
    assert (done.code, "added 1" in done.err, "Note" in done.err) == (0, True, False)
    ((seen,),) = [footage["appearances"] for footage in call("list", "--json", *other).json]
    assert (seen["published"], seen["place"]) == ("2019-05", "Lviv, Ukraine")
    assert seen["title"] == "=cmd|' /C calc'!A0"
    lines = call("export", "1", "--format", "jsonl", *there).out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1]


def test_an_archive_without_lists_answers_no_hash_question(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive") as archive:
        archive.hash_lists.add([HashedFrame(HEX, 90, 0.0)], "x", "x.txt", Appearance())
        assert archive.hash_lists.any()
        archive.remove(1)
        assert not archive.hash_lists.any()
        assert list(archive.hash_lists.all()) == []
