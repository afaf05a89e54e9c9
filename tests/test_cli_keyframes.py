"""`provenance keyframes`: the distinct frames of a source as pictures."""

from __future__ import annotations

import json
from pathlib import Path

import imagehash
import pytest
from command_line import call, make_clip
from PIL import Image
from web import web_server

from provenance.keyframes import picture_name
from provenance.process import find_ffmpeg, run


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds: one picture, another, the first again, the second again; two seconds each."""
    path = tmp_path_factory.mktemp("slides") / "slides.mp4"
    still = "loop=loop=19:size=1,trim=end_frame=20,setpts=N/10/TB"
    pictures = ("mandelbrot=size=320x180:rate=10", "life=size=320x180:rate=10:seed=4:mold=10")
    inputs = [
        word
        for picture in (*pictures, *pictures)
        for word in ("-f", "lavfi", "-t", "0.1", "-i", picture)
    ]
    graph = ";".join(f"[{n}:v]format=yuv420p,{still}[p{n}]" for n in range(4))
    graph += ";[p0][p1][p2][p3]concat=n=4:v=1[v]"
    encoding = ("-filter_complex", graph, "-map", "[v]", "-c:v", "mpeg4", "-q:v", "2")
    done = run([find_ffmpeg(), "-v", "error", *inputs, *encoding, str(path)])
    assert done.returncode == 0, done.stderr
    return path


def test_each_look_is_saved_once_in_full_size_and_named_by_its_time(
    slides: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "frames"
    called = call("keyframes", slides, "-o", folder)
    assert (called.code, called.err) == (0, f"Saved 2 pictures in {folder}.\n")
    names = ["0h00m00.000s.jpg", "0h00m02.000s.jpg"]
    assert sorted(path.name for path in folder.iterdir()) == [*names, "keyframes.json"]
    lines = [line.split("\t") for line in called.out.splitlines()]
    assert [(Path(path).name, seconds) for path, seconds, _ in lines] == [
        (names[0], "0.000"),
        (names[1], "2.000"),
    ]
    listing = json.loads((folder / "keyframes.json").read_text())
    assert [frame["file"] for frame in listing["frames"]] == names
    assert listing["source"]["location"] == str(slides)
    for line, frame in zip(lines, listing["frames"], strict=True):
        with Image.open(line[0]) as picture:
            assert picture.size == (320, 180) == (frame["width"], frame["height"])
            # JPEG changes a bit here and there; that of another picture differs in about 32.
            assert imagehash.phash(picture) - imagehash.hex_to_hash(line[2]) <= 2
        assert line[2] == frame["phash"]


def test_png_pictures_have_exactly_the_hash_that_is_printed(slides: Path, tmp_path: Path) -> None:
    called = call("keyframes", slides, "-o", tmp_path, "--png", "--json")
    assert called.code == 0
    assert len(called.json) == 2
    for frame in called.json:
        assert frame["path"].endswith(".png")
        with Image.open(frame["path"]) as picture:
            assert str(imagehash.phash(picture)) == frame["phash"]


def test_files_that_are_there_are_not_overwritten_without_force(
    slides: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "0h00m02.000s.jpg"
    foreign.write_text("somebody's")
    called = call("keyframes", slides, "-o", tmp_path)
    assert called.code == 2
    assert f"{foreign} is there already" in called.err
    assert foreign.read_text() == "somebody's"
    assert call("keyframes", slides, "-o", tmp_path, "--force").code == 0
    assert foreign.read_bytes().startswith(b"\xff\xd8")
    again = call("keyframes", slides, "-o", tmp_path)
    assert (again.code, again.out) == (2, "")
    assert "keyframes.json is there already" in again.err


def test_an_address_is_fetched(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    with web_server() as web:
        url = web.file("/clip.mp4", clip.read_bytes())
        called = call("keyframes", url, "-o", tmp_path / "frames")
    assert called.code == 0, called.err
    listing = json.loads((tmp_path / "frames" / "keyframes.json").read_text())
    assert listing["source"]["location"] == url


def test_a_still_is_one_picture(tmp_path: Path) -> None:
    still = tmp_path / "still.png"
    Image.effect_noise((200, 100), 80).save(still)
    called = call("keyframes", still, "-o", tmp_path / "frames", "--json")
    (frame,) = called.json
    assert (frame["file"], frame["seconds"]) == ("0h00m00.000s.jpg", 0)
    assert (frame["width"], frame["height"]) == (200, 100)


@pytest.mark.parametrize("name", ["nothing.mp4", "text.mp4"])
def test_what_cannot_be_read_leaves_no_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("This is no video.")
    called = call("keyframes", tmp_path / name, "-o", tmp_path / "frames")
    assert (called.code, called.out) == (4, "")
    assert not (tmp_path / "frames").exists()


def test_a_folder_that_cannot_be_is_a_usage_error(slides: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        called = call("keyframes", slides, "-o", folder)
        assert (called.code, called.out) == (2, "")


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (0.0, "0h00m00.000s.jpg"),
        (3.12, "0h00m03.120s.jpg"),
        (59.9996, "0h01m00.000s.jpg"),
        (3725.5, "1h02m05.500s.jpg"),
    ],
)
def test_a_picture_is_named_by_its_time(seconds: float, name: str) -> None:
    assert picture_name(seconds, "jpg") == name
