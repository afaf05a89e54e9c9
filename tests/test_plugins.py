"""What others plug in: every way to check and add uses it, and none trusts it with a verdict."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT, call, make_clip, start
from distributions import install

from provenance import Archive, Claim, DownloadError, PluginError, check
from provenance.archive import Choice, Neighbours
from provenance.plugins import loading
from provenance.report import validate
from provenance.settings import Settings

EXAMPLE = ROOT / "docs" / "examples" / "newsroom-plugin"
Install = Callable[[str, str, Mapping[str, Mapping[str, str]]], None]


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """plug_in(name, text, entry points): installs a distribution of one module for this test."""
    loading._all.cache_clear()
    modules = []

    def installed(name: str, text: str, entry_points: Mapping[str, Mapping[str, str]]) -> None:
        module = name.replace("-", "_")
        modules.append(module)
        install(tmp_path / name, name, {f"{module}.py": text}, entry_points)
        monkeypatch.syspath_prepend(tmp_path / name)

    yield installed
    loading._all.cache_clear()
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def example(
    plug_in: Install, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documented example, with footage on its shelf."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    text = (EXAMPLE / "newsroom_plugin.py").read_text()
    plug_in(project["name"], text, project["entry-points"])
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name, day in (("square", "2021-11-11"), ("market", "2020-02-02")):
        shutil.copy(samples / "footage" / f"{name}.mp4", shelf)
        (shelf / f"{name}.json").write_text(json.dumps({"title": name, "published": day}))
    monkeypatch.setenv("NEWSROOM", str(shelf))


def test_the_example_is_as_short_as_is_said() -> None:
    lines = (EXAMPLE / "newsroom_plugin.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 40


def test_a_source_that_is_installed_serves_the_command_line_and_the_library(
    example: None, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    paths = os.pathsep.join([str(tmp_path / "newsroom-plugin"), str(ROOT)])
    with start(
        *("add", "newsroom:all", "--no-link", "--json", "--archive", folder),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
    ) as program:
        out, complaints = program.communicate(timeout=240)
    assert program.returncode == 0, complaints
    known = [result["footage"] for result in json.loads(out)]
    assert [footage["location"] for footage in known] == ["newsroom:market", "newsroom:square"]
    (appearance,) = known[1]["appearances"]
    assert (appearance["published"], appearance["basis"]) == ("2021-11-11", "declared")
    asked = ("check", "newsroom:square", "--claim-date", "2024-10-29", "--json")
    report = call(*asked, "--archive", folder).json
    assert report["verdict"]["label"] == "earlier_appearance"
    assert report["source"]["location"] == "newsroom:square"
    assert report["source"]["file"] == "square.mp4"
    evidence = report["matches"][0]["segments"][0]["evidence"]
    assert evidence["brightness_frames"] == evidence["brightness_of_frames"] > 5
    doctor = call("doctor", "--archive", folder).out
    assert "newsroom of newsroom-plugin 1.0 (provenance.sources)" in doctor
    assert "brightness of newsroom-plugin 1.0 (provenance.fingerprints)" in doctor
    missing = call("check", "newsroom:nothing", "--archive", folder)
    assert missing.code == 3
    assert "The newsroom has no newsroom:nothing." in missing.err


def test_since_and_limit_choose_among_the_videos_of_a_plugged_in_collection(
    example: None, tmp_path: Path
) -> None:
    words = ("add", "newsroom:all", "--no-link", "--json", "--archive", tmp_path / "archive")
    first = call(*words, "--limit", "1")
    assert first.code == 0, first.err
    assert [result["source"] for result in first.json] == ["newsroom:market"]
    late = call(*words, "--since", "2021")
    assert late.code == 0, late.err
    assert [bool(result["footage"]) for result in late.json] == [False, True]
    assert "which is too early" in late.json[0]["note"]


ENDLESS = """
import itertools
class Endless:
    name = "endless"
    def accepts(self, location):
        return location.startswith("endless:")
    def fetch(self, location, folder, settings, progress):
        raise KeyError(location)
    def expand(self, location):
        if location == "endless:text":
            return "a text"
        return (f"endless:{n}" for n in itertools.count()) if location[8:] == "" else [location]
