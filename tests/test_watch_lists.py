"""Addresses and claims that lie in a watched folder as files."""

from __future__ import annotations

import json
import plistlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.models import Claim
from provenance.watch.claims import MOST_TABLE_BYTES, FolderClaims, claim_from, claim_text
from provenance.watch.lists import MOST_BYTES, read_list

CLIP = "https://example.org/clip"


def held(folder: Path, name: str, data: bytes | str) -> tuple[str, ...]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    found = read_list(path)
    assert found.error is None
    return found.addresses


def test_a_text_holds_one_address_a_line(tmp_path: Path) -> None:
    text = f"\ufeff# from Telegram\r\n{CLIP}/1 \r\n\r\n{CLIP}/2\r\n{CLIP}/1\r\n"
    for data in (text.encode(), text[1:].encode("utf-16")):
        assert held(tmp_path, "links.txt", data) == (f"{CLIP}/1", f"{CLIP}/2")


def test_words_behind_an_address_are_a_comment_or_wrong(tmp_path: Path) -> None:
    text = f"{CLIP}/1  # the second one\n\t# {CLIP}/no\n{CLIP}#t=3\n"
    assert held(tmp_path, "links.txt", text) == (f"{CLIP}/1", f"{CLIP}#t=3")
    for wrong in (f"{CLIP} {CLIP}", f"{CLIP} seen today", f"{CLIP}\0"):
        (tmp_path / "wrong.txt").write_text(f"{CLIP}/1\n{wrong}\n")
        found = read_list(tmp_path / "wrong.txt")
        assert found.addresses == (f"{CLIP}/1",)
        assert found.error
        assert "line 2" in found.error.message


