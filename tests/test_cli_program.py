"""The program as a whole: help, global options, errors in words, exit codes, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, call, make_clip, on_terminal, start
from web import web_server

from provenance import __version__
from provenance.cli._program import COMMANDS, program
from provenance.settings import Settings

HEAVY = {
    *("av", "cv2", "faiss", "ffmpeg", "imagehash", "jinja2", "jsonschema", "numpy", "PIL", "rich"),
    "yt_dlp",
}


def test_help_loads_no_heavy_library_and_no_command() -> None:
    code = (
        "import sys; from provenance.cli import run; assert run(['--help']) == 0; "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split())
    assert not loaded & HEAVY
    assert not {f"provenance.cli.{name}" for name in COMMANDS} & loaded
    assert "provenance.archive" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_loads_no_heavy_library(name: str) -> None:
    code = (
        f"import sys; from provenance.cli import run; assert run([{name!r}, '-h']) == 0; "
        f"sys.exit(', '.join(set(sys.modules) & {HEAVY!r}) or None)"
    )
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_description_in_the_help_is_the_commands_own(name: str) -> None:
    command = program.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.name == name
    assert command.short_help == COMMANDS[name]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_and_version_work_before_and_behind_every_command(name: str) -> None:
    words = [name] if name else []
    for option in ("-h", "--help"):
        called = call(*words, option)
        assert (called.code, called.err) == (0, "")
        assert called.out.startswith(f"Usage: {' '.join(['provenance', *words])}")
    for arguments in (
        ["-v", *words, "--version"],
        ["--version", *words],
        [*words, "-v", "--version"],
    ):
        called = call(*arguments)
        assert (called.code, called.out) == (0, f"provenance {__version__}\n")


def test_python_m_provenance_is_the_same_program() -> None:
    done = _python("-m", "provenance", "--version")
    assert (done.returncode, done.stdout) == (0, f"provenance {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing command"),
        (["no-such-command"], "No such command"),
        (["check"], "Missing argument"),
        (["check", "a.mp4", "--no-such-option"], "--no-such-option"),
        (["check", "a.mp4", "--format", "pdf"], "pdf"),
        (["show", "three"], "three"),
        (["show", "0"], "0"),
        (["show", str(2**63)], str(2**63)),
        (["reject", "1", "abc"], "abc"),
        (["list", "--archive", ""], "--archive is empty"),
        (["list", "--archive", "https://example.org/archive"], "is an address"),
        (
            ["check", "a.mp4", "--claim-date", "yesterday"],
            "--claim-date: 'yesterday' is not a date",
        ),
        (["add", "a.mp4", "--published", "2024-13"], "--published: '2024-13' is not a date"),
        (["add", "a.mp4", "--published", ""], "--published: '' is not a date"),
        (["edit", "1", "--published", "31 May"], "--published: '31 May' is not a date"),
        (["check", "a.mp4", "--claim-file", "nowhere.json"], "There is no claim file"),
        (["keyframes", "a.mp4"], "Missing option"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_in_one_style_with_exit_code_2(
    arguments: list[str], message: str
) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert called.out == ""
    first, second = called.err.splitlines()
    assert first.startswith("Error: ")
    assert message in first
    assert second.startswith("Hint: ")


def test_the_option_names_the_archive_before_the_environment_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_ARCHIVE", str(tmp_path / "environment"))
    assert str(tmp_path / "environment") in call("list").err
    for words in (
        ["--archive", tmp_path / "option", "list"],
        ["list", "--archive", tmp_path / "option"],
    ):
        called = call(*words)
        assert called.code == 5
        assert str(tmp_path / "option") in called.err
        assert "environment" not in called.err


def test_a_setting_that_is_none_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_DECODE_TIMEOUT", "soon")
    called = call("list")
    assert called.code == 2
    assert "decode_timeout" in called.err


def test_a_fault_of_the_program_is_one_paragraph_and_a_traceback_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Settings) -> Path:
        raise RuntimeError("a wheel \x1b[31mcame off")

    monkeypatch.setattr(Settings, "archive_path", broken)
    called = call("list")
    assert called.code == 70
    assert called.out == ""
    assert "RuntimeError: a wheel came off" in called.err
    assert "Traceback" not in called.err
    assert len(called.err.splitlines()) == 2
    again = call("list", "-v")
    assert again.code == 70
    assert "Traceback" in again.err
    assert "\x1b" not in again.err


def test_nobody_reading_the_results_is_no_error_in_words(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    archive = tmp_path / "archive"
    assert call("add", clip, "--archive", archive).code == 0
    reader, writer = os.pipe()
    os.close(reader)
    process = start("list", "--archive", archive, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")
    reader, writer = os.pipe()
    os.close(reader)
    process = start("--help", stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_results_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    archive = tmp_path / "archive"
    assert call("add", clip, "--archive", archive).code == 0
    with Path("/dev/full").open("wb") as full:
        process = start("list", "--archive", archive, stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 70
    assert b"The results cannot be written: No space left" in err
    assert b"Traceback" not in err


def test_closed_streams_are_told_of_where_something_is_open_still(tmp_path: Path) -> None:
    program = f"'{sys.executable}' -m provenance --archive '{_archive(tmp_path)}'"
    done = _shell(f"{program} list --json >&-")
    assert (done.returncode, done.stdout) == (70, "")
    assert "The results cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "fault" not in done.stderr
    assert _shell(f"{program} list 2>&-").stdout.count("\n") == 1
    assert _shell(f"{program} list --nope <&- >&- 2>&-").returncode == 2


def _shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_cleans_up_and_says_so(number: signal.Signals, tmp_path: Path) -> None:
    """In the middle of a download: the server has sent a little and then nothing more."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with web_server() as web:
        url = web.stalling("/clip.mp4", b"\0" * 100_000, after=2000)
        environment = {**os.environ, "TMPDIR": str(scratch), "no_proxy": "*"}
        process = start("check", url, "--archive", _archive(tmp_path), env=environment)
        try:
            deadline = time.monotonic() + 60
            while not web.requests and time.monotonic() < deadline:
                time.sleep(0.05)
            assert any(scratch.iterdir())
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert out == b""
    assert err.startswith(b"Error: Interrupted.\nHint: What was finished before is kept.\n")
    assert b"Traceback" not in err
    assert list(scratch.iterdir()) == []


