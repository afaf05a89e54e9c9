"""What was downloaded is kept for a while: fetched once, never wrong, never too much."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from clip_maker import painted
from command_line import call
from hypothesis import given, settings
from hypothesis import strategies as st
from web import LOCAL_HOSTS, Web

from provenance.doctor import examine
from provenance.download import Cache, download
from provenance.errors import DownloadError
from provenance.settings import Settings

PAGE = "https://example.org/v/"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    picture = "testsrc2=size=160x120:rate=10"
    return painted(tmp_path_factory.mktemp("clip") / "clip.mp4", picture).read_bytes()


@pytest.fixture
def limits(tmp_path: Path) -> Settings:
    return Settings(
        download_local_hosts=LOCAL_HOSTS,
        download_cache=str(tmp_path / "cache"),
        download_pause=0.0,
        download_timeout=60.0,
    )


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def folder_in(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def file_of(parent: Path, content: bytes, name: str = "new.mp4") -> Path:
    (parent / name).write_bytes(content)
    return parent / name


def fetched(web: Web, path: str = "/a.mp4") -> int:
    return web.requests.count(path)


# One address is fetched once


def test_a_check_and_then_an_add_fetch_an_address_once(
    web: Web, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_CACHE_MAX_BYTES", "1000000")
    archive = ("--archive", tmp_path / "archive")
    assert call("add", file_of(tmp_path, clip, "own.mp4"), *archive).code == 0
    url = web.file("/a.mp4", clip)
    first = call("check", url, "--json", *archive).json
    asked = len(web.requests)
    assert asked and first["verdict"]["label"] == "known_footage"
    again = call("check", url + "?utm_source=x#t=1", "--json", *archive).json
    assert call("add", url, *archive).out.split()[1] == "known"
    assert len(web.requests) == asked
    # The second report does not say that the file was fetched when it was checked.
    assert first["source"]["fetched_at"] == again["source"]["fetched_at"] <= first["checked_at"]
    assert call("add", url, "--fresh", *archive).code == 0
    assert len(web.requests) > asked


def test_a_password_in_an_address_is_neither_reported_nor_kept(
    web: Web, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_CACHE_MAX_BYTES", "1000000")
    url = web.file("/a.mp4", clip)
    secret = url.replace("http://", "http://me:hid9den@")
    archive = ("--archive", tmp_path / "archive")
    assert call("add", secret, *archive).code == 0
    checked = call("check", secret, "--json", *archive)
    assert checked.json["source"]["location"] == checked.json["source"]["url"] == url
    assert checked.json["matches"][0]["footage"]["location"] == url
    assert "hid9den" not in checked.out + call("show", "1", "--json", *archive).out
    assert not [
        file for file in tmp_path.rglob("*") if file.is_file() and b"hid9den" in file.read_bytes()
    ]


def test_a_kept_file_and_the_one_that_is_read_are_one_file_on_the_disk(
    web: Web, clip: bytes, limits: Settings, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    one = download(url, folder_in(tmp_path, "one"), limits)
    two = download(url, folder_in(tmp_path, "two"), limits)
    assert one.path.samefile(two.path)
    assert Path(limits.download_cache).stat().st_mode & 0o077 == 0, "others can see what is checked"
    assert one.path.name == two.path.name == "video.mp4"
    assert two.path.read_bytes() == clip
    assert (one.facts, one.fetched) == (two.facts, two.fetched)


def test_processes_that_want_the_same_at_once_fetch_it_once(
    web: Web, clip: bytes, limits: Settings, tmp_path: Path
) -> None:
    url = web.dripping("/a.mp4", clip[:40], pause=0.02)
    code = (
        "import sys; from pathlib import Path; from provenance.download import download\n"
        "from provenance.settings import load_settings\n"
        "print(download(sys.argv[1], Path(sys.argv[2]), load_settings()).path.stat().st_size)"
    )
    environment = {
        **os.environ,
        "PROVENANCE_DOWNLOAD_CACHE": limits.download_cache,
        "PROVENANCE_DOWNLOAD_CACHE_MAX_BYTES": "1000000",
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, str(folder_in(tmp_path, f"{number}"))],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for number in range(2)
    ]
    assert [int(one.communicate(timeout=60)[0]) for one in running] == [40] * 2
    assert fetched(web) == 2  # yt-dlp looks at what it is, and then fetches it


# What is kept is what was fetched, or nothing


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone", "note"])
def test_damaged_entries_are_dropped_and_not_given_out(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path / "cache", 1000, 3600)
    source = file_of(tmp_path, b"whole")
    cache.keep(PAGE, source, {}, now())
    (media,), (note,) = (list((tmp_path / "cache").glob(f"*.{e}")) for e in ("media", "json"))
    media.unlink()  # the source has the same bytes under another name
    match damage:
        case "cut":
            media.write_bytes(b"whol")
        case "flipped":
            media.write_bytes(b"while")
        case "note":
            media.write_bytes(b"whole")
            note.write_text('{"format": 1, "media": "../../etc/passwd"}')
    taken = folder_in(tmp_path, "taken")
    assert cache.take(PAGE, taken) is None
    assert list(taken.iterdir()) == []
    cache.keep(PAGE, source, {}, now())
    kept = cache.take(PAGE, taken)
    assert kept and kept.path.read_bytes() == b"whole"
    assert len(list((tmp_path / "cache").glob("*.media"))) == 1


@pytest.mark.parametrize(("seconds", "given"), [(1800, True), (5400, False), (-3600, False)])
def test_only_young_downloads_are_given_out(tmp_path: Path, seconds: int, given: bool) -> None:
    cache = Cache(tmp_path / "cache", 1000, 3600)
    then = now() - dt.timedelta(seconds=seconds)
    cache.keep(PAGE, file_of(tmp_path, b"x"), {"title": "t"}, then)
    kept = cache.take(PAGE, folder_in(tmp_path, "taken"))
    assert (kept is not None) is given
    if kept:
        assert (kept.info, kept.fetched) == ({"title": "t"}, then)


def test_todays_limits_hold_for_what_was_kept_yesterday(
    web: Web, clip: bytes, limits: Settings, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    download(url, folder_in(tmp_path, "one"), limits)
    small = replace(limits, download_max_bytes=100)
    with pytest.raises(Exception, match="too large"):
        download(url, folder_in(tmp_path, "two"), small)
    other = replace(limits, download_max_height=240)
    assert Cache.of(other).take(url, folder_in(tmp_path, "three")) is None
    assert Cache.of(limits).take(url, folder_in(tmp_path, "four"))


def test_what_the_guard_would_refuse_now_is_not_given_out(
    web: Web, clip: bytes, limits: Settings, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    download(url, folder_in(tmp_path, "listed"), limits)
    with pytest.raises(DownloadError, match="no address of the public internet"):
        download(url, folder_in(tmp_path, "not"), replace(limits, download_local_hosts=""))


def test_videos_that_an_address_names_behind_its_page_are_kept_apart(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1000, 3600)
    cache.keep(PAGE + "top#video=1", file_of(tmp_path, b"one"), {}, now())
    assert cache.take(PAGE + "top#video=2", folder_in(tmp_path, "other")) is None
    assert cache.take(PAGE + "top/#video=1", folder_in(tmp_path, "same"))


def test_a_cache_that_is_switched_off_keeps_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 0, 3600)
    cache.keep(PAGE, file_of(tmp_path, b"x"), {}, now())
    assert cache.take(PAGE, folder_in(tmp_path, "taken")) is None
    assert not list(tmp_path.glob("cache/*"))


def test_a_cache_that_cannot_be_written_spoils_no_download(
    web: Web, clip: bytes, limits: Settings, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    nowhere = replace(limits, download_cache=str(file_of(tmp_path, b"", "file") / "below"))
    assert download(url, tmp_path, nowhere).path.read_bytes() == clip


def test_a_cache_on_another_disk_gives_and_takes_copies(tmp_path: Path) -> None:
    other = Path("/dev/shm")  # its own folder there, removed below
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk")
    with TemporaryDirectory(dir=other) as folder:
        cache = Cache(Path(folder) / "cache", 1000, 3600)
        source = file_of(tmp_path, b"whole")
        cache.keep(PAGE, source, {}, now())
        source.write_bytes(b"other")
        kept = cache.take(PAGE, folder_in(tmp_path, "taken"))
        assert kept and kept.path.read_bytes() == b"whole"
        assert len(list(cache._folder.iterdir())) == 3  # lock, note, file


def test_a_copy_that_does_not_fit_on_the_disk_leaves_no_half_of_it(tmp_path: Path) -> None:
    other = Path("/dev/shm")  # its own folder there, removed below
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk")
    source = file_of(tmp_path, b"x" * 1_000_000)
    code = (
        "import datetime as dt, resource, signal, sys; from pathlib import Path\n"
        "from provenance.download import Cache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "Cache(Path(sys.argv[1]), 10**9, 3600).keep("
        "'https://example.org/v', Path(sys.argv[2]), {}, dt.datetime.now(dt.UTC))"
    )
    with TemporaryDirectory(dir=other) as folder:
        command = [sys.executable, "-c", code, folder, str(source)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        assert [one.name for one in Path(folder).iterdir()] == ["lock"]


# How much is kept


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 30, 3600)
    source = file_of(tmp_path, b"x" * 10)
    for name in "abc":
        cache.keep(PAGE + name, source, {}, now())
    assert cache.take(PAGE + "a", folder_in(tmp_path, "used"))
    cache.keep(PAGE + "d", source, {}, now())
    kept = [name for name in "abcd" if cache.take(PAGE + name, folder_in(tmp_path, name))]
    assert kept == ["a", "c", "d"]


def test_a_file_that_is_being_read_stays_with_its_reader(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 10, 3600)
    cache.keep(PAGE + "a", file_of(tmp_path, b"a" * 10), {}, now())
    kept = cache.take(PAGE + "a", folder_in(tmp_path, "reader"))
    cache.keep(PAGE + "b", file_of(tmp_path, b"b" * 10, "b.mp4"), {}, now())
    assert cache.take(PAGE + "a", folder_in(tmp_path, "late")) is None
    assert kept and kept.path.read_bytes() == b"a" * 10


def test_what_was_left_by_somebody_who_was_killed_is_swept_away(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 100, 3600)
    cache.keep(PAGE + "a", file_of(tmp_path, b"a"), {}, now())
    left = file_of(tmp_path / "cache", b"left", "killed.media")
    cache.keep(PAGE + "b", file_of(tmp_path, b"b", "b.mp4"), {}, now())
    assert not left.exists()
    assert cache.take(PAGE + "a", folder_in(tmp_path, "a"))


Step = tuple[str, str, int]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(("keep", "take")), st.sampled_from("abcde"), st.integers(1, 14)),
        max_size=25,
    )
)
def test_the_cache_is_a_dictionary_that_forgets_what_was_used_longest_ago(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    tmp_path = tmp_path_factory.mktemp("model")
    cache, model = Cache(tmp_path / "cache", 20, 3600), dict[str, bytes]()
    for number, (what, name, size) in enumerate(steps):
        url, place = PAGE + name, folder_in(tmp_path, f"{number}")
        if what == "take":
            kept = cache.take(url, place)
            assert (kept and kept.path.read_bytes()) == model.get(name)
            if kept:
                model[name] = model.pop(name)
            continue
        content = bytes([number]) * size
        cache.keep(url, file_of(place, content), {"title": name}, now())
        model.pop(name, None)
        while sum(map(len, model.values())) + size > 20:
            model.pop(next(iter(model)))
        model[name] = content
    assert cache.bytes_on_disk() == sum(map(len, model.values())) <= 20


def test_doctor_says_where_the_cache_lies_and_how_full_it_is(tmp_path: Path) -> None:
    def said(**changes: object) -> tuple[str, str]:
        chosen = replace(
            Settings(archive=str(tmp_path / "a"), download_cache=str(tmp_path / "cache")),
            **changes,  # type: ignore[arg-type]
        )
        (found,) = (one for one in examine(chosen) if one.name == "download cache")
        return found.status, found.text

    status, text = said()
    assert status == "ok" and f"0.0 of at most 2.0 GiB in {tmp_path / 'cache'}" in text
    assert "switched off" in said(download_cache_max_bytes=0)[1]
    assert said(download_cache=str(file_of(tmp_path, b"") / "below"))[0] == "warn"
    assert said(download_cache_max_bytes=10**18)[0] == "warn"
