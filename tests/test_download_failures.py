"""Why a download failed is told apart, and what may pass is tried again: in the words that yt-dlp's
extractors have, and by the fields that they fill."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import unquote

import pytest
import yt_dlp.extractor
from clip_maker import painted
from hypothesis import given
from hypothesis import strategies as st
from test_download import Recorder
from video_site import Site
from web import LOCAL_HOSTS, Web

from provenance.download import download, equipment, failures
from provenance.download.failures import Failure, explained
from provenance.download.retries import asked_pause, can_help, may_pass, pause_before
from provenance.errors import DownloadError
from provenance.settings import Settings

EXTRACTORS = Path(yt_dlp.extractor.__file__).parent
URL = "https://example.org/v"
SETTINGS = Settings(
    download_cache_max_bytes=0,
    download_pause=0.0,
    download_timeout=60.0,
    download_local_hosts=LOCAL_HOSTS,
)

LIVE = "live stream, and it is running now"
UPCOMING = "has not begun"
NOT_LIVE = "none is running"
ENDED = "shows no recording"
PREPARING = "still preparing"
PRIVATE = "is private"
REMOVED = "has been removed, or was never there"
ACCOUNT = "account that published the video has been closed or suspended"
COUNTRY = "(geo-blocked)"
AGE = "age-restricted"
MEMBERS = "paying members or subscribers"
LOGIN = "failed: the site wants a login"
PASSWORD = "password of its own"  # a saying
NETWORK = "refuses everything from this network"
RATE = "too many requests"
ROBOT = "takes us for a robot"
UNSAID = "is not available, not why"
NO_VIDEO = "holds no video"

# What extractors raise themselves: (file, a piece of its source, what is told).
# The piece must stand in the source, so that a new wording of yt-dlp's shows here.
OWN_WORDS = [
    ("common", "This video is only available for registered users", LOGIN),
    (
        "common",
        "This video is not available from your location due to geo restriction",
        COUNTRY,
    ),
    ("twitter", "NSFW tweet requires authentication", AGE),
    ("twitter", "You are not authorized to view this protected tweet", PRIVATE),
    ("twitter", "Requested tweet is unavailable", UNSAID),
    ("twitter", "No video could be found in this tweet", NO_VIDEO),
    ("twitter", "Broadcast no longer exists", REMOVED),
    ("twitter", "This live broadcast has not yet started", UPCOMING),
    ("twitter", "Twitter Space not started yet", UPCOMING),
    ("twitter", "Twitter Space ended and replay is disabled", ENDED),
    ("twitter", "Twitter Space ended but not downloadable yet", PREPARING),
    ("twitter", "Twitter Space not found", REMOVED),
    ("facebook", "The video is not available, Facebook said: ", UNSAID),
    ("tiktok", "TikTok is requiring login for access to this content", LOGIN),
    ("tiktok", "This post may not be comfortable for some audiences. Log in for access", AGE),
    ("tiktok", "You do not have permission to view this post", PRIVATE),
    ("tiktok", "account is private. Log into an account that has access", PRIVATE),
    ("tiktok", "Your IP address is blocked from accessing this post", NETWORK),
    ("tiktok", "Video not available, status code", UNSAID),
    ("tiktok", "This livestream has ended", ENDED),
    ("instagram", "for registered users who follow this account", PRIVATE),
    ("instagram", "You have exceeded the rate-limit for accessing posts anonymously", RATE),
    ("instagram", "There is no video in this post", NO_VIDEO),
    (
        "vimeo",
        "This video is protected by a password, use the --video-password option",
        PASSWORD,
    ),
    ("vimeo", "Wrong video password", PASSWORD),
    ("vimeo", "Authentication may be needed due to your location.", COUNTRY),
    ("vimeo", "This event has not been made available to anyone", PRIVATE),
    ("vimeo", "This live event is scheduled for ", UPCOMING),
    ("vk", "has been removed from public access due to rightholder complaint", REMOVED),
    ("vk", "is no longer available, because its author has been blocked.", ACCOUNT),
    ("vk", "is no longer available, because it has been deleted.", REMOVED),
    ("vk", "is not available in your region.", COUNTRY),
    ("vk", "Access denied to video ", PRIVATE),
    ("vk", "is only available for registered users, ", LOGIN),
    ("vk", "does not exist.", REMOVED),
    ("youtube/_video", "YouTube is requiring a captcha challenge before playback", ROBOT),
    ("youtube/_video", "has been rate-limited by YouTube for up to an hour", RATE),
    ("youtube/_video", "Your IP is likely being blocked by Youtube", NETWORK),
    ("youtube/_tab", "The channel/playlist does not exist", REMOVED),
    ("../utils/_utils", "The channel is not currently live", NOT_LIVE),
]

# What the sites say, and extractors pass on.
SITES_WORDS = [
    ("Private video. Sign in if you've been granted access to this video", PRIVATE),
    ("Video unavailable. This video is private", PRIVATE),
    ("This video has been removed by the uploader", REMOVED),
    ("This video has been removed for violating YouTube's Terms of Service", REMOVED),
    ("Video unavailable. This video is no longer available due to a copyright claim by X", REMOVED),
    (
        "Video unavailable. This video is no longer available because the YouTube account "
        "associated with this video has been terminated.",
        ACCOUNT,
    ),
    (
        "This video is no longer available because the uploader has closed their YouTube account.",
        ACCOUNT,
    ),
    ("Video unavailable", UNSAID),
    ("This content isn't available right now", UNSAID),
    (
        "Join this channel to get access to members-only content like this video, and other "
        "exclusive perks.",
        MEMBERS,
    ),
    ("This video is available to this channel's members on level: Gold", MEMBERS),
    (
        "Sign in to confirm your age. This video may be inappropriate for some users. Use "
        "--cookies-from-browser or --cookies for the authentication",
        AGE,
    ),
    ("Sign in to confirm you\u2019re not a bot. Use --cookies", ROBOT),
    ("The uploader has not made this video available in your country", COUNTRY),
    (
        "Video unavailable. This video contains content from X, who has blocked it in your country "
        "on copyright grounds",
        COUNTRY,
    ),
    ("This live event will begin in 2 hours.", UPCOMING),
    ("Premieres in 15 minutes", UPCOMING),
    ("Premiere will begin shortly", UPCOMING),
    ("This live stream recording is not available.", ENDED),
    ("We're processing this video. Check back later.", PREPARING),
    ("YouTube said: This account has been terminated for a violation of the terms.", ACCOUNT),
    ("Twitter API says: This Post is from a suspended account", ACCOUNT),
    ("Twitter API says: This Post is from an account that no longer exists", ACCOUNT),
    ("Twitter API says: This Post was deleted by the Post author", REMOVED),
    (
        "Twitter API says: Age-restricted adult content. This content might not be appropriate for "
        "people under 18 years old. To view this media, you'll need to log in to X",
        AGE,
    ),
    (
        "Twitter API says: You're unable to view this Post because this account owner limits who "
        "can view their Posts",
        PRIVATE,
    ),
    ("Suspended", ACCOUNT),
    ("This live event has ended.", ENDED),
    ("This livestream is scheduled to start at 12:00", UPCOMING),
    ("This livestream is for subscribers only", MEMBERS),
    ("Livestream is not available", UNSAID),
    ("Stream is offline", NOT_LIVE),
    ("This video may be deleted or geo-restricted. You might want to try a VPN", UNSAID),
    ("the video may be deleted or require login", UNSAID),
    (
        'The video is not available, Facebook said: "This video may no longer exist, or you '
        "don't have permission to view it.\"",
        UNSAID,
    ),
]

EVERY_SAYING = {saying for *_, saying in [*OWN_WORDS, *SITES_WORDS]} | {LIVE}


def told_once(error: DownloadError, saying: str) -> None:
    """It says this, nothing else beside it, and what to do."""
    assert {words for words in EVERY_SAYING if words in error.message} == {saying}
    assert error.hint and error.exit_code == 3
    assert "{" not in str(error) and "[x]" not in str(error)


@pytest.mark.parametrize(("file", "words", "saying"), OWN_WORDS)
def test_what_extractors_say_is_told_apart(file: str, words: str, saying: str) -> None:
    source = (EXTRACTORS / f"{file}.py").read_text("utf-8")
    assert words in source.replace("\\'", "'").replace("'\n                    '", "")
    told_once(explained(URL, Failure(f"ERROR: [x] 12: {words}")), saying)


@pytest.mark.parametrize(("text", "saying"), SITES_WORDS)
def test_what_sites_say_is_told_apart(text: str, saying: str) -> None:
    told_once(explained(URL, Failure(f"ERROR: [x] 12: {text}")), saying)


@pytest.mark.parametrize(
    "text",
    [
        "PhantomJS not found, Please download it from https://phantomjs.org/download.html",
        "pycryptodomex not found. Please install",
        "Video data not found in the page",
        "Brightcove video ID not found in webpage",
        "Playlists may not extract correctly. If you are not downloading private content, pass x",
    ],
)
def test_what_a_site_does_not_say_of_a_video_is_not_said_of_it(text: str) -> None:
    message = explained(URL, Failure(f"ERROR: [x] 12: {text}")).message
    assert not any(words in message for words in EVERY_SAYING), message
    assert message.startswith(f"The download of {URL} failed: {text[:20]}")


@pytest.mark.parametrize("name", ["a%20private%20video%20removed.mp4", "deleted%3Aby?x=a:b.c"])
def test_words_of_an_address_say_nothing_of_the_video(name: str) -> None:
    url = f"https://example.org/{name}"
    id_ = unquote(name.rpartition(".")[0])  # as yt-dlp's generic extractor has it
    error = explained(url, Failure(f"ERROR: [generic] {id_}: Something odd"))
    assert error.message == f"The download of {url} failed: Something odd."


def test_an_old_yt_dlp_is_named_with_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = Failure("ERROR: [x] 12: Something new")
    monkeypatch.setattr(equipment.metadata, "version", lambda name: "2021.2.3")
    days = (dt.datetime.now(dt.UTC).date() - dt.date(2021, 2, 3)).days
    assert f"is {days} days old" in explained(URL, unknown).hint
    today = f"{dt.datetime.now(dt.UTC):%Y.%m.%d}.123456"  # a nightly build
    monkeypatch.setattr(equipment.metadata, "version", lambda name: today)
    hint = explained(URL, unknown).hint
    assert "days old" not in hint and 'pip install -U "yt-dlp[default]"' in hint
    monkeypatch.setattr(equipment.metadata, "version", lambda name: "unknown")
    assert explained(URL, unknown).hint == hint


@given(st.text(max_size=80), st.text(alphabet="{}:%!s0", max_size=20))
def test_whatever_a_site_says_gives_a_sentence(words: str, odd: str) -> None:
    error = explained(URL, Failure(words + odd))
    assert error.message.startswith(f"The download of {URL} ") and error.message.endswith(".")
    assert error.message.isprintable() and error.hint


# By the fields that an extractor fills, with the real yt-dlp


@pytest.fixture
def web(web: Web, video_sites: None) -> Web:
    return web


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    picture = "testsrc2=size=160x120:rate=10"
    return painted(tmp_path_factory.mktemp("clip") / "clip.mp4", picture).read_bytes()


def refused(url: str, folder: Path, settings: Settings = SETTINGS) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        download(url, folder, settings)
    return caught.value


@pytest.mark.parametrize(
    ("fields", "saying"),
    [
        ({"live_status": "is_live", "url": "http://127.0.0.1:1/x.mp4"}, LIVE),
        ({"live_status": "is_upcoming", "release_timestamp": 1900000000}, UPCOMING),
        ({"live_status": "post_live"}, PREPARING),
        ({"availability": "private"}, PRIVATE),
        ({"availability": "subscriber_only", "reason": "In no known words"}, MEMBERS),
        ({"availability": "needs_auth", "age_limit": 18}, AGE),
        ({"availability": "needs_auth"}, LOGIN),
        (
            {"availability": "public", "reason": "This video has been removed by the uploader"},
            REMOVED,
        ),
        ({"geo": "Not in any known words"}, COUNTRY),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_an_extractor_has_a_field_for_needs_no_words(
    web: Web, tmp_path: Path, fields: dict[str, object], saying: str
) -> None:
    error = refused(Site(web).video("v", None, **fields), tmp_path)
    told_once(error, saying)
    if saying == UPCOMING:
        assert "it is to begin on 17 March 2030, 17:46 UTC" in error.message


# What may pass is tried again, what may not is asked for once


def test_a_fault_of_the_server_is_tried_again_and_said(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    progress = Recorder()
    url = web.failing("/a.mp4", clip, status=503, times=1)
    assert download(url, tmp_path, SETTINGS, progress).path.read_bytes() == clip
    (said,) = (task for task in progress.tasks if task.startswith("trying again"))
    assert said == "trying again in 1 s: the server has a fault of its own (HTTP 503)"
    assert sorted(progress.closed) == sorted(progress.tasks)


@pytest.mark.parametrize("status", [403, 404])
def test_what_the_server_refuses_for_good_is_asked_for_once(
    web: Web, tmp_path: Path, status: int
) -> None:
    url = web.failing("/a.mp4", b"", status=status, times=9)
    assert f"HTTP {status}" in refused(url, tmp_path).message
    assert web.requests == ["/a.mp4"]


def test_a_piece_that_is_gone_is_asked_for_once(web: Web, tmp_path: Path) -> None:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", "0.ts", "#EXT-X-ENDLIST"]
    url = web.file("/v.m3u8", "\n".join(lines).encode())
    assert "HTTP 404" in refused(url, tmp_path).message
    assert web.requests.count("/0.ts") == 1


def test_a_private_video_is_asked_for_once(web: Web, tmp_path: Path) -> None:
    refused(Site(web).video("v", None, reason="Private video"), tmp_path)
    assert web.requests == ["/api/v"]


def test_no_retry_goes_beyond_the_time_limit(web: Web, tmp_path: Path) -> None:
    error = refused(web.failing("/a.mp4", b"", status=503, times=9, wait="1800"), tmp_path)
    assert "HTTP 503" in error.message
    assert web.requests == ["/a.mp4"]


def test_only_what_may_pass_is_tried_again() -> None:
    assert [status for status in range(400, 600) if can_help("status", status)] == [
        *(408, 425, 429),
        *range(500, 600),
    ]
    helped = {kind for kind in failures._SAYINGS if can_help(kind, None)}
    assert helped == {"stalled", "cut"}


def test_an_error_says_whether_it_may_pass_in_some_hours() -> None:
    for text in ("HTTP Error 503", "HTTP Error 429", "Connection refused", "timed out"):
        assert explained(URL, Failure(text)).may_pass
    for text in ("HTTP Error 404", "HTTP Error 403", "This video is private", "strange"):
        assert not explained(URL, Failure(text)).may_pass
    lasting = {kind for kind in failures._SAYINGS if not may_pass(kind, None)}
    assert {"private", "removed", "too_large", "scheme", "bare", "local", "drm"} <= lasting


def test_waits_grow_and_are_bounded() -> None:
    assert [pause_before(n, 503) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert [pause_before(n, 429) for n in range(3)] == [10, 20, 30]


NOW = dt.datetime(2026, 5, 2, 10, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sat, 02 May 2026 10:01:00 GMT", 60),
        ("Sat, 02 May 2026 09:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("9" * 400, None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    value: str | None, seconds: float | None
) -> None:
    assert asked_pause(value, NOW) == seconds