"""


def test_what_a_plug_in_cannot_do_for_one_video_stops_no_other(
    plug_in: Install, samples: Path, tmp_path: Path
) -> None:
    plug_in("endless-plugin", ENDLESS, {loading.SOURCES: {"e": "endless_plugin:Endless"}})
    with Archive.open(tmp_path / "archive") as archive:
        sources = ["endless:", "endless:text", str(samples / "checks/unrelated.mp4")]
        *faults, last = archive.add_all(sources, choice=Choice(limit=2))
        assert [fault.source for fault in faults] == ["endless:0", "endless:1", "endless:text"]
        assert all(isinstance(fault.error, PluginError) for fault in faults)
        assert last.added


def test_a_source_without_a_picture_worth_a_feature_is_checked_with_plug_ins(
    plug_in: Install, samples: Path, tmp_path: Path
) -> None:
    plug_in("credulous-plugin", CREDULOUS, CREDULITY)
    black = make_clip(tmp_path / "black.mp4", "color=black", 2.0)
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/square.mp4", published="2019")
        archive.add(black, published="2018")
        verdict = check(black, archive=archive).verdict
        assert verdict
        assert verdict.label == "inconclusive"


def test_a_plugged_in_source_can_be_remembered_under_its_own_location(
    example: None, tmp_path: Path
) -> None:
    with Archive.open(tmp_path / "archive") as archive:
        added = archive.add("newsroom:market")
        archive.remove(added.footage.id)
        check("newsroom:market", archive=archive, remember=True)
        assert [footage.location for footage in archive.footages()] == ["newsroom:market"]
        (outcome,) = archive.add_all(["newsroom:nothing"])
        assert isinstance(outcome.error, DownloadError)


def test_a_file_that_is_there_is_not_offered_to_plug_ins(
    example: None, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(samples / "footage/harbour.mp4", tmp_path / "newsroom:square")
    with Archive.open(tmp_path / "archive") as archive:
        added = archive.add("newsroom:square")
    assert added.footage.location == str(tmp_path / "newsroom:square")


def test_what_a_fingerprint_proposes_is_accepted_once_the_pictures_agree(
    example: None, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(
        self: Archive,
        descriptors: np.ndarray,  # type: ignore[type-arg]
        k: int = 10,
        without: Set[int] = frozenset(),
    ) -> Neighbours:
        shape = (len(descriptors), k)
        return Neighbours(
            np.full(shape, -1, np.int64),
            np.full(shape, -1, np.int32),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.float32),
        )

    with Archive.open(tmp_path / "archive") as archive:
        archive.add("newsroom:square")
        archive.add("newsroom:market")
        monkeypatch.setattr(Archive, "search", blind)
        (match,) = check(samples / "footage/square.mp4", archive=archive).matches
        assert match.accepted
        assert match.footage.location == "newsroom:square"
        (segment,) = match.segments
        assert segment.query_end - segment.query_start > 10
        assert segment.evidence["brightness_frames"] > 5
        monkeypatch.setattr(loading, "fingerprint_plugins", lambda settings: ())
        monkeypatch.setattr("provenance.plugin_lookup.fingerprint_plugins", lambda settings: ())
        assert check(samples / "footage/square.mp4", archive=archive).matches == ()


CREDULITY = {loading.FINGERPRINTS: {"c": "credulous_plugin:Credulous"}}
CREDULOUS = """
import numpy as np
class Credulous:
    name, size, binary, near = "credulous", 4, False, 2.0
    def describe(self, image):
        return np.ones(4, np.float32)
