"""Claims: from a file, from options, and what a broken claim file is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import call

from provenance.claims.given import (
    MAX_CLAIM_BYTES,
    claim_interval,
    filled_up,
    merge_claim,
    read_claim_file,
)
from provenance.dates import When
from provenance.errors import UsageError
from provenance.models import Claim


def write(folder: Path, content: object) -> Path:
    path = folder / "claim.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path


def test_a_claim_file_gives_all_its_fields(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "text": "Солдаты получают форму",
            "date": "2024-10-29",
            "date_end": "2024-11",
            "place": "Russia",
            "url": "https://example.org/post",
        },
    )
    assert read_claim_file(path) == Claim(
        "Солдаты получают форму",
        date="2024-10-29",
        date_end="2024-11",
        place="Russia",
        url="https://example.org/post",
    )


def test_unknown_keys_nulls_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    record = {"text": "x", "date": None, "place": "", "rating": 3, "tags": ["a"]}
    path = write(tmp_path, b"\xef\xbb\xbf" + json.dumps(record).encode())
    assert read_claim_file(str(path)) == Claim("x")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"text": "x",\n "date": 2024-10-29}', "line 2"),
        ("", "line 1"),
        (b'{"text": "\n\xff"}', "line 2: not UTF-8"),
        ('["2024"]', "not a JSON object but a list"),
        ("null", "not a JSON object but null"),
        ("[" * 100_000, "not a claim"),
        ('{"date": ' + "9" * 5000 + "}", "not a claim"),
        ({"date": 2024}, '"date" is not a text but a number: 2024'),
        ({"place": ["Kherson"]}, '"place" is not a text but a list'),
        ({"text": {"en": "x"}}, '"text" is not a text but an object'),
        ({"url": False}, '"url" is not a text but a truth value'),
        ({"date": "yesterday"}, "\"date\": 'yesterday' is not a date"),
        ({"date": "2024-10-29", "date_end": "2024-02-30"}, "\"date_end\": '2024-02-30'"),
        ({"date": "2024-10-29", "date_end": "2024-10-01"}, "before it begins"),
        ({"date_end": "2024-10-01"}, "no date"),
        (b"x" * (MAX_CLAIM_BYTES + 1), "larger than"),
    ],
)
def test_a_broken_claim_file_is_a_usage_error_that_names_file_and_place(
    tmp_path: Path, content: object, named: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_claim_file(path)
    assert str(path) in caught.value.message
    assert named in caught.value.message
    assert caught.value.exit_code == 2


def test_a_number_for_a_date_is_told_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_claim_file(write(tmp_path, {"date": 2024}))
    assert '"date": "2024"' in caught.value.hint


@pytest.mark.parametrize("name", ["missing.json", ".", "nul\0byte.json"])
def test_what_is_no_readable_file_is_a_usage_error_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(UsageError) as caught:
        read_claim_file(path)
    assert str(path) in caught.value.message


def test_options_overrule_the_file_and_keep_the_rest() -> None:
    base = Claim("of the file", date="2024-10-29", place="Russia")
    merged = merge_claim(base, text="of the call", date="2024", url="https://example.org")
    assert merged == Claim("of the call", date="2024", place="Russia", url="https://example.org")
    assert base.text == "of the file"


def test_a_new_date_does_not_inherit_the_end_of_the_old_one() -> None:
    base = Claim(date="2020-01-01", date_end="2020-02-01")
    assert merge_claim(base, date="2024-10-29") == Claim(date="2024-10-29")
    assert merge_claim(base, date_end="2020-03") == Claim(date="2020-01-01", date_end="2020-03")
    assert merge_claim(base, place="Russia") == Claim(
        date="2020-01-01", date_end="2020-02-01", place="Russia"
    )


def test_nothing_claimed_is_no_claim() -> None:
    assert merge_claim(None) is None
    assert merge_claim(Claim()) is None
    assert merge_claim(None, text="") is None


def test_an_impossible_option_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not a date"):
        merge_claim(None, date="29.10.2024")
    with pytest.raises(UsageError, match="before it begins"):
        merge_claim(Claim(date="2024-10-29"), date_end="2024-10-28")


def test_the_interval_of_a_claim_is_its_dates() -> None:
    day, month = When.parse("2024-10-29"), When.parse("2024-11")
    assert claim_interval(None) is None
    assert claim_interval(Claim("no date")) is None
    assert claim_interval(Claim(date=day)) == (day, day)
    assert claim_interval(Claim(date=day, date_end=month)) == (day, month)


def test_a_claim_file_tells_when_the_claim_was_made(tmp_path: Path) -> None:
    file = tmp_path / "claim.json"
    file.write_text('{"text": "Flood yesterday", "published": "2024-10-30T07:12:00Z"}')
    claim = read_claim_file(file)
    assert claim.published == When.parse("2024-10-30T07:12:00Z")
    merged = merge_claim(claim, published="2024-11-01")
    assert merged
    assert merged.published == When.parse("2024-11-01")
    file.write_text('{"text": "Flood yesterday", "published": "soon"}')
    with pytest.raises(UsageError, match="\"published\": 'soon' is not a date"):
        read_claim_file(file)


def test_two_dates_with_a_slash_are_a_span_of_time(tmp_path: Path) -> None:
    words = ("check", tmp_path / "none.mp4", "--json", "--archive", tmp_path / "archive")
    assert call(*words, "--claim-date", "2024-10-01/soon").code == 2
    assert call(*words, "--claim-date", "2024-10-29/2024-10-01").code == 2


def test_what_a_claim_leaves_open_is_taken_from_another() -> None:
    row = Claim("Flood", date="2024-10-29")
    rest = Claim("War", date="2020", date_end="2021", place="Sumy", url="https://e.org/1")
    assert filled_up(row, rest) == Claim(
        "Flood", date="2024-10-29", place="Sumy", url="https://e.org/1"
    )
    assert filled_up(Claim("Flood"), rest) == Claim(
        "Flood", date="2020", date_end="2021", place="Sumy", url="https://e.org/1"
    )
    assert filled_up(None, rest) == rest
    assert filled_up(row, None) == row
    assert filled_up(None, None) is None
