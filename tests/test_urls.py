"""Addresses of the same page are the same address."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.urls import (
    canonical_url,
    is_address,
    is_url,
    same_page,
    scheme_of,
    video_key,
    without_login,
)

YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Example.ORG:443/Path/", "https://example.org/Path"),
        ("http://example.org:80", "http://example.org/"),
        ("http://127.0.0.1:8080/a.mp4", "http://127.0.0.1:8080/a.mp4"),
        ("http://[::1]:8080/a.mp4", "http://[::1]:8080/a.mp4"),
        ("https://me:secret@example.org/a", "https://example.org/a"),
        ("https://example.org./a#part", "https://example.org/a"),
        ("https://example.org/#!/video/7", "https://example.org/#!/video/7"),
        ("https://example.org/app#/video/7", "https://example.org/app#/video/7"),
        ("https://example.org/a?b=2&utm_source=x&a=1&fbclid=y&gclid=z", "https://example.org/a?a=1&b=2"),
        ("https://example.org/a?feature=3&si=4", "https://example.org/a?feature=3&si=4"),
        ("https://open.spotify.com/episode/4?si=5", "https://open.spotify.com/episode/4"),
        ("https://www.youtube.com/playlist?list=PL1&si=5", "https://www.youtube.com/playlist?list=PL1"),
        ("https://example.org/%7euser/%c3%a9", "https://example.org/~user/%C3%A9"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=3", YOUTUBE),
        ("https://youtube.com/shorts/dQw4w9WgXcQ?feature=share", YOUTUBE),
        ("https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&list=PL1", YOUTUBE),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", YOUTUBE),
        ("http://www.youtube.com/live/dQw4w9WgXcQ/", YOUTUBE),
        ("https://www.youtube.com/@channel/videos", "https://www.youtube.com/@channel/videos"),
        ("https://mobile.twitter.com/Some_One/status/123?s=20", "https://x.com/some_one/status/123"),
        ("https://x.com/Some_One/status/123/video/1", "https://x.com/some_one/status/123"),
        ("https://m.facebook.com/someone/videos/title/123/?ref=x", "https://www.facebook.com/watch?v=123"),
        ("https://www.facebook.com/watch/?v=123&rdid=x", "https://www.facebook.com/watch?v=123"),
        ("https://instagram.com/some.one/reel/C1_x/?igsh=abc", "https://www.instagram.com/p/C1_x"),
        ("https://m.tiktok.com/@Some.one/video/123?lang=en", "https://www.tiktok.com/@some.one/video/123"),
        ("https://t.me/s/Channel/123?single", "https://t.me/channel/123"),
        ("https://player.vimeo.com/video/123", "https://vimeo.com/123"),
        ("https://player.vimeo.com/video/123?h=key", "https://player.vimeo.com/video/123?h=key"),
        ("https://web.archive.org/web/20190502000000/http://example.org/v", "https://web.archive.org/web/20190502000000/http://example.org/v"),
    ],
)  # fmt: skip
def test_one_page_has_one_address(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert same_page(url, canonical)


@pytest.mark.parametrize(
    "text", ["clip.mp4", "/tmp/a b.mp4", "file:///a", "http://", "http://h:x/"]
)
def test_what_is_no_address_stays_as_it_is(text: str) -> None:
    assert canonical_url(f" {text} ") == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/v", "https://www.example.org/v/"),
        ("https://x.com/i/status/123", "https://twitter.com/someone/status/123"),
    ],
)
def test_the_same_page_by_another_way_is_the_same(one: str, other: str) -> None:
    assert same_page(one, other)
    assert same_page(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (YOUTUBE, YOUTUBE[:-1] + "q"),
        ("https://example.org/v?id=1", "https://example.org/v?id=2"),
        ("https://example.org/v?si=1", "https://example.org/v?si=2"),
        (
            "https://www.youtube.com/embed/videoseries?list=PL1",
            "https://www.youtube.com/embed/videoseries?list=PL2",
        ),
        (
            "https://www.youtube.com/embed/live_stream?channel=UC1",
            "https://www.youtube.com/embed/live_stream?channel=UC2",
        ),
        ("https://example.org/V", "https://example.org/v"),
        ("https://example.org:8443/v", "https://example.org/v"),
        ("https://a.example.org/v", "https://b.example.org/v"),
        ("https://x.com/a/status/123", "https://x.com/a/status/124"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_other_pages_are_not_the_same(one: str, other: str) -> None:
    assert not same_page(one, other)


@pytest.mark.parametrize("url", ["HTTP://@", "http://user@:80/", "https://."])
def test_an_address_without_a_host_comes_back_as_it_is(url: str) -> None:
    assert canonical_url(url) == url


@given(st.text(max_size=40) | st.builds("https://{}".format, st.text(max_size=40)))
def test_a_canonical_address_is_its_own_and_any_text_has_one(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once
    assert is_url(once) == is_url(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://x.com/a/status/1/video/1", "https://x.com/a/status/1/video/2", False),
        ("https://x.com/a/status/1/video/2", "https://twitter.com/b/status/1/video/2?s=20", True),
        ("https://x.com/a/status/1", "https://x.com/b/status/1", True),
        ("https://t.me/a/1?single", "https://t.me/a/1", False),
        ("https://t.me/a/1?single=True", "https://t.me/a/1?single", True),
        (
            "https://www.instagram.com/p/A?img_index=1",
            "https://instagram.com/p/A?img_index=2",
            False,
        ),
        ("https://www.instagram.com/p/A?igsh=x", "https://instagram.com/reel/A", True),
        ("https://youtu.be/dQw4w9WgXcQ", "https://m.youtube.com/watch?v=dQw4w9WgXcQ", True),
        ("https://example.org/1/video/1", "https://example.org/1/video/2", False),
        ("https://example.org/top#video=/a/1", "https://example.org/top#video=/a/2", False),
        ("https://example.org/clips#p055bc55", "https://example.org/clips", False),
        ("https://example.org/v#t=1m30s", "http://www.example.org/v/", True),
        ("https://example.org/v#:~:text=word", "https://example.org/v#", True),
        ("https://youtu.be/dQw4w9WgXcQ#comments", "https://youtu.be/dQw4w9WgXcQ", True),
        ("https://example.org/#!/video/7", "https://example.org/#!/video/7", True),
    ],
)
def test_videos_of_one_page_are_told_apart(one: str, other: str, same: bool) -> None:
    assert (video_key(one) == video_key(other)) is same


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:p@ss@example.org:8443/a?b=c@d#e", "https://example.org:8443/a?b=c@d#e"),
        ("HTTP://me@example.org", "HTTP://example.org"),
        ("ftp://me:p@ss@example.org/a", "ftp://example.org/a"),
        ("https://example.org/@me/v", "https://example.org/@me/v"),
        ("https://example.org?to=me@x", "https://example.org?to=me@x"),
        ("folder/me@x.mp4", "folder/me@x.mp4"),
    ],
)
def test_a_login_is_taken_out_of_an_address_and_nothing_else(url: str, shown: str) -> None:
    assert without_login(url) == shown


@pytest.mark.parametrize(
    ("location", "answer"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org", True),
        ("http:a.mp4", False),
        ("ftp://example.org/a.mp4", False),
        ("file:///a.mp4", False),
        ("folder/https://x", False),
        ("-", False),
        ("", False),
    ],
)
def test_only_http_and_https_are_urls(location: str, answer: bool) -> None:
    assert is_url(location) is answer


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("https://", "https"),
        ("https:/example.org/a", "https"),
        ("HTTP://example.org", "http"),
        ("ftp://host/x", "ftp"),
        ("hxxps://example.org", "hxxps"),
        ("magnet:?xt=urn:btih:c12fe1", "magnet"),
        ("data:video/mp4;base64,AAAA", "data"),
        ("www.youtube.com/watch?v=dQw4w9WgXcQ", ""),
        ("youtu.be/dQw4w9WgXcQ", ""),
        ("//youtu.be/dQw4w9WgXcQ", ""),
        ("x.com:443/a/status/1", ""),
        ("127.0.0.1:8080/a.mp4", ""),
        ("приклад.укр?v=1", None),
        ("приклад.юа?v=1", ""),
        ("clip.mp4", None),
        ("clips/a.mp4", None),
        ("/clips/www.example.org/a.mp4", None),
        ("../x.org/a.mp4", None),
        ("2024.05/clip.mp4", None),
        ("C:/clips/a.mp4", None),
        ("C:\\clips\\a.mp4", None),
        ("Kyiv: the square.mp4", None),
        ("camera:1", None),
        ("-", None),
    ],
)
def test_what_is_written_like_an_address_is_told_from_a_path(text: str, scheme: str | None) -> None:
    assert scheme_of(text) == scheme


@given(st.text(max_size=40) | st.from_regex(r"\A(https?:)?/{0,2}[a-z.]{1,9}/?", fullmatch=True))
def test_what_can_be_fetched_is_written_like_an_address(text: str) -> None:
    assert scheme_of(text) in ("http", "https") or not is_url(text)


def test_what_is_a_file_here_is_no_address_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("youtu.be/dQw4w9WgXcQ", "ftp://host/x", "data:video.mp4"):
        assert is_address(name, tmp_path)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        assert not is_address(name, tmp_path)
    assert not is_address("youtu.be/gone.mp4", tmp_path)  # its folder is here
    assert is_address("https://example.org/a.mp4", tmp_path)
    assert is_address(f"data:video/mp4;base64,{'A' * 10_000}", tmp_path)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https:/me:secret@a.org/b", "https:/a.org/b"),
        ("https:me:secret@a.org/b", "https:a.org/b"),
        ("http:///me:secret@a.org/b", "http:///a.org/b"),
        ("https:\\\\me:secret@a.org", "https:\\\\a.org"),
        ("view-source:https://me:secret@a.org/b", "view-source:https://a.org/b"),
        ("blob:https://me:secret@a.org/b", "blob:https://a.org/b"),
        ("https://me:sec/ret@a.org/b", "https://a.org/b"),
        ("https://me:sec#r@et@a.org/b", "https://a.org/b"),
        ("https://me:sec\nret@a.org/b", "https://a.org/b"),
    ],
)
def test_a_password_is_not_shown_where_there_is_a_slip_in_the_address(
    address: str, shown: str
) -> None:
    assert without_login(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "https://a.org/@me",
        "https://a.org:8443/@me",
        "https://a.org:/@me",
        "https://a.org/b:c@me",
        "https://[2001:db8::1]:80/@me",
        "C:/me:x@home.mp4",
        "me:x@home.mp4",
    ],
)
def test_what_is_no_password_stays_in_an_address(address: str) -> None:
    assert without_login(address) == address