def test_ctrl_c_while_a_module_is_loaded_ends_with_its_exit_code_too(tmp_path: Path) -> None:
    """Dataclasses are made by exec(); Python started with -m would then end by the signal."""
    (tmp_path / "stopped.py").write_text(
        "import sys\n"
        "from provenance.cli import _run\n"
        "_run._run = lambda *_: exec('raise KeyboardInterrupt')\n"
        "sys.exit(_run.run([]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "stopped"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 130
    assert done.stderr.startswith(b"Error: Interrupted.")


def test_text_from_outside_steers_no_terminal(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    nasty = "\x1b]0;owned\x07\x1b[2J[red]bold[/red]\u202etxt\nsecond"
    clip = make_clip(tmp_path / "clip.mp4")
    added = call("add", clip, "--archive", archive, "--title", nasty, "--note", nasty)
    assert added.code == 0
    for words in (["list"], ["show", "1"], ["list", "--json"], ["show", "1", "--json"]):
        called = call(*words, "--archive", archive)
        assert called.code == 0
        for text in (added.out, called.out):
            assert not set("\x1b\x07\u202e") & set(text)
        assert "[red]bold[/red]" in called.out
    assert call("list", "--archive", archive, "--json").json[0]["title"] == nasty
    missing = call("add", "no\x1b[31m\u202esuch.mp4", "--archive", archive)
    assert missing.code == 4
    assert not set("\x1b\u202e") & set(missing.err)


def test_results_are_results_also_where_the_streams_speak_no_unicode(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    clip = make_clip(tmp_path / "clip.mp4")
    assert call("add", clip, "--archive", archive, "--title", "Київ").code == 0
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    out, err = start("list", "--archive", archive, env=environment).communicate(timeout=60)
    assert b"????" in out
    assert err == b""
    out, err = start("list", "--json", "--archive", archive, env=environment).communicate(
        timeout=60
    )
    assert "Київ".encode() in out


def test_progress_is_shown_on_a_terminal_and_results_still_go_where_they_should(
    tmp_path: Path,
) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    make_clip(tmp_path / "b.mp4", "testsrc")
    results = tmp_path / "results.txt"
    with results.open("wb") as file:
        code, shown = on_terminal(
            "add", clip, tmp_path / "b.mp4", "--archive", tmp_path / "archive", stdout=file
        )
    assert code == 0
    assert "fingerprinting" in shown
    assert "adding 0/2" in shown
    assert "adding 2/2" in shown
    assert "x real time" in shown
    assert [line.split()[:2] for line in results.read_text().splitlines()] == [
        ["1", "new"],
        ["2", "new"],
    ]


def test_verbose_says_how_long_each_step_took(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    called = call("add", clip, "-v", "--archive", tmp_path / "archive")
    assert "fingerprinting clip.mp4: " in called.err
    assert "fingerprinting" not in called.out


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)


def _archive(folder: Path) -> Path:
    archive = folder / "archive"
    assert call("add", make_clip(folder / "known.mp4"), "--archive", archive).code == 0
    return archive


def test_being_told_to_end_arrives_though_it_comes_in_a_destructor() -> None:
    words = """
import os, signal, time
from provenance.cli._signals import raised_for_certain

def told(number, frame):
    raise KeyboardInterrupt

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0)

signal.signal(signal.SIGTERM, told)
try:
    with raised_for_certain():
        Closing()
        time.sleep(20)
        print("lost")
except KeyboardInterrupt:
    print("arrived")
"""
    done = subprocess.run(
        [sys.executable, "-c", words], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("arrived\n", "")
