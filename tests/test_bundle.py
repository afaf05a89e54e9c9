"""Evidence bundles: written whole or not at all, and nothing in them can change unseen."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import report_factory as factory
from command_line import call, make_clip
from PIL import Image
from stamp_server import Authority, serve
from web import Web

from provenance.bundle import layout, verify_bundle, write_bundle
from provenance.bundle.stamps import StampError, request_stamp
from provenance.errors import MissingMediaError, UnreadableMediaError, UsageError
from provenance.models import Evidence, EvidenceFrame
from provenance.settings import Settings

FRAME = EvidenceFrame(0, 0, 3.12, 44.1, b"\x89PNG" + bytes(5000))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of a sample report with one frame."""
    evidence = Evidence((FRAME,), {"title": "Queue", "published": "2024-10-30"})
    report = replace(factory.earlier_appearance(), evidence=evidence)
    return write_bundle(report, tmp_path / "bundle.zip", Settings()).path


def failures(path: Path, **options: object) -> list[str]:
    found = verify_bundle(path, **options)  # type: ignore[arg-type]
    assert found.sound == (not any(finding.status == "fail" for finding in found.findings))
    return [finding.text for finding in found.findings if finding.status == "fail"]


def rewritten(
    path: Path, change: Callable[[dict[str, bytes]], None], packing: int = zipfile.ZIP_STORED
) -> Path:
    """The bundle with its files changed, packed anew."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_bundle_that_was_just_written_is_sound(bundle: Path) -> None:
    assert failures(bundle) == []
    with zipfile.ZipFile(bundle) as archive:
        manifest = json.loads(archive.read(layout.MANIFEST))
        assert archive.namelist() == [
            *(layout.MANIFEST, layout.REPORT, layout.PAGE, layout.DOWNLOAD),
            "frames/m1-s1-0h00m03.120s.png",
        ]
    assert manifest["source"]["sha256"] == factory.source().sha256
    assert {"provenance", "python", "numpy", "ffmpeg"} <= set(manifest["tools"])
    assert manifest["archive"]["version"] >= 4


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.pop(layout.PAGE), "report.html is missing."),
        (lambda files: files.update({"extra.txt": b"x"}), "extra.txt was added"),
        (
            lambda files: files.update({layout.DOWNLOAD: files[layout.DOWNLOAD] + b" "}),
            "download.json was changed",
        ),
        (lambda files: files.update({layout.REPORT: b"{}"}), "report.json was changed"),
        (lambda files: files.pop(layout.MANIFEST), "manifest.json is missing"),
        (lambda files: files.update({layout.MANIFEST: b"[" * 9999}), "not that of a bundle"),
        (
            lambda files: files.update({layout.MANIFEST: b'{"schema": "x", "files": 3}'}),
            "not that of a bundle",
        ),
    ],
)
def test_missing_changed_and_added_files_are_named(
    bundle: Path, change: Callable[[dict[str, bytes]], None], told: str
) -> None:
    assert any(told in text for text in failures(rewritten(bundle, change)))


def test_every_changed_byte_of_the_content_is_found(bundle: Path) -> None:
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        places = [entry.header_offset + 80 for entry in archive.infolist()]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1
        bundle.write_bytes(changed)
        with contextlib.suppress(UnreadableMediaError):
            assert failures(bundle) != []


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_is_told_however_another_program_packed_the_bundle(
    bundle: Path, packing: int
) -> None:
    whole = rewritten(bundle, lambda files: None, packing).read_bytes()
    assert failures(bundle) == []
    with zipfile.ZipFile(bundle) as archive:
        first = archive.infolist()[0]
    start = first.header_offset + 30 + len(first.filename)
    # In front stands how the data is packed, and not all of that changes what comes out of it.
    for place in range(start + 20, start + first.compress_size - 10, 7):
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        bundle.write_bytes(changed)
        assert failures(bundle) != []


def entry(name: str, *, mode: int = 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/passwd", "a\\b.txt", "frames/../../x", "C:/x", "x\nfail", ".x"]
)
def test_names_that_leave_the_folder_are_refused(bundle: Path, name: str) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(entry(name), b"x")
    (told,) = failures(bundle)
    assert told.startswith("Refused, and not read: it has a file with a name")


def test_links_doubles_and_bombs_are_refused_unread(tmp_path: Path, bundle: Path) -> None:
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(entry("link", mode=0o120777), b"/etc/passwd")
    assert "link is a link" in failures(bundle)[0]

    bundle.write_bytes(whole)
    with zipfile.ZipFile(bundle, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(layout.REPORT, b"{}")
    assert "two files of the name report.json" in failures(bundle)[0]

    bundle.write_bytes(whole)
    with zipfile.ZipFile(bundle, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(20 * layout.SMALL))
    assert "bomb.txt would unpack to" in failures(bundle)[0]

    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(layout.MOST_FILES + 1):
            archive.writestr(f"{number}.txt", b"")
    assert "at most" in failures(many)[0]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip file" * 100])
def test_what_is_no_zip_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(UnreadableMediaError):
        verify_bundle(path)
    with pytest.raises(MissingMediaError):
        verify_bundle(tmp_path / "none.zip")
    done = call("verify-bundle", path)
    assert (done.code, "is no bundle" in done.err) == (4, True)


def test_evidence_is_never_overwritten_and_never_half_there(bundle: Path) -> None:
    before = bundle.read_bytes()
    report = replace(factory.no_match(), evidence=Evidence())
    with pytest.raises(UsageError, match="there already"):
        write_bundle(report, bundle, Settings())
    assert bundle.read_bytes() == before
    with pytest.raises(UsageError, match="no folder"):
        write_bundle(report, bundle.parent / "no" / "b.zip", Settings())
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle.zip"]


def test_the_source_itself_can_be_held_against_the_bundle(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"moving pictures")
    report = factory.earlier_appearance()
    source = replace(report.source, sha256=hashlib.sha256(clip.read_bytes()).hexdigest())
    bundle = tmp_path / "bundle.zip"
    write_bundle(replace(report, source=source, evidence=Evidence()), bundle, Settings())
    assert failures(bundle, source=clip) == []
    clip.write_bytes(b"moving pictures!")
    assert failures(bundle, source=clip) == [f"{clip} is not the file that was checked."]
    assert "cannot be read" in failures(bundle, source=tmp_path / "none")[0]


def stamped(tmp_path: Path, url: str) -> tuple[Path, StampError | None]:
    report = replace(factory.no_match(), evidence=Evidence())
    done = write_bundle(report, tmp_path / "stamped.zip", Settings(), url)
    return done.path, done.stamp_error


def test_a_time_stamp_holds_for_its_bundle_and_for_whom_its_signer_is_trusted(
    tmp_path: Path, web: Web
) -> None:
    authority = Authority()
    path, error = stamped(tmp_path, serve(web, authority))
    assert error is None
    told = [(finding.status, finding.text) for finding in verify_bundle(path).findings]
    assert told[-1][0] == "warn"
    assert told[-1][1].startswith("Time stamp: 3 November 2024, 12:30 UTC, by CN=Test stamps;")

    roots = Settings(timestamp_roots=str(authority.write_root(tmp_path / "roots.pem")))
    last = verify_bundle(path, roots).findings[-1]
    assert (last.status, last.text) == (
        "ok",
        "Time stamp: 3 November 2024, 12:30 UTC, by CN=Test stamps, who is trusted.",
    )
    other = Settings(timestamp_roots=str(Authority("Others").write_root(tmp_path / "other.pem")))
    assert failures(path, settings=other)[0].startswith("The time stamp does not hold")

    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[layout.MANIFEST])
        manifest["checked_at"] = "2020-01-01"
        files[layout.MANIFEST] = json.dumps(manifest).encode()

    assert failures(rewritten(path, change)) == [
        "The time stamp does not hold: it is about something else."
    ]


def test_a_signature_that_was_touched_does_not_hold(tmp_path: Path, web: Web) -> None:
    path, _ = stamped(tmp_path, serve(web, Authority()))

    def change(files: dict[str, bytes]) -> None:
        token = bytearray(files[layout.STAMP])
        token[-5] ^= 1
        files[layout.STAMP] = bytes(token)

    assert failures(rewritten(path, change))[0].startswith("The time stamp does not hold")
    assert failures(rewritten(path, lambda files: files.update({layout.STAMP: b"0"}))) != []


@pytest.mark.parametrize(
    "wrong", [{"about": bytes(32)}, {"nonce": 5}], ids=["another digest", "another request"]
)
def test_an_answer_to_something_else_is_not_taken(
    tmp_path: Path, web: Web, wrong: dict[str, object]
) -> None:
    with pytest.raises(StampError, match="does not hold"):
        request_stamp(b"manifest", serve(web, Authority(), **wrong), Settings())


def test_without_a_time_stamp_the_bundle_is_written_all_the_same(tmp_path: Path, web: Web) -> None:
    path, error = stamped(tmp_path, web.status("/gone", 500))
    assert error and "No time stamp came from" in error.message
    assert failures(path) == []
    for url in ("ftp://x", web.file("/text.txt", b"hello")):
        with pytest.raises(StampError):
            request_stamp(b"manifest", url, Settings())


def test_a_check_writes_its_evidence_and_another_desk_verifies_it(tmp_path: Path, web: Web) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=4)
    archive = ("--archive", tmp_path / "archive")
    assert call("add", clip, "--published", "2019-05-02", *archive).code == 0
    bundle = tmp_path / "evidence.zip"
    url = serve(web, Authority())
    done = call("check", clip, "--bundle", bundle, "--timestamp-url", url, "--json", *archive)
    assert done.code == 0
    assert done.json["matches"][0]["accepted"]
    verified = call("verify-bundle", bundle, "--source", clip, "--json")
    assert verified.code == 0
    assert verified.json["manifest_sha256"] in done.err
    with zipfile.ZipFile(bundle) as files:
        frames = [name for name in files.namelist() if name.startswith("frames/")]
        picture = Image.open(io.BytesIO(files.read(frames[0])))
        assert json.loads(files.read(layout.REPORT))["source"] == done.json["source"]
    assert len(frames) == 3
    assert (picture.format, picture.size) == ("PNG", (160, 120))

    again = call("check", clip, "--bundle", bundle, *archive)
    assert (again.code, "not overwritten" in again.err) == (2, True)
    rewritten(bundle, lambda files: files.update({frames[0]: b"other"}))
    broken = call("verify-bundle", bundle)
    assert broken.code == 12
    assert f"fail  {frames[0]} was changed or is damaged." in broken.out
    assert "cannot be relied on" in broken.out


def test_a_bundle_is_for_one_source_that_can_be_checked(tmp_path: Path) -> None:
    archive = ("--archive", tmp_path / "archive")
    bundle = tmp_path / "b.zip"
    assert call("check", "a.mp4", "b.mp4", "--bundle", bundle, *archive).code == 2
    assert call("check", "a.mp4", "--timestamp-url", "http://127.0.0.1:9", *archive).code == 2
    call("add", make_clip(tmp_path / "clip.mp4"), *archive)
    assert call("check", tmp_path / "none.mp4", "--bundle", bundle, *archive).code == 4
    assert not bundle.exists()
