"""Playlists and channels are learned whole, politely, and never twice."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from clip_maker import painted
from command_line import Called, call, start
from hypothesis import given
from hypothesis import strategies as st
from test_download import Recorder
from video_site import Site
from web import LOCAL_HOSTS, Web

from provenance.archive.adding import add_all
from provenance.archive.learn import Learned, Wanted
from provenance.archive.walking import MAX_DEPTH, OLDER_IN_A_ROW, Choice
from provenance.dates import When
from provenance.download import MAX_ENTRIES, Entry, Listing, Older, download, is_older
from provenance.download.sites import turn_at
from provenance.errors import DownloadError, InterruptedWorkError
from provenance.models import Appearance, Footage
from provenance.progress import SilentProgress
from provenance.settings import Settings

DAY = 86400
IMPATIENT = Settings(download_local_hosts=LOCAL_HOSTS, download_pause=0.0, download_timeout=60.0)
NOON = 1_700_049_600  # 15 November 2023, 12:00 UTC


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("clips")
    pictures = ("testsrc2=size=160x120:rate=10", "mandelbrot=size=160x120:rate=10")
    return [
        painted(folder / f"{n}.mp4", picture).read_bytes() for n, picture in enumerate(pictures)
    ]


@pytest.fixture
def web(web: Web, video_sites: None) -> Web:
    return web


@pytest.fixture
def site(web: Web) -> Site:
    return Site(web)


def added(archive: Path, *arguments: str) -> Called:
    return call("add", *arguments, "--no-link", "--archive", archive)


# A channel, as a person follows it


def test_a_channel_is_learned_since_a_date_and_a_second_call_asks_for_nothing_again(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    site.video("new", clips[0], timestamp=NOON)
    site.video("undated", clips[1])
    site.video("private", None, reason="Private video. Sign in if you've been granted access")
    for number in range(8):
        site.video(f"old{number}", clips[0], timestamp=NOON - (100 + number) * DAY)
    names = ["new", "undated", "private", *(f"old{number}" for number in range(8))]
    channel = site.channel("news", names)

    first = added(tmp_path / "a", channel, "--since", "2023-11-01")
    assert first.code == 11
    assert len(first.out.splitlines()) == 2
    assert "undated carries no date, and was taken" in first.err
    assert "private failed: the video is private" in first.err
    assert "after 5 in a row from before 1 November 2023 the other 3 were not opened." in first.err
    assert "Added 2, already known 0, too old 5, failed 1." in first.err
    # In any order: as many videos are under way at once as there are processors.
    assert sorted(site.fetched()) == ["new", "undated"], "what is too old is asked for only"
    assert sorted(site.asked()) == sorted(["news", *names[:8]])

    web.requests.clear()
    again = added(tmp_path / "a", channel + "?utm_source=x", "--limit", "3")
    assert [line.split()[1] for line in again.out.splitlines()] == ["known", "known"]
    assert site.asked() == ["news", "private"]
    assert site.fetched() == []


def test_a_call_that_was_killed_goes_on_where_it_stopped(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    for number in range(4):
        site.video(f"v{number}", clips[0] + bytes([number]), timestamp=NOON)
    release = threading.Event()
    answer = web.answers["/media/v3.mp4"]

    def late(request: BaseHTTPRequestHandler) -> None:
        release.wait(60)
        answer(request)

    web.answers["/media/v3.mp4"] = late
    playlist = site.playlist("all", [f"v{number}" for number in range(4)])
    program = start("add", playlist, "--no-link", "--archive", tmp_path / "a", "--jobs", "1")
    assert program.stdout
    said = program.stdout.readline()
    program.send_signal(signal.SIGKILL)
    program.communicate(timeout=30)
    release.set()
    assert said.split()[1] == b"new"

    web.requests.clear()
    again = added(tmp_path / "a", playlist)
    states = [line.split()[1] for line in again.out.splitlines()]
    assert again.code == 0 and len(states) == 4
    known = states.count("known")
    assert known >= 1 and states == ["known"] * known + ["new"] * (4 - known)
    # A set: what the killed program's own child had just begun may come in, too.
    assert set(site.fetched()) == {f"v{number}" for number in range(known, 4)}


def test_lists_in_lists_are_followed_each_video_once_and_a_circle_ends(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    site.video("a", clips[0])
    site.video("b", clips[1])
    outer: dict[str, object] = {"url": "/list/outer", "key": "LocalList"}
    inner: dict[str, object] = {"url": "/channel/inner", "key": "RumbleChannel"}
    site.channel("inner", ["b", "a", outer])
    result = added(tmp_path / "a", site.playlist("outer", ["a", inner, "b"]))
    assert result.code == 0
    assert [line.split()[-1] for line in result.out.splitlines()] == ["a", "b"]
    assert sorted(site.asked()) == ["a", "b", "inner", "outer"]


def test_dates_in_a_feed_spare_the_asking_and_what_is_beyond_the_bound_is_said(
    web: Web, tmp_path: Path
) -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>Thu, 02 May 2019 10:11:12 GMT</pubDate>"
        f"<link>{web.url(f'/watch/v{n}')}</link></item>"
        for n in range(MAX_ENTRIES + 5)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    result = added(
        tmp_path / "a", web.file("/feed.xml", feed.encode()), "--since", "2019-05-03", "--json"
    )
    assert result.code == 0
    assert set(web.requests) == {"/feed.xml"}
    assert f"the first {MAX_ENTRIES:,}" in result.err
    assert f"too old {MAX_ENTRIES}" in result.err
    notes = [row["note"] for row in result.json]
    assert notes.count("was published on 2 May 2019, 10:11 UTC, which is too early.") == MAX_ENTRIES


def test_entries_that_lead_to_our_own_disk_are_left_out_and_counted(
    web: Web, site: Site, tmp_path: Path
) -> None:
    strange: list[str | dict[str, object]] = [
        {"url": "/../../../etc/passwd", "key": "Generic"},
        "missing",
    ]
    playlist = site.playlist("all", strange)
    items = "".join(
        f"<item><link>{link}</link></item>"
        for link in ("file:///etc/passwd", "/etc/passwd", "http://[::1/x")
    )
    feed = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    for url in (playlist, web.file("/feed.xml", feed)):
        result = added(tmp_path / "a", url, "--json")
        assert not any(row["footage"] for row in result.json)
    assert "names 2 entries by no web address; they were left out." in result.err


def test_a_page_that_a_person_names_is_looked_at_again_and_the_entry_of_a_list_is_not(
    web: Web, clips: list[bytes], tmp_path: Path
) -> None:
    web.file("/media/a.mp4", clips[0])
    page_url = web.page("/latest.html", '<video src="/media/a.mp4"></video>')
    assert added(tmp_path / "a", page_url).out.split()[1] == "new"
    web.file("/media/b.mp4", clips[1])
    web.page("/latest.html", '<video src="/media/b.mp4"></video>')
    assert added(tmp_path / "a", page_url).out.split()[1] == "new"
    item = f"<item><link>{page_url}</link></item>"
    feed = f'<rss version="2.0"><channel>{item}{item}</channel></rss>'.encode()
    web.requests.clear()
    assert added(tmp_path / "a", web.file("/feed.xml", feed)).out.split()[1] == "known"
    assert web.requests == ["/feed.xml"] * len(web.requests)


def test_what_a_person_says_anew_of_a_known_video_is_recorded(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    url = site.video("v", clips[0], timestamp=NOON)
    for arguments, asked in (((), True), (("--place", "Lviv"), True), (("--place", "Lviv"), False)):
        web.requests.clear()
        assert added(tmp_path / "a", url, *arguments).code == 0
        assert bool(web.requests) is asked
    shown = call("show", "1", "--json", "--archive", tmp_path / "a").json
    assert [one["place"] for one in shown["appearances"]] == [None, "Lviv"]


def test_a_limit_counts_no_entry_twice(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    for number in range(2):
        site.video(f"v{number}", clips[number])
    playlist = site.playlist("all", ["v0", "v0", "v0", "v0", "v1", "v2"])
    result = added(tmp_path / "a", playlist, "--limit", "2")
    assert [line.split()[-1] for line in result.out.splitlines()] == ["v0", "v1"]
    assert "v2" not in site.asked()


def test_choosing_among_files_makes_no_sense(tmp_path: Path) -> None:
    for option, value in (("--since", "2019"), ("--limit", "3")):
        refused = added(tmp_path / "a", "clip.mp4", option, value)
        assert refused.code == 2 and option in refused.err
    assert not (tmp_path / "a").exists()


# Which videos are wanted: the walk itself, without a network


def learned(url: str) -> Learned:
    return Learned(Footage(0, url, url), Appearance(url=url), None, ())


class World:
    """Lists and videos by address; remembers what was opened."""

    def __init__(self, **things: Listing | Older | Exception | None) -> None:
        self.things = things
        self.opened: list[str] = []
        self.known: set[str] = set()

    def learn(self, url: str, wanted: Wanted) -> Learned | Listing | Older:
        name = url.rpartition("/")[2]
        self.opened.append(name)
        thing = self.things.get(name)
        if isinstance(thing, Exception):
            raise thing
        return thing or learned(url)

    def walk(self, choice: Choice, jobs: int = 1) -> tuple[list[str], list[str]]:
        """The names that were learned or known, in order, and what was said."""
        from provenance.archive import Added

        outcomes = list(
            add_all(
                [page("start")],
                self.learn,
                lambda batch: [Added(one.footage, True) for one in batch],
                choice=choice,
                known=lambda url, named: Footage(1, url, url) if url in self.known else None,
                jobs=jobs,
            )
        )
        return (
            [o.source.rpartition("/")[2] for o in outcomes if o.added],
            [f"{o.source.rpartition('/')[2]} {o.note or o.error}" for o in outcomes if not o.added],
        )


def page(name: str) -> str:
    return f"https://example.org/{name}"


def listing(names: str, *lists: str, newest_first: bool = False) -> Listing:
    entries = [Entry(page(name), is_list=name in lists) for name in names.split()]
    return Listing(tuple(entries), newest_first=newest_first)


OLD = Older(When.parse("2019-01-01"))
SINCE = When.parse("2020")


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_limit_counts_known_and_failed_videos_and_none_that_are_too_old(jobs: int) -> None:
    world = World(start=listing("a old b bad c d e"), old=OLD, bad=DownloadError("Gone."))
    world.known = {page("b")}
    taken, said = world.walk(Choice(since=SINCE, limit=4), jobs)
    assert taken == ["a", "b", "c"]
    assert [line.split()[0] for line in said] == ["old", "bad"]
    assert sorted(world.opened) == ["a", "bad", "c", "old", "start"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_limit_holds_over_the_lists_in_a_list(jobs: int) -> None:
    world = World(
        start=listing("tab1 tab2 z", "tab1", "tab2"), tab1=listing("a b"), tab2=listing("c d")
    )
    assert world.walk(Choice(limit=3), jobs)[0] == ["a", "b", "c"]
    assert "d" not in world.opened and "z" not in world.opened
    world.things["tab1"] = DownloadError("Gone.")
    assert world.walk(Choice(limit=3), jobs)[0] == ["c", "d", "z"]


KINDS = st.sampled_from(("new", "old", "known", "bad"))


@given(st.lists(KINDS, max_size=12), st.none() | st.integers(1, 5), st.sampled_from((1, 3)))
def test_what_is_taken_of_a_list_is_what_going_through_it_one_by_one_would_take(
    kinds: list[str], limit: int | None, jobs: int
) -> None:
    names = [f"{kind}{number}" for number, kind in enumerate(kinds)]
    fates = {"old": OLD, "bad": DownloadError("Gone.")}
    things = {name: fates[kind] for name, kind in zip(names, kinds, strict=True) if kind in fates}
    world = World(start=listing(" ".join(names)), **things)
    world.known = {page(name) for name, kind in zip(names, kinds, strict=True) if kind == "known"}

    wanted = [name for name, kind in zip(names, kinds, strict=True) if kind != "old"][:limit]
    last = names.index(wanted[-1]) if limit and len(wanted) == limit else len(names)
    passed = names[: last + 1]

    taken, said = world.walk(Choice(since=SINCE, limit=limit), jobs)
    assert taken == [name for name in wanted if not name.startswith("bad")]
    told = [line.split()[0] for line in said]
    assert told == [name for name in passed if name.startswith(("old", "bad"))]
    unknown = [name for name in passed if not name.startswith("known")]
    assert sorted(world.opened) == sorted(["start", *unknown])


def test_an_unknown_list_among_the_entries_is_followed_too() -> None:
    world = World(start=listing("a surprise b"), surprise=listing("c d"))
    assert world.walk(Choice())[0] == ["a", "c", "d", "b"]


def test_lists_that_lie_too_deep_are_named() -> None:
    things = {f"l{n}": listing(f"l{n + 1} v{n}", f"l{n + 1}") for n in range(9)}
    taken, said = World(start=listing("l0", "l0"), **things).walk(Choice())
    assert taken == ["v1", "v0"] and MAX_DEPTH == 3
    assert said == ["l2 is a list within 3 others and was not opened."]


def test_only_a_list_with_its_newest_first_is_left_early_and_pinned_videos_do_not_mislead() -> None:
    old = {f"o{n}": OLD for n in range(20)}
    names = " ".join(["o0", "o1", "o2", "new", *(f"o{n}" for n in range(3, 20)), "last"])
    for newest_first, last in ((True, []), (False, ["last"])):
        world = World(start=listing(names, newest_first=newest_first), **old)
        taken, said = world.walk(Choice(since=SINCE), jobs=3)
        assert taken == ["new", *last]
        assert len([line for line in said if "too early" in line]) == (8 if newest_first else 20)
        left = f"after {OLDER_IN_A_ROW} in a row from before 2020 the other 13 were not opened."
        assert any(line.endswith(left) for line in said) is newest_first


def test_the_rest_of_a_channel_goes_on_after_a_list_that_was_left() -> None:
    old = {f"o{n}": OLD for n in range(9)}
    tab = listing(" ".join(old), newest_first=True)
    world = World(start=listing("tab video", "tab"), tab=tab, **old)
    assert world.walk(Choice(since=SINCE))[0] == ["video"]


def test_more_entries_than_are_read_are_never_left_out_silently() -> None:
    many = " ".join(f"v{n}" for n in range(600))
    more = " ".join(f"w{n}" for n in range(600))
    world = World(start=listing("one two", "one", "two"), one=listing(many), two=listing(more))
    taken, said = world.walk(Choice(), jobs=4)
    assert len(taken) == MAX_ENTRIES - 2  # the two lists count
    assert said == ["two leads to more than 1,000 entries; the others were left out."]


@pytest.mark.parametrize(
    ("published", "since", "older"),
    [
        ("2024-05-01", "2024-05-02", True),
        ("2024-05-02", "2024-05-02", False),
        ("2024-05-01T23:59:59Z", "2024-05-02", True),
        ("2024-05-02T00:00:00Z", "2024-05-02", False),
        ("2024-05-02T10:00:00Z", "2024-05-02T10:00:01Z", True),
        ("2023", "2024", True),
        ("2024-05-01T22:30:00Z", "2024-05-02T00:00:00+02:00", False),
    ],
)
def test_since_a_day_means_from_its_first_second_on(
    published: str, since: str, older: bool
) -> None:
    when = When.parse(published)
    when = when if when.zone else When(when.start, when.precision, "Z")
    assert is_older(when, When.parse(since)) is older


# Manners


def test_one_site_gives_one_download_at_a_time_whatever_the_jobs(
    web: Web, site: Site, clips: list[bytes], tmp_path: Path
) -> None:
    lock, now, most = threading.Lock(), 0, 0

    for number in range(3):
        site.video(f"v{number}", clips[0] + bytes([number]))
        answer = web.answers[f"/media/v{number}.mp4"]

        def counted(request: BaseHTTPRequestHandler, answer=answer) -> None:  # type: ignore[no-untyped-def]
            nonlocal now, most
            with lock:
                now += 1
                most = max(now, most)
            time.sleep(0.3)
            answer(request)
            with lock:
                now -= 1

        web.answers[f"/media/v{number}.mp4"] = counted
    urls = [web.url(f"/watch/v{number}") for number in range(3)]
    assert added(tmp_path / "a", *urls, "--jobs", "3").code == 0
    assert most == 1


def test_a_pause_between_two_downloads_from_one_site_is_kept_and_said(
    web: Web, clips: list[bytes], tmp_path: Path
) -> None:
    polite = Settings(
        download_local_hosts=LOCAL_HOSTS,
        download_cache=str(tmp_path / "cache"),
        download_pause=600.0,
    )
    fresh = replace(polite, download_cache_max_age=0.0)
    url = web.file("/a.mp4", clips[0])
    download(url, tmp_path, fresh)
    asked = len(web.requests)
    progress = Recorder(stop_after=1)  # it has been told that there is a pause
    with pytest.raises(InterruptedWorkError):
        download(url, tmp_path, fresh, progress)
    assert list(progress.tasks) == [f"pausing before the next download from {url[7:-6]}"]
    assert len(web.requests) == asked


def test_a_long_pause_is_no_wish_of_the_site_and_can_be_broken_off(tmp_path: Path) -> None:
    slow = Settings(
        download_cache=str(tmp_path / "cache"), download_pause=50.0, download_timeout=10.0
    )
    with turn_at(page("a"), slow, SilentProgress()):
        pass
    with (
        pytest.raises(InterruptedWorkError),
        turn_at(page("b"), slow, SilentProgress(lambda: True)),
    ):
        pass


def test_a_site_that_asks_for_patience_gets_it(
    web: Web, clips: list[bytes], tmp_path: Path
) -> None:
    settings = replace(IMPATIENT, download_cache=str(tmp_path / "c"))
    progress = Recorder()
    url = web.failing("/a.mp4", clips[0], status=429, times=2, wait="1")
    assert download(url, tmp_path, settings, progress).path.read_bytes() == clips[0]
    said = [task for task in progress.tasks if task.startswith("trying again in 1 s")]
    assert said and "too many requests" in said[0]


def test_patience_is_had_amid_a_download_too_and_nothing_of_the_first_attempt_stays(
    web: Web, clips: list[bytes], tmp_path: Path
) -> None:
    settings = replace(IMPATIENT, download_cache=str(tmp_path / "c"))
    web.failing("/a.mp4", clips[0], status=429, times=1, wait="0")
    whole, answers = web.answers["/a.mp4"], iter((False, True))

    def after_the_first(request: BaseHTTPRequestHandler) -> None:
        """The page is given, then its media are not, then all is well."""
        if next(answers, True):
            whole(request)
        else:
            web.file("/a.mp4", clips[0])
            web.answers["/a.mp4"](request)
            web.answers["/a.mp4"] = after_the_first

    web.answers["/a.mp4"] = after_the_first
    found = download(web.url("/a.mp4"), tmp_path, settings)
    assert found.path.read_bytes() == clips[0]
    assert len(web.requests) == 4, "the page, no media, the page and the media"


def test_a_site_that_asks_for_more_patience_than_there_is_time_is_left_alone(
    web: Web, clips: list[bytes], tmp_path: Path
) -> None:
    settings = replace(IMPATIENT, download_cache=str(tmp_path / "c"))
    with pytest.raises(DownloadError, match="asks to wait 30 min") as caught:
        download(web.failing("/a.mp4", b"", status=429, times=9, wait="1800"), tmp_path, settings)
    assert "Try again then." in caught.value.hint
    asked = len(web.requests)
    with pytest.raises(DownloadError, match="asks to wait 30 min"):
        download(web.file("/b.mp4", clips[0]), tmp_path, settings)
    assert len(web.requests) == asked, "the site was asked although it wants to be left alone"
