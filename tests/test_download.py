"""Downloads with the real yt-dlp from a server of our own, well-behaved and not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

import imageio_ffmpeg
import pytest
from web import LOCAL_HOSTS, Web, web_server

from provenance.download import (
    Download,
    Listing,
    download,
    download_or_list,
)
from provenance.download.failures import Failure, explained
from provenance.errors import DownloadError, InterruptedWorkError
from provenance.process import run
from provenance.settings import Settings

# The wheel's ffmpeg: its file is not called ffmpeg, and no ffprobe lies beside it.
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
LAST_MODIFIED = {"Last-Modified": "Thu, 02 May 2019 10:11:12 GMT"}
SETTINGS = Settings(
    ffmpeg=FFMPEG,
    download_retries=0,
    download_stall=30.0,
    download_timeout=120.0,
    download_pause=0.0,
    download_cache_max_bytes=0,
    download_local_hosts=LOCAL_HOSTS,
)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """a.mp4 (4 s with sound), and the same as HLS: v.m3u8, and master.m3u8 with sound apart."""
    folder = tmp_path_factory.mktemp("media")
    source = ["-f", "lavfi", "-i", "testsrc=d=4:s=160x120:r=10", "-f", "lavfi", "-i", "sine=d=4"]
    hls = ["-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod"]
    encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-c:a", "aac"]
    clip = str(folder / "a.mp4")
    for arguments in (
        [*source, *encoding, clip],
        ["-i", clip, *hls, str(folder / "v.m3u8")],
        ["-i", clip, "-map", "0:v", *hls, str(folder / "picture.m3u8")],
        ["-i", clip, "-map", "0:a", *hls, str(folder / "sound.m3u8")],
    ):
        done = run([FFMPEG, "-v", "error", *arguments])
        assert done.returncode == 0, done.stderr
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="s",DEFAULT=YES,URI="sound.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=160x120,CODECS="avc1.42c00d,mp4a.40.2",'
        'AUDIO="s"\npicture.m3u8\n'
    )
    return folder


@pytest.fixture
def clip(media: Path) -> bytes:
    return (media / "a.mp4").read_bytes()


def publish(web: Web, media: Path, folder: str = "/hls") -> Callable[[str], str]:
    for file in media.iterdir():
        web.file(f"{folder}/{file.name}", file.read_bytes())
    return lambda name: web.url(f"{folder}/{name}")


def streams(file: Path) -> str:
    """What ffmpeg says of a file."""
    return run([FFMPEG, "-i", str(file)]).stderr


def refused(url: str, folder: Path, settings: Settings = SETTINGS) -> DownloadError:
    """The error of a download that must fail, checked for what every such error owes a user."""
    with pytest.raises(DownloadError) as caught:
        download(url, folder, settings)
    error = caught.value
    assert error.exit_code == 3
    assert url in error.message
    assert error.hint
    for noise in ("ERROR:", "\x1b", "please report", "caused by", "Traceback", "yt_dlp."):
        assert noise not in str(error)
    assert list(folder.iterdir()) == [], "a failed download leaves something behind"
    return error


# What works


def test_a_direct_video_is_fetched_byte_for_byte(web: Web, clip: bytes, tmp_path: Path) -> None:
    url = web.file("/Some%20title%3B.mp4", clip)
    found = download(url, tmp_path, SETTINGS)
    assert found.path == tmp_path / "video.mp4"
    assert found.path.read_bytes() == clip
    assert found.location == url
    assert found.facts.url == url
    assert found.facts.platform is None
    assert list(tmp_path.iterdir()) == [found.path]


def test_last_modified_never_becomes_a_publication_date(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    direct = web.file("/a.mp4", clip, LAST_MODIFIED)
    page = web.page("/p.html", '<video src="/a.mp4"></video>', LAST_MODIFIED)
    for url in (direct, page):
        facts = download(url, tmp_path, SETTINGS).facts
        assert facts.published is None
        assert facts.basis is None
        assert facts.last_modified is not None
        assert facts.last_modified.value == "2019-05-02T10:11:12Z"


def test_a_page_with_a_video_element_gives_its_video_and_its_own_address(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    web.file("/media/a.mp4", clip)
    url = web.page("/p.html", '<title>Flood</title><video src="/media/a.mp4"></video>')
    found = download(url, tmp_path, SETTINGS)
    assert found.path.read_bytes() == clip
    assert found.facts.url == url
    assert found.facts.title is not None and found.facts.title.startswith("Flood")


def test_an_hls_playlist_is_fetched_whole_and_not_by_ffmpeg(
    web: Web, media: Path, tmp_path: Path
) -> None:
    found = download(publish(web, media)("v.m3u8"), tmp_path, SETTINGS)
    said = streams(found.path)
    assert "Duration: 00:00:04" in said or "Duration: 00:00:03.9" in said
    assert "Video: h264" in said and "Audio: aac" in said
    assert not any("Lavf" in agent for agent in web.agents)


def test_picture_and_sound_that_come_apart_are_joined_without_ffprobe(
    web: Web, media: Path, tmp_path: Path
) -> None:
    assert not list(Path(FFMPEG).parent.glob("ffprobe*"))
    found = download(publish(web, media)("master.m3u8"), tmp_path, SETTINGS)
    said = streams(found.path)
    assert "Video: h264" in said and "Audio: aac" in said
    assert list(tmp_path.iterdir()) == [found.path]


def test_a_redirect_is_followed_and_the_final_address_is_told(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    target = web.file("/a.mp4", clip)
    found = download(web.redirect("/r.mp4", target), tmp_path, SETTINGS)
    assert found.path.read_bytes() == clip
    assert found.location == web.url("/r.mp4")
    assert found.facts.url == target


def test_a_still_picture_is_fetched_too(web: Web, tmp_path: Path) -> None:
    picture = b"\xff\xd8\xff\xe0" + b"\0" * 100
    found = download(web.file("/x.jpg", picture), tmp_path, SETTINGS)
    assert found.path.name == "video.jpg"
    assert found.path.read_bytes() == picture


def test_two_downloads_into_one_folder_do_not_overwrite_each_other(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    first, second = download(url, tmp_path, SETTINGS), download(url, tmp_path, SETTINGS)
    assert first.path != second.path
    assert first.path.read_bytes() == second.path.read_bytes() == clip


def test_a_transfer_that_breaks_off_once_is_taken_up_again(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    url = web.truncated("/a.mp4", clip, 1000)
    broken, seen = web.answers["/a.mp4"], []

    def whole_the_third_time(request: object) -> None:
        seen.append(1)
        if len(seen) == 3:
            web.file("/a.mp4", clip)
        web.answers["/a.mp4"](request) if len(seen) == 3 else broken(request)  # type: ignore[arg-type]

    web.answers["/a.mp4"] = whole_the_third_time
    found = download(url, tmp_path, replace(SETTINGS, download_retries=2))
    assert found.path.read_bytes() == clip


# What fails, each in its own words


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "refuses access"), (404, "nothing at this address"), (500, "fault of its own")],
)
def test_an_http_error_is_told_with_its_number(
    web: Web, tmp_path: Path, status: int, words: str
) -> None:
    error = refused(web.status("/a.mp4", status), tmp_path)
    assert words in error.message
    assert f"HTTP {status}" in error.message


def test_a_page_without_a_video_is_told_as_that(web: Web, tmp_path: Path) -> None:
    # The address holds words that would mean something else if they were not part of it.
    error = refused(web.page("/login-timeout-private.html", "<p>Text.</p>"), tmp_path)
    assert "holds no video" in error.message


def test_a_page_with_several_videos_asks_which_one(web: Web, clip: bytes, tmp_path: Path) -> None:
    web.file("/a.mp4", clip)
    url = web.page("/p.html", '<video src="/a.mp4"></video><video src="/b.mp4"></video>')
    error = refused(url, tmp_path)
    assert "holds 2" in error.message
    assert web.url("/a.mp4") in error.hint and web.url("/b.mp4") in error.hint


def test_a_server_that_stops_sending_is_given_up(web: Web, clip: bytes, tmp_path: Path) -> None:
    url = web.stalling("/a.mp4", clip, after=1000)
    error = refused(url, tmp_path, replace(SETTINGS, download_stall=0.5))
    assert "timed out" in error.message and "sent nothing for 0.5 s" in error.message


def test_a_dripping_server_is_stopped_at_the_time_limit(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    began = time.monotonic()
    error = refused(web.dripping("/a.mp4", clip), tmp_path, replace(SETTINGS, download_timeout=3.0))
    assert "timed out: it was not done after 3 s" in error.message
    assert time.monotonic() - began < 100  # all of it would take far longer


def test_half_a_file_is_never_taken_for_a_whole_one(web: Web, clip: bytes, tmp_path: Path) -> None:
    error = refused(web.truncated("/a.mp4", clip, after=len(clip) // 2), tmp_path)
    assert "broke off" in error.message


def test_an_hls_playlist_with_a_missing_segment_is_no_video(
    web: Web, media: Path, tmp_path: Path
) -> None:
    address = publish(web, media)
    web.status("/hls/v2.ts", 404)
    error = refused(address("v.m3u8"), tmp_path)
    assert "HTTP 404" in error.message and "video file itself" in error.message


def test_an_empty_file_is_told_as_that(web: Web, tmp_path: Path) -> None:
    assert "empty" in refused(web.file("/a.mp4", b""), tmp_path).message


def test_a_file_announced_as_too_large_is_not_fetched(web: Web, tmp_path: Path) -> None:
    small = replace(SETTINGS, download_max_bytes=1_000_000)
    error = refused(web.stalling("/a.mp4", b"\0" * 5_000_000, after=2000), tmp_path, small)
    assert "too large (5.0 MB), 1.0 MB are allowed" in error.message


def test_an_endless_file_is_stopped_at_the_size_limit(web: Web, tmp_path: Path) -> None:
    error = refused(
        web.endless("/a.mp4"), tmp_path, replace(SETTINGS, download_max_bytes=2_000_000)
    )
    assert "too large" in error.message


def test_hls_segments_count_together_for_the_size_limit(
    web: Web, media: Path, tmp_path: Path
) -> None:
    limit = (media / "v0.ts").stat().st_size * 2
    error = refused(
        publish(web, media)("v.m3u8"), tmp_path, replace(SETTINGS, download_max_bytes=limit)
    )
    assert "too large" in error.message


def test_a_video_that_the_site_says_is_too_long_is_refused_unfetched(
    web: Web, media: Path, tmp_path: Path
) -> None:
    url = publish(web, media)("v.m3u8")
    error = refused(url, tmp_path, replace(SETTINGS, download_max_duration=2.0))
    assert "too long (4 s), 2 s are allowed" in error.message
    assert not any(path.endswith(".ts") for path in web.requests)


def test_a_live_stream_is_refused(web: Web, media: Path, tmp_path: Path) -> None:
    address = publish(web, media)
    endless = (media / "v.m3u8").read_text().replace("#EXT-X-ENDLIST", "")
    endless = endless.replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "")
    web.file("/hls/live.m3u8", endless.encode())
    assert "live stream" in refused(address("live.m3u8"), tmp_path).message


def test_a_stream_that_yt_dlp_would_hand_to_ffmpeg_is_refused_and_ffmpeg_fetches_nothing(
    web: Web, media: Path, tmp_path: Path
) -> None:
    address = publish(web, media)
    key = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"\n#EXTINF'
    text = (media / "v.m3u8").read_text().replace("#EXTINF", key, 1)
    web.file("/hls/locked.m3u8", text.encode())
    refused(address("locked.m3u8"), tmp_path)
    assert not any("Lavf" in agent for agent in web.agents)


@pytest.mark.parametrize("url", ["ftp://example.org/a.mp4", "file:///etc/passwd", "clip.mp4"])
def test_only_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    assert "only http and https" in refused(url, tmp_path).message


@pytest.mark.parametrize("url", ["http://", "http://[::1/a.mp4", "http://a b/c", "http://x:99999/"])
def test_an_incomplete_address_is_told_as_that(tmp_path: Path, url: str) -> None:
    assert "no complete web address" in refused(url, tmp_path).message


def test_neither_a_page_nor_a_redirect_leads_to_a_file_of_ours(web: Web, tmp_path: Path) -> None:
    refused(web.page("/p.html", '<video src="file:///etc/passwd.mp4"></video>'), tmp_path)
    refused(web.redirect("/r.mp4", "file:///etc/passwd"), tmp_path)


def test_pages_that_lead_to_each_other_without_end_are_told_as_that(
    web: Web, tmp_path: Path
) -> None:
    for one, other in ("ab", "ba"):
        web.page(
            f"/{one}.html",
            f'<meta http-equiv="refresh" content="0; url={web.url(f"/{other}.html")}">',
        )
    assert "leads to another without end" in refused(web.url("/a.html"), tmp_path).message
    assert len(web.requests) < 50


@pytest.mark.slow
def test_a_manifest_that_takes_all_memory_is_told_as_that(web: Web, tmp_path: Path) -> None:
    manifest = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT10S"><Period><AdaptationSet mimeType="video/mp4">'
        '<SegmentTemplate timescale="1" startNumber="1" media="/a.mp4?$Number$"><SegmentTimeline>'
        '<S t="0" d="1" r="2000000000"/></SegmentTimeline></SegmentTemplate>'
        '<Representation id="1" bandwidth="1000"/></AdaptationSet></Period></MPD>'
    )
    url = web.file("/a.mpd", manifest.encode(), {"Content-Type": "application/dash+xml"})
    patient = replace(SETTINGS, download_timeout=250.0)  # on a busy machine memory fills slowly
    assert "takes more memory than is allowed" in refused(url, tmp_path, patient).message


def test_a_redirect_to_itself_ends(web: Web, tmp_path: Path) -> None:
    assert "circle" in refused(web.redirect("/loop", "/loop"), tmp_path).message


def test_a_server_that_is_not_there_is_told_as_that(web: Web, tmp_path: Path) -> None:
    with web_server() as other:
        gone = other.url("/a.mp4")
    assert "refused the connection" in refused(gone, tmp_path).message
    unknown = refused("http://nothing.invalid/a.mp4", tmp_path).message
    assert "cannot be resolved" in unknown


def test_a_password_in_the_address_is_not_shown(web: Web, clip: bytes, tmp_path: Path) -> None:
    url = web.url("/a.mp4").replace("http://", "http://me:secret@")
    with pytest.raises(DownloadError) as caught:
        download(url, tmp_path, SETTINGS)
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in caught.value.message
    web.file("/a.mp4", clip)
    assert download(url, tmp_path, SETTINGS).facts.url == web.url("/a.mp4")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[youtube] abc: Private video. Sign in if you've been granted access", "login"),
        ("[youtube] abc: This video has been removed by the uploader", "removed"),
        ("[youtube] abc: Sign in to confirm you\u2019re not a bot. Use --cookies", "robot"),
        ("[x] 1: This video is not available from your location due to geo restriction", "country"),
        ("[x] 1: This live event will begin in 2 hours", "live"),
        ("Unable to download webpage: HTTP Error 401: Unauthorized", "login (HTTP 401)"),
        ("Unable to download webpage: HTTP Error 410: Gone", "any more (HTTP 410)"),
        ("Unable to download JSON: HTTP Error 429: Too Many", "too many requests"),
        ("Unable to download JSON: HTTP Error 451: x", "legal reasons"),
        ("Unable to download JSON: HTTP Error 503: x", "fault of its own"),
        ("[x] 1: This video is DRM protected", "DRM"),
        ("[x] 1: Requested format is not available. Use --list-formats", "no form"),
        ("unable to write data: [Errno 28] No space left on device", "disk is full"),
        (
            "\x1b[0;31mERROR:\x1b[0m [x] private: KeyError('a'); please report this issue on  "
            "https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template",
            "failed: KeyError('a').",
        ),
    ],
)
def test_what_sites_say_is_told_in_plain_words(text: str, words: str) -> None:
    error = explained("https://example.org/v", Failure(text))
    assert words in error.message
    for noise in ("ERROR", "\x1b", "report", "[x]", "--list-formats"):
        assert noise not in str(error)


def test_a_missing_javascript_runtime_is_named_in_the_hint() -> None:
    warning = "No supported JavaScript runtime could be found. Only deno is enabled by default"
    failure = Failure("Requested format is not available", warnings=[warning])
    hint = explained("https://www.youtube.com/watch?v=x", failure).hint
    assert "deno" in hint and 'pip install -U "yt-dlp[default]"' in hint


# Playlists


def listed(url: str, folder: Path) -> list[str]:
    found = download_or_list(url, folder, SETTINGS)
    assert isinstance(found, Listing)
    return [entry.url for entry in found.entries]


def test_what_may_be_a_list_and_is_one_video_is_fetched_at_once(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    url = web.file("/a.mp4", clip)
    found = download_or_list(url, tmp_path, SETTINGS)
    assert isinstance(found, Download)
    assert found.path.read_bytes() == clip


def test_a_page_of_several_videos_and_a_feed_give_their_entries(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    urls = [web.file("/a.mp4", clip), web.file("/b.mp4", clip)]
    page = web.page("/p.html", '<video src="/a.mp4"></video><video src="/b.mp4"></video>')
    assert listed(page, tmp_path) == urls
    items = "".join(f"<item><title>t</title><link>{url}</link></item>" for url in urls)
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    assert listed(web.file("/feed.xml", feed.encode()), tmp_path) == urls
    assert download(urls[1], tmp_path, SETTINGS).path.read_bytes() == clip


def test_a_list_that_is_not_there_is_a_download_error(web: Web, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="HTTP 404"):
        download_or_list(web.url("/nothing"), tmp_path, SETTINGS)


# Folders, progress, stopping


class Recorder:
    """A Progress that keeps what it is told, and stops the work after `stop_after` calls."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.tasks: dict[str, tuple[float | None, float]] = {}
        self.closed: list[str] = []
        self.calls = 0
        self.stop_after = stop_after

    def task(self, description: str, total: float | None = None) -> _RecorderTask:
        self.tasks[description] = (total, 0.0)
        return _RecorderTask(self, description)


