"""What is taken from yt-dlp's info, from a sidecar, and from the address of a web archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.download import (
    PlatformFacts,
    archived_capture,
    facts_from_info,
    facts_from_sidecar,
)
from provenance.download.facts import INFO_FIELDS
from provenance.errors import UsageError

MOMENT = 1556791872  # 2019-05-02T10:11:12Z
MIDNIGHT = 1556755200  # 2019-05-02T00:00:00Z
SITE: dict[str, Any] = {
    "extractor_key": "Youtube",
    "webpage_url": "https://www.youtube.com/watch?v=x",
}


# Dates and what they rest on


def test_a_sites_own_timestamp_is_its_publication_to_the_second() -> None:
    facts = facts_from_info({**SITE, "timestamp": MOMENT, "upload_date": "20190502"})
    assert facts.published is not None
    assert (facts.published.value, facts.published.precision) == ("2019-05-02T10:11:12Z", "second")
    assert facts.basis == "platform"
    assert facts.platform == "Youtube"
    assert facts.last_modified is None


def test_an_upload_date_alone_is_a_day_in_utc() -> None:
    published = facts_from_info({**SITE, "upload_date": "20190502"}).published
    assert published is not None
    assert (published.value, published.precision, published.zone) == ("2019-05-02", "day", "Z")


def test_a_timestamp_of_midnight_to_the_second_is_a_day() -> None:
    published = facts_from_info({**SITE, "timestamp": MIDNIGHT}).published
    assert published is not None
    assert (published.value, published.precision) == ("2019-05-02", "day")


def test_a_premiere_is_published_when_it_is_shown_and_not_when_it_is_uploaded() -> None:
    later = MOMENT + 86400
    info = {**SITE, "timestamp": MOMENT, "release_timestamp": later}
    published = facts_from_info(info).published
    assert published is not None and published.value == "2019-05-03T10:11:12Z"


@pytest.mark.parametrize("key", ["Generic", "generic", "HTML5MediaEmbed", "QuotedHTML"])
def test_the_timestamp_of_a_generic_extractor_is_last_modified_and_never_published(
    key: str,
) -> None:
    info = {**SITE, "extractor_key": key, "timestamp": MOMENT, "upload_date": "20190502"}
    facts = facts_from_info(info)
    assert facts.published is None and facts.basis is None and facts.platform is None
    assert facts.last_modified is not None and facts.last_modified.value == "2019-05-02T10:11:12Z"


def test_without_an_extractors_name_nobody_vouches_for_a_date() -> None:
    facts = facts_from_info({"timestamp": MOMENT, "upload_date": "20190502", "title": "t"})
    assert facts.published is None and facts.last_modified is None
    assert facts.title == "t"


@pytest.mark.parametrize(
    "timestamp", [0, -1, 1e300, float("nan"), float("inf"), True, "1556791872"]
)
def test_a_timestamp_that_is_none_is_not_a_date(timestamp: object) -> None:
    assert facts_from_info({**SITE, "timestamp": timestamp}).published is None


@pytest.mark.parametrize(
    "day", ["20190231", "2019-05-02", "", "19700101", "２０１９０５０２", 20190502]
)
def test_an_upload_date_that_is_none_is_not_a_date(day: object) -> None:
    assert facts_from_info({**SITE, "upload_date": day}).published is None


def test_a_page_of_a_web_archive_has_the_time_of_its_capture() -> None:
    facts = facts_from_info(
        {
            "extractor_key": "Generic",
            "timestamp": MOMENT,
            "webpage_url": "https://web.archive.org/web/20200102030405/https://example.org/v",
        }
    )
    assert facts.published is not None and facts.published.value == "2020-01-02T03:04:05Z"
    assert facts.basis == "archived"
    assert facts.url == "https://example.org/v"


def test_what_a_sites_extractor_read_from_an_archived_page_is_stronger_than_the_capture() -> None:
    facts = facts_from_info(
        {
            "extractor_key": "YoutubeWebArchive",
            "upload_date": "20150102",
            "webpage_url": "https://web.archive.org/web/20200102030405/https://www.youtube.com/watch?v=x",
        }
    )
    assert facts.published is not None and facts.published.value == "2015-01-02"
    assert facts.basis == "platform"


# Texts


def test_texts_lose_what_would_steer_a_terminal_and_what_no_file_can_hold() -> None:
    facts = facts_from_info(
        {**SITE, "title": " a\x1b[31mb\x00c\x9bd\ud800 ", "description": "one\ntwo\r"}
    )
    assert facts.title == "a [31mb c d?"
    assert facts.description == "one\ntwo"


def test_the_channel_stands_in_for_an_uploader() -> None:
    assert facts_from_info({**SITE, "uploader": None, "channel": "News"}).uploader == "News"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://me:secret@example.org:8443/v?a=b", "https://example.org:8443/v?a=b"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("http://[::1", None),
    ],
)
def test_only_web_addresses_are_kept_and_passwords_are_not(address: str, url: str | None) -> None:
    assert facts_from_info({**SITE, "webpage_url": address}).url == url


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(INFO_FIELDS), odd))
def test_odd_types_never_raise(info: dict[str, Any]) -> None:
    facts = facts_from_info(info)
    assert (facts.published is None) == (facts.basis is None)


# Sidecars


def beside(folder: Path, content: str | bytes) -> Path:
    media = folder / "my.clip.mp4"
    sidecar = folder / "my.clip.info.json"
    sidecar.write_bytes(content if isinstance(content, bytes) else content.encode())
    return media


def test_a_sidecar_follows_the_rules_of_a_download(tmp_path: Path) -> None:
    info = {**SITE, "timestamp": MOMENT, "title": "T", "duration": 12.5}
    assert facts_from_sidecar(beside(tmp_path, json.dumps(info))) == facts_from_info(info)
    generic = {**info, "extractor_key": "Generic"}
    facts = facts_from_sidecar(beside(tmp_path, json.dumps(generic)))
    assert facts is not None and facts.published is None and facts.last_modified is not None


def test_a_file_without_a_sidecar_has_no_facts(tmp_path: Path) -> None:
    assert facts_from_sidecar(tmp_path / "a.mp4") is None
    assert facts_from_sidecar(tmp_path / f"{'a' * 251}.mp4") is None  # nor can it have one


@pytest.mark.parametrize(
    "content",
    ["{", "", "[]", "null", b"\xff\xfe\x00", "[" * 100_000],
    ids=["cut", "empty", "list", "null", "bytes", "deep"],
)
def test_a_sidecar_that_cannot_be_read_is_named(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(UsageError, match=r"my\.clip\.info\.json") as caught:
        facts_from_sidecar(beside(tmp_path, content))
    assert caught.value.hint


def test_a_sidecar_of_wrong_types_says_nothing(tmp_path: Path) -> None:
    info = {name: {"a": [1]} for name in INFO_FIELDS}
    assert facts_from_sidecar(beside(tmp_path, json.dumps(info))) == PlatformFacts()


# Web archives


@pytest.mark.parametrize(
    ("url", "original"),
    [
        ("https://web.archive.org/web/20190502101112/https://example.org/v?a=b#c", "https://example.org/v?a=b#c"),
        ("http://web.archive.org/web/20190502101112id_/http://example.org/a.mp4", "http://example.org/a.mp4"),
        ("https://web.archive.org/web/20190502101112*/http://example.org/", "http://example.org/"),
        ("web.archive.org/web/20190502101112if_/example.org/v", "http://example.org/v"),
        ("https://web.archive.org/web/20190502101112/http:/example.org/v", "http://example.org/v"),
        ("https://archive.org/web/20190502101112/https://example.org/v", "https://example.org/v"),
        ("https://archive.ph/20190502101112/https://example.org/v", "https://example.org/v"),
        ("https://archive.is/2019.05.02-101112/https://example.org/v", "https://example.org/v"),
        ("https://archive.today/20190502101112/https://example.org/v", "https://example.org/v"),
        ("https://arquivo.pt/wayback/20190502101112/https://example.org/v", "https://example.org/v"),
        ("https://wayback.archive-it.org/1068/20190502101112/https://example.org/v", "https://example.org/v"),
    ],
)  # fmt: skip
def test_a_capture_gives_its_original_address_and_its_time(url: str, original: str) -> None:
    capture = archived_capture(url)
    assert capture is not None
    assert capture[0] == original
    assert (capture[1].value, capture[1].precision) == ("2019-05-02T10:11:12Z", "second")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/web/20190502101112/https://example.org/v",
        "https://web.archive.org.evil.example/web/20190502101112/https://example.org/v",
        "https://example.org/?u=https://web.archive.org/web/20190502101112/https://example.org/v",
        "https://web.archive.org/web/2019/https://example.org/v",
        "https://web.archive.org/web/20190502/https://example.org/v",
        "https://web.archive.org/web/20190231101112/https://example.org/v",
        "https://web.archive.org/web/10010502101112/https://example.org/v",
        "https://web.archive.org/web/20190502101112/",
        "https://web.archive.org/web/20190502101112/file:///etc/passwd",
        "https://web.archive.org/web/*/https://example.org/v",
        "https://archive.org/details/some-film",
        "https://archive.ph/AbCdE",
        "",
    ],
)
def test_what_is_not_one_capture_gives_no_time(url: str) -> None:
    assert archived_capture(url) is None
