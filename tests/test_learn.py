"""Learning one source: what it says of itself, what a person says, what a folder holds."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_factory import indexed
from web import LOCAL_HOSTS, web_server

from provenance.archive import Archive, expand_sources
from provenance.archive.learn import Told, appearance_of
from provenance.dates import When
from provenance.download import PlatformFacts
from provenance.errors import MediaError, MissingMediaError, UnreadableMediaError, UsageError
from provenance.fingerprints import fingerprint_known
from provenance.media import probe
from provenance.process import find_ffmpeg, run
from provenance.settings import Settings

CAPTURE = "https://web.archive.org/web/20190502101112/http://example.org/a.mp4"
PLATFORM = PlatformFacts(
    url="https://example.org/watch/1",
    platform="Example",
    published=When.parse("2020-01-01T10:00:00Z"),
    basis="platform",
    title="Their title",
    uploader="Their name",
)


def test_a_declared_date_beats_the_platforms() -> None:
    appearance = appearance_of(Told(published=When.parse("2019"), title="Mine"), PLATFORM)
    assert (appearance.published, appearance.basis) == (When.parse("2019"), "declared")
    assert (appearance.title, appearance.uploader) == ("Mine", "Their name")
    assert (appearance.url, appearance.platform) == (PLATFORM.url, "Example")


def test_what_is_left_open_comes_from_the_platform_with_its_basis() -> None:
    appearance = appearance_of(Told(place="Kherson", url="https://example.org/mine"), PLATFORM)
    assert (appearance.published, appearance.basis) == (PLATFORM.published, "platform")
    assert (appearance.place, appearance.url) == ("Kherson", "https://example.org/mine")


def test_a_captures_time_is_the_date_where_none_is_declared() -> None:
    appearance = appearance_of(Told(url=CAPTURE), PlatformFacts())
    assert appearance.published == When.parse("2019-05-02T10:11:12Z")
    assert appearance.basis == "archived"
    assert appearance.url == "http://example.org/a.mp4"
    assert appearance.note == f"Web archive: {CAPTURE}"


def test_a_declared_or_platform_date_beats_a_captures_time() -> None:
    told = Told(url=CAPTURE, published=When.parse("2018"), note="mine")
    appearance = appearance_of(told, PlatformFacts())
    assert (appearance.published, appearance.basis) == (When.parse("2018"), "declared")
    assert appearance.note == "mine"
    assert appearance_of(Told(url=CAPTURE), PLATFORM).basis == "platform"


def test_without_any_date_it_is_known_from_now_on() -> None:
    appearance = appearance_of(Told(url="https://example.org"), PlatformFacts())
    assert appearance.basis == "ingested"
    assert appearance.published
    assert (appearance.published.precision, appearance.published.zone) == ("second", "Z")


def test_a_last_modified_time_is_no_date_of_publication() -> None:
    facts = PlatformFacts(last_modified=When.parse("2001-01-01T00:00:00Z"))
    assert appearance_of(Told(), facts).basis == "ingested"


def test_a_folder_becomes_its_media_files_sorted(tmp_path: Path) -> None:
    names = (
        *("b.mp4", "a.MKV", "sub/c.webm", "sub/deeper/d.jpg"),
        *("b.info.json", "notes.txt", "e.mp4.part", ".hidden.mp4", ".cache/f.mp4", "noextension"),
    )
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [Path(path).relative_to(tmp_path).as_posix() for path in expand_sources([tmp_path])]
    assert found == ["a.MKV", "b.mp4", "sub/c.webm", "sub/deeper/d.jpg"]


def test_addresses_and_files_stay_as_they_were_named(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").touch()
    named = ["https://example.org/v", str(tmp_path / "clip.txt"), "missing.mp4"]
    assert expand_sources(named) == named


def test_a_folder_without_media_stays_so_that_adding_it_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert expand_sources([tmp_path / "empty"]) == [str(tmp_path / "empty")]
    archive = Archive.open(tmp_path / "archive", settings=Settings())
    with pytest.raises(UnreadableMediaError, match="folder without media"):
        archive.add(tmp_path / "empty")
    assert not archive.exists


def test_a_folder_in_a_folder_that_cannot_be_read_is_told_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.mp4").touch()
    usual = os.scandir

    def scandir(path: str) -> Any:
        if Path(path).name == "closed":  # root may read everything, so this is no chmod
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return usual(path)

    monkeypatch.setattr(os, "scandir", scandir)
    closed = str(tmp_path / "closed")
    assert expand_sources([tmp_path]) == [closed, str(tmp_path / "open" / "a.mp4")]
    archive = Archive.open(tmp_path / "archive", settings=Settings())
    with pytest.raises(UnreadableMediaError, match="closed cannot be opened: Permission denied"):
        archive.add(closed)


def test_a_source_that_cannot_be_read_creates_no_archive(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive", settings=Settings())
    with pytest.raises(MissingMediaError, match=r"nothing\.mp4"):
        archive.add(tmp_path / "nothing.mp4")
    text = tmp_path / "text.mp4"
    text.write_text("This is no film.")
    with pytest.raises(MediaError, match=r"text\.mp4"):
        archive.add(text)
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(UnreadableMediaError, match="is not a file"):
        archive.add(tmp_path / "pipe.mp4")
    with pytest.raises(UnreadableMediaError, match="cannot be opened: File name too long"):
        archive.add(tmp_path / ("x" * 300 + ".mp4"))
    with pytest.raises(UsageError, match="not a date"):
        archive.add(text, published="yesterday")
    assert not archive.exists


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films of 6 s with much to recognise in them."""
    folder = tmp_path_factory.mktemp("films")
    for name, picture in {
        "mandelbrot": "mandelbrot=size=320x240:rate=10:start_scale=0.5:end_pts=60",
        "life": "life=size=320x240:rate=10:seed=5:mold=10:life_color=white:death_color=gray",
    }.items():
        done = run(
            [
                *(find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", picture, "-t", "6"),
                *("-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-q:v", "3"),
                str(folder / f"{name}.mp4"),
            ]
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_a_film_is_learned_and_found_by_its_features(films: Path, tmp_path: Path) -> None:
    settings = Settings()
    with Archive.open(tmp_path, settings=settings) as archive:
        known = archive.add(
            films / "mandelbrot.mp4",
            published="2019-05-02",
            url="https://example.org/m",
            place="Mars",
        )
        other = archive.add(films / "life.mp4")
        assert known.new
        assert known.footage.location == str(films / "mandelbrot.mp4")
        assert known.footage.duration == pytest.approx(6, abs=0.2)
        assert (known.footage.width, known.footage.height) == (320, 240)
        (appearance,) = known.footage.appearances
        assert (appearance.basis, appearance.place) == ("declared", "Mars")
        assert other.footage.appearances[0].basis == "ingested"

        query, _ = fingerprint_known(
            films / "mandelbrot.mp4", probe(films / "mandelbrot.mp4", settings), settings
        )
        nearest = archive.search(indexed(query), 1)
        assert (nearest.footage == known.footage.id).mean() > 0.9
        assert np.median(nearest.similarity) > 0.9
        stored = archive.fingerprint(known.footage.id)
        assert np.array_equal(stored.times, query.times)
        assert len(stored.pictures) == len(stored.times)
        (thumbnail,) = archive.thumbnails(known.footage.id, [3.0])
        assert thumbnail
        assert thumbnail.jpeg.startswith(b"\xff\xd8")
        assert archive.check_soundness() == []


def test_the_same_file_under_another_name_adds_an_appearance(films: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    shutil.copy(films / "life.mp4", copy)
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        first = archive.add(films / "life.mp4", published="2020", thumbnails=False)
        again = archive.add(copy, published="2019-03", url="https://example.org/earlier")
        third = archive.add(copy, published="2019-03", url="https://example.org/earlier")
        assert (first.new, again.new, third.new) == (True, False, False)
        assert [str(a.published and a.published.value) for a in third.footage.appearances] == [
            "2020",
            "2019-03",
        ]
        assert not third.footage.has_thumbnails
        assert archive.fingerprint(first.footage.id).pictures == ()
        assert archive.thumbnails(first.footage.id, [1.0]) == [None]


def test_a_sidecar_tells_what_is_left_open(films: Path, tmp_path: Path) -> None:
    shutil.copy(films / "life.mp4", tmp_path / "clip.mp4")
    (tmp_path / "clip.info.json").write_text(
        json.dumps(
            {
                "extractor_key": "Youtube",
                "webpage_url": "https://www.youtube.com/watch?v=abcdefghijk",
                "timestamp": 1556791872,
                "title": "Life",
                "uploader": "Conway",
            }
        )
    )
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        footage = archive.add(tmp_path / "clip.mp4", uploader="Somebody").footage
        (appearance,) = footage.appearances
        assert (appearance.basis, appearance.platform) == ("platform", "Youtube")
        assert appearance.published == When.parse("2019-05-02T10:11:12Z")
        assert (appearance.title, appearance.uploader) == ("Life", "Somebody")
        assert footage.title == "Life"


def test_an_address_is_downloaded_and_learned(films: Path, tmp_path: Path) -> None:
    with web_server() as web:
        url = web.file(
            "/life.mp4",
            (films / "life.mp4").read_bytes(),
            {"Last-Modified": "Thu, 02 May 2019 10:11:12 GMT"},
        )
        with Archive.open(tmp_path, settings=Settings(download_local_hosts=LOCAL_HOSTS)) as archive:
            added = archive.add(url, place="Kherson")
            assert added.new
            assert added.footage.location == url
            (appearance,) = added.footage.appearances
            assert (appearance.url, appearance.place) == (url, "Kherson")
            # The server's Last-Modified is no date of publication.
            assert appearance.basis == "ingested"
            assert not archive.add(films / "life.mp4").new