class _RecorderTask:
    def __init__(self, recorder: Recorder, name: str) -> None:
        self.recorder, self.name = recorder, name

    def advance(self, amount: float = 1.0) -> None:
        total, done = self.recorder.tasks[self.name]
        self.recorder.tasks[self.name] = (total, done + amount)
        self.recorder.calls += 1
        if self.recorder.calls == self.recorder.stop_after:
            raise InterruptedWorkError("Stopped.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.recorder.closed.append(self.name)


def test_progress_counts_every_byte_of_the_whole(web: Web, clip: bytes, tmp_path: Path) -> None:
    progress = Recorder()
    download(web.file("/a.mp4", clip), tmp_path, SETTINGS, progress)
    assert progress.tasks["downloading"] == (len(clip), len(clip))
    assert sorted(progress.closed) == sorted(progress.tasks)


def test_a_caller_can_stop_a_download_that_hangs(web: Web, clip: bytes, tmp_path: Path) -> None:
    began = time.monotonic()
    url = web.stalling("/a.mp4", clip, after=1000)
    patient = replace(SETTINGS, download_stall=250.0, download_timeout=250.0)
    with pytest.raises(InterruptedWorkError):
        download(url, tmp_path, patient, Recorder(stop_after=4))
    assert time.monotonic() - began < 100
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_passes_through_and_leaves_no_folder(web: Web, clip: bytes, tmp_path: Path) -> None:
    url = web.stalling("/a.mp4", clip, after=1000)
    code = (
        "import sys, tempfile; from provenance.download import *; "
        "from provenance.scratch import *; from provenance.settings import load_settings\n"
        "with scratch_folder() as f: "
        "download(sys.argv[1], f, load_settings({'ffmpeg': sys.argv[2]}))"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code, url, FFMPEG],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parent.parent,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    deadline = time.monotonic() + 120
    while len(web.requests) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.iterdir())
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert b"KeyboardInterrupt" in said
    assert list(tmp_path.iterdir()) == []
