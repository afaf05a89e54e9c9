"""`provenance doctor`: what is installed, which ffmpeg is used, whether the archive is sound."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from command_line import ROOT, Called, call, make_clip

from provenance.doctor import DEPENDENCIES, Diagnosis, examine
from provenance.process import find_ffmpeg
from provenance.settings import Settings


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    clip = make_clip(tmp_path / "clip.mp4", "mandelbrot")
    assert call("add", clip, "--archive", folder).code == 0
    return folder


def lines_of(called: Called, status: str) -> list[str]:
    return [line for line in called.out.splitlines() if line.startswith(status)]


def named(diagnoses: list[Diagnosis], name: str) -> Diagnosis:
    return next(diagnosis for diagnosis in diagnoses if diagnosis.name == name)


def test_a_sound_archive_is_exit_code_0(archive: Path) -> None:
    called = call("doctor", "--archive", archive)
    assert (called.code, called.err) == (0, "")
    assert not lines_of(called, "fail")
    assert any("sound, 1 piece of footage" in line for line in lines_of(called, "ok"))
    assert any(find_ffmpeg() in line for line in lines_of(called, "ok"))


def test_no_archive_yet_is_no_problem(tmp_path: Path) -> None:
    called = call("doctor", "--json", "--archive", tmp_path / "nowhere")
    assert called.code == 0
    assert "none yet" in called.json[-1]["text"]
    assert not (tmp_path / "nowhere").exists()


def test_a_damaged_index_is_told_and_repaired(archive: Path) -> None:
    (file,) = (archive / "index").glob("*.lists")
    file.write_bytes(b"garbage")
    called = call("doctor", "--archive", archive)
    assert called.code == 5
    assert lines_of(called, "fail")
    assert "doctor --repair" in called.out
    repaired = call("doctor", "--repair", "--archive", archive)
    assert repaired.code == 0
    assert any(line.split()[1] == "repair" for line in lines_of(repaired, "ok"))
    assert call("doctor", "--archive", archive).code == 0


def test_a_damaged_catalogue_is_told_with_exit_code_5(archive: Path) -> None:
    for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (archive / name).unlink(missing_ok=True)
    (archive / "catalogue.sqlite").write_bytes(b"garbage" * 1000)
    for words in (["doctor"], ["doctor", "--repair"]):
        called = call(*words, "--archive", archive)
        assert called.code == 5
        assert lines_of(called, "fail")
        assert "Traceback" not in called.err
    assert "backup" in called.out
    assert "doctor --repair" not in called.out  # that is what was just done


def test_a_missing_ffmpeg_is_a_warning_with_advice(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_FFMPEG", "no-such-ffmpeg")
    called = call("doctor", "--archive", archive)
    assert called.code == 0
    assert any("no-such-ffmpeg" in line for line in lines_of(called, "warn"))
    assert "Nothing can be decoded" in called.out


def test_another_program_in_the_place_of_ffmpeg_is_noticed(tmp_path: Path) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    found = list(examine(Settings(ffmpeg=str(fake), archive=str(tmp_path / "a"))))
    assert named(found, "ffmpeg").status == "warn"
    assert "does not answer as ffmpeg" in named(found, "ffmpeg").text


def test_where_ffmpeg_comes_from_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(archive=str(tmp_path / "a"))
    by_setting = Settings(ffmpeg=find_ffmpeg(), archive=str(tmp_path / "a"))
    assert "named in the settings" in named(list(examine(by_setting)), "ffmpeg").text
    monkeypatch.setenv("PATH", str(tmp_path))
    found = list(examine(settings))
    assert "imageio-ffmpeg wheel" in named(found, "ffmpeg").text
    assert named(found, "JavaScript").status in ("ok", "warn")


def test_a_decoder_that_is_missing_is_told(tmp_path: Path) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        '-version) echo "ffmpeg version 9.9 Copyright";;\n'
        '-decoders) echo " V....D hevc  HEVC"; echo " V....D av1  needs a graphics card";;\n'
        '-muxers) echo "  E mp4  MP4";;\n'
        "esac\n"
    )
    fake.chmod(0o755)
    found = list(examine(Settings(ffmpeg=str(fake), archive=str(tmp_path / "a"))))
    assert named(found, "ffmpeg").text.startswith("9.9, ")
    assert named(found, "HEVC decoder").status == "ok"
    for missing in ("AV1 decoder", "VP9 decoder", "chromaprint"):
        assert named(found, missing).status == "warn"
        assert named(found, missing).advice


def test_every_declared_dependency_is_looked_at() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    lines = config["options"]["install_requires"].splitlines()
    declared = {
        re.split(r"[\[<>=!~; ]", line)[0].lower()
        for line in lines
        if line.strip() and not line.startswith("#")
    }
    assert set(DEPENDENCIES) == declared