"""


def test_what_only_a_fingerprint_says_changes_no_verdict(
    plug_in: Install, samples: Path, tmp_path: Path
) -> None:
    plug_in(
        "credulous-plugin", CREDULOUS, {loading.FINGERPRINTS: {"c": "credulous_plugin:Credulous"}}
    )
    clip = samples / "checks/unrelated.mp4"
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/square.mp4", published="2019")
        report = check(clip, claim=Claim(date="2024"), archive=archive, candidates=True)
        silent = check(clip, claim=Claim(date="2024"), archive=archive)
    validate(report.to_dict())
    assert report.verdict
    assert report.verdict.label == "no_match"
    assert silent.matches == ()
    (match,) = [m for m in report.matches if "credulous_only" in m.segments[0].evidence]
    assert not match.accepted
    assert match.score < 0.15


def test_footage_that_was_known_before_a_plug_in_is_described_when_it_is_added_again(
    plug_in: Install, samples: Path, tmp_path: Path
) -> None:
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/square.mp4")
        plug_in(
            "credulous-plugin",
            CREDULOUS,
            {loading.FINGERPRINTS: {"c": "credulous_plugin:Credulous"}},
        )
        loading._all.cache_clear()
        (kind,) = loading.fingerprint_plugins(Settings())
        assert list(archive.vectors.all(kind)) == []
        assert not archive.add(samples / "footage/square.mp4").new
        (known,) = archive.vectors.all(kind)
        assert len(known.times) > 5
        assert archive.vectors.lacking(1, [kind]) == []
        archive.remove(1)
        assert list(archive.vectors.all(kind)) == []


def test_vectors_that_changed_without_another_name_are_refused(
    plug_in: Install, samples: Path, tmp_path: Path
) -> None:
    plug_in("credulous-plugin", CREDULOUS, CREDULITY)
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/square.mp4")
        (kind,) = loading.fingerprint_plugins(Settings())
        kind.plugin.size = 5  # type: ignore[misc]
        with pytest.raises(PluginError, match="needs another name"):
            list(archive.vectors.all(kind))


BROKEN = {
    "raise ImportError('no module numbers')": "cannot be loaded .ImportError: no module numbers",
    "import sys; sys.exit(3)": "cannot be loaded .SystemExit: 3",
    "Broken = object()": "lacks name, accepts, fetch",
    "class Broken:\n    def __init__(self): 1 / 0": "cannot be loaded .ZeroDivisionError",
    "class Broken:\n    accepts = fetch = None\n    name = property(lambda self: 1 / 0)": (
        "failed .ZeroDivisionError"
    ),
    "class Broken:\n    name = 'b'\n    fetch = None\n    def accepts(self, x): return x.y": (
        "failed .AttributeError"
    ),
    "class Broken:\n    name = 'b'\n    def accepts(self, x): return True\n"
    "    def fetch(self, *x): return 'file'": "instead of a Download",
    "class Broken:\n    name = 'b'\n    def accepts(self, x): return True\n"
    "    def fetch(self, *x): raise KeyError('key')": "failed .KeyError: 'key'",
    "class Broken:\n    name = 'b'\n    def accepts(self, x): return True\n"
    "    def fetch(self, *x): raise SystemExit(3)": "failed .SystemExit: 3",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_source_is_told_with_its_distribution_and_nothing_is_passed_over(
    text: str, plug_in: Install, tmp_path: Path, sample_archive: Archive
) -> None:
    plug_in("broken-plugin", text, {loading.SOURCES: {"b": "broken_plugin:Broken"}})
    with pytest.raises(PluginError, match=BROKEN[text]) as raised:
        check("https://127.0.0.1:1/clip.mp4", archive=sample_archive)
    assert "the plug-in b of the distribution broken-plugin 1.0" in raised.value.message.lower()
    with Archive.open(tmp_path / "new") as archive, pytest.raises(PluginError):
        for outcome in archive.add_all(["newsroom:1"]):
            raise outcome.error or AssertionError(outcome)


VECTORS = {
    "return np.ones(3, np.float32)": "something else than 4 values of float32",
    "return np.ones(4, np.uint8)": "something else than 4 values of float32",
    "return ['a', 'b', 'c', 'd']": "something else than 4 values",
    "return np.full(4, np.nan, np.float32)": "something else than 4 values",
    "return image.no": "failed .AttributeError",
}


@pytest.mark.parametrize("text", VECTORS)
def test_a_broken_fingerprint_is_told_with_its_distribution(
    text: str, plug_in: Install, samples: Path, sample_archive: Archive
) -> None:
    broken = CREDULOUS.replace("return np.ones(4, np.float32)", text)
    plug_in("broken-plugin", broken, {loading.FINGERPRINTS: {"c": "broken_plugin:Credulous"}})
    with pytest.raises(PluginError, match=VECTORS[text]) as raised:
        check(samples / "checks/unrelated.mp4", archive=sample_archive)
    assert "broken-plugin 1.0" in raised.value.message


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("2.0", "'near'", "calls pictures near up to 'near'"),
        ("2.0", "float('nan')", "calls pictures near up to nan"),
        ('"credulous"', '"Cre dulous"', "a name is made of lower-case letters"),
        ("4, False", "0, False", "has vectors of 0 values"),
    ],
)
def test_a_fingerprint_that_cannot_be_one_is_refused_before_any_work(
    written: str, instead: str, message: str, plug_in: Install, sample_archive: Archive
) -> None:
    plug_in("credulous-plugin", CREDULOUS.replace(written, instead), CREDULITY)
    with pytest.raises(PluginError, match=message):
        loading.fingerprint_plugins(Settings())


def test_a_broken_plug_in_is_shown_by_doctor_and_can_be_done_without(
    plug_in: Install, samples: Path, sample_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in("broken-plugin", "1 / 0", {loading.FINGERPRINTS: {"c": "broken_plugin:Broken"}})
    here = ("--archive", sample_archive.location)
    clip = samples / "checks/unrelated.mp4"
    refused = call("check", clip, *here)
    assert refused.code == 70
    assert "the distribution broken-plugin 1.0 cannot be loaded (ZeroDivisionError" in refused.err
    assert "PROVENANCE_PLUGINS=no" in refused.err
    assert "broken-plugin 1.0 cannot be loaded" in call("doctor", *here).out
    monkeypatch.setenv("PROVENANCE_PLUGINS", "no")
    assert call("check", clip, *here).code == 0


GREEDY = """
class P:
    name = "greedy"
    fetch = None
    def accepts(self, location):
        return True