def test_shortcuts_of_windows_and_macos_hold_an_address(tmp_path: Path) -> None:
    url = f"[{{000214A0}}]\r\nProp3=19,11\r\n[InternetShortcut]\r\nIDList=\r\nURL={CLIP}?a=1\r\n"
    assert held(tmp_path, "Clip.url", url) == (f"{CLIP}?a=1",)
    assert held(tmp_path, "Umlaut.URL", url.replace("19", "ü").encode("cp1252")) == (f"{CLIP}?a=1",)
    for kind in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        data = plistlib.dumps({"URL": CLIP}, fmt=kind)
        assert held(tmp_path, "Clip.webloc", data) == (CLIP,)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"\n# nothing\n", "holds no address"),
        (
            "a.txt",
            f"{CLIP}\nsee also\nand so on\n".encode(),
            "line 2: 'see also' is no address, and",
        ),
        ("a.txt", b"file:///etc/passwd\n", "line 1: 'file:///etc/passwd' is no address"),
        ("a.txt", b"ftp://host/x\n", "only http and https addresses are"),
        (
            "a.txt",
            b"\n\nyoutu.be/xyz\n",
            "line 3: 'youtu.be/xyz' is no address: https:// is missing",
        ),
        ("a.txt", b"\xff\xff\xff", "line 1: not UTF-8 text"),
        ("a.txt", b"x" * (MOST_BYTES + 1), "larger than"),
        ("a.url", b"[Else]\nURL=https://example.org\n", "holds no address"),
        ("a.url", b"[InternetShortcut]\nURL=javascript:alert(1)\n", "line 5"),
        ("a.webloc", b"<plist><dict><key>URL</key>", "no shortcut"),
        ("a.webloc", plistlib.dumps({"Url": CLIP}), "no shortcut"),
        ("a.webloc", plistlib.dumps({"URL": "mailto:a@b.org"}), "is no address"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_with_its_line(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    error = read_list(tmp_path / name).error
    assert error
    assert said.replace("line 5", "line 2") in error.message
    assert str(tmp_path / name) in error.message


def test_a_wrong_line_takes_no_address_from_the_list(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"first\n{CLIP}\n")
    found = read_list(tmp_path / "a.txt")
    assert found.addresses == (CLIP,)
    assert found.error


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.url", "a.webloc"]))
def test_no_bytes_break_the_reading_of_a_list(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    found = read_list(path)
    assert found.addresses or found.error


def write_claim(path: Path, **keys: str) -> None:
    path.write_text(json.dumps(keys))


def said(claims: FolderClaims, name: str, address: str = "") -> str | None:
    folder = claims._folder
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    found = claims.of(name, names, address)
    assert found.error is None
    claim = claim_from(found.text)
    return claim.text if claim else None


def test_the_claim_with_the_whole_name_comes_before_the_one_with_the_stem(tmp_path: Path) -> None:
    claims = FolderClaims(tmp_path)
    assert said(claims, "a.mp4") is None
    (tmp_path / "claims.csv").write_text("file,text\na.mp4,of the table\n")
    assert said(claims, "a.mp4") == "of the table"
    write_claim(tmp_path / "a.claim.json", text="of both")
    assert said(claims, "a.mp4") == "of both"
    write_claim(tmp_path / "a.mp4.claim.json", text="of the mp4")
    assert said(claims, "a.mp4") == "of the mp4"
    assert said(claims, "a.mov") == "of both"
    write_claim(tmp_path / "a.claim.json", text="of both, corrected")
    assert said(claims, "a.mov") == "of both, corrected"


def test_a_table_names_files_addresses_and_files_in_subfolders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "claims.csv").write_text(
        "source,text\nsub/a.mp4,in the inbox's\n./b.mp4,with a dot\n"
        f"{CLIP}?utm_source=x,an address\n"
    )
    claims = FolderClaims(tmp_path)
    assert said(claims, "sub/a.mp4") == "in the inbox's"
    assert said(claims, "b.mp4") == "with a dot"
    assert said(claims, "links.txt", CLIP) == "an address"
    assert said(claims, "links.txt", f"{CLIP}/other") is None
    write_claim(tmp_path / "links.claim.json", text="of the list")
    assert said(claims, "links.txt", CLIP) == "an address"
    assert said(claims, "links.txt", f"{CLIP}/other") == "of the list"
    (tmp_path / "sub" / "claims.csv").write_text("file,text\na.mp4,in its own folder's\n")
    assert said(claims, "sub/a.mp4") == "in its own folder's"


@pytest.mark.parametrize("table", ["claims.csv", "Claims.csv", "CLAIMS.CSV"])
def test_a_table_may_name_a_file_from_the_root_and_write_its_accents_otherwise(
    tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox").mkdir()
    rows = f"file,text\n{tmp_path}/inbox/a.mp4,from the root\ncafé.mp4,with an accent\n"
    (tmp_path / "inbox" / table).write_text(unicodedata.normalize("NFC", rows))
    monkeypatch.chdir(tmp_path)
    claims = FolderClaims(Path("inbox"))
    assert said(claims, "a.mp4") == "from the root"
    assert said(claims, unicodedata.normalize("NFD", "café.mp4")) == "with an accent"


def test_a_table_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "claims.csv").open("wb") as file:
        file.truncate(MOST_TABLE_BYTES + 1)
    error = FolderClaims(tmp_path).of("a.mp4", {"claims.csv"}).error
    assert error
    assert "larger than" in error.message


def test_a_claim_that_cannot_be_read_is_an_error_and_not_no_claim(tmp_path: Path) -> None:
    claims = FolderClaims(tmp_path)
    (tmp_path / "a.claim.json").write_text('{"date": "soon"}')
    (tmp_path / "claims.csv").write_text("who,what\n")
    names = {"a.claim.json", "claims.csv"}
    for name, file in (("a.mp4", "a.claim.json"), ("b.mp4", "claims.csv")):
        found = claims.of(name, names)
        assert found.error
        assert file in found.error.message
        assert found.text


dates = st.sampled_from(
    ["2024", "2024-10", "2024-10-29", "2024-10-29T08:30:00+05:45", "2024-10-29T08:30:00Z"]
)
words = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))


@given(words, words, dates, words, st.one_of(st.none(), dates))
def test_a_claim_is_the_same_after_it_was_kept_as_text(
    text: str | None, place: str | None, date: str, url: str | None, published: str | None
) -> None:
    claim = Claim(text, date=date, place=place, url=url, published=published)
    assert claim_from(claim_text(claim)) == claim


@pytest.mark.parametrize(
    "line",
    [
        "ftp://me:secret@example.org/clip",
        "view-source:https://me:secret@example.org/clip",
        "https:/me:secret@example.org/clip",
        "me:secret@example.org/clip",
        "https://me:secret@example.org/clip seen today",
        "seen at https://me:secret@example.org/clip",
    ],
)
def test_what_is_wrong_in_a_list_is_told_without_its_password(tmp_path: Path, line: str) -> None:
    (tmp_path / "links.txt").write_text(line)
    found = read_list(tmp_path / "links.txt")
    assert found.addresses == ()
    assert found.error and "example.org/clip" in found.error.message
    assert "secret" not in found.error.message