"""


@pytest.mark.parametrize(
    ("group", "text", "message"),
    [
        (loading.SOURCES, GREEDY, "is wanted by several plug-ins"),
        (loading.FINGERPRINTS, CREDULOUS.replace("Credulous", "P"), "the name 'credulous', and so"),
    ],
)
def test_two_plug_ins_that_want_the_same_are_told(
    group: str,
    text: str,
    message: str,
    plug_in: Install,
    samples: Path,
    sample_archive: Archive,
) -> None:
    for name in ("one", "two"):
        plug_in(f"{name}-plugin", text, {group: {name: f"{name}_plugin:P"}})
    source = "newsroom:1" if group == loading.SOURCES else samples / "checks/unrelated.mp4"
    with pytest.raises(PluginError, match=message) as raised:
        check(source, archive=sample_archive)
    assert "one-plugin 1.0" in raised.value.message
    assert "two-plugin 1.0" in raised.value.message


TALKATIVE = """
import os, subprocess, sys, threading, atexit
print("loaded")
atexit.register(print, "the end")
class Talkative:
    name, size, binary, near = "talkative", 4, False, 2.0
    def accepts(self, location):
        print("asked for", location)
        return False
    fetch = None
    def __init__(self):
        sys.stdout.write("half a line")
    def describe(self, image):
        os.write(1, b"without Python\\n")
        subprocess.run([sys.executable, "-c", "print('a program of its own')"], check=True)
        thread = threading.Thread(target=print, args=("a thread of its own",))
        thread.start()
        thread.join()
"""
TALK = {
    loading.SOURCES: {"t": "talkative_plugin:Talkative"},
    loading.FINGERPRINTS: {"t": "talkative_plugin:Talkative"},
}


@pytest.mark.parametrize("form", ["json", "jsonl", "table"])
def test_what_a_plug_in_prints_gets_to_people_and_not_among_the_results(
    form: str, tmp_path: Path, sample_archive: Archive
) -> None:
    install(tmp_path / "site", "talkative-plugin", {"talkative_plugin.py": TALKATIVE}, TALK)
    clip = make_clip(tmp_path / "clip.mp4")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(ROOT)])}
    with start(
        *("check", clip, "--format", form, "--archive", sample_archive.location), env=env
    ) as program:
        out, words = program.communicate(timeout=120)
    assert program.returncode == 0, words
    if form == "table":
        header, row = csv.reader(io.StringIO(out.decode(), newline=""))
        assert dict(zip(header, row, strict=True))["source"] == str(clip)
    else:
        validate(json.loads(out))
    said = ("loaded", "half a line", "without Python", "a program of its own", "the end")
    assert [what for what in (*said, "a thread of its own") if what.encode() not in words] == []


def test_a_call_of_the_library_leaves_the_output_of_its_caller_alone(
    plug_in: Install, sample_archive: Archive, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plug_in("talkative-plugin", TALKATIVE.replace('atexit.register(print, "the end")', ""), TALK)
    before = sys.stdout
    check(make_clip(tmp_path / "clip.mp4"), archive=sample_archive)
    assert sys.stdout is before
    print("the caller's own")
    out = capfd.readouterr().out
    assert "the caller's own" in out
    assert "without Python" in out
