"""What every test gets: no settings and no archive of the person who runs it, but the servers of
tests/web.py as local hosts that may be asked; and `--slow`."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from video_site import install
from web import LOCAL_HOSTS, Web, web_server

from provenance import Archive

# The same examples every time, however busy the machine is: what passes here passes in CI.
# `scripts/test --hypothesis-profile=default` looks for new ones.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# A shell without job control starts what it puts in the background deaf to Ctrl-C, and children
# inherit that: the tests of interruptions would wait for ever there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # so does nohup with a closed terminal
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
CHANGES_OUTPUT = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONUNBUFFERED")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slow", action="store_true", help="run the tests marked slow, and only those"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow tests, or all others; none left makes pytest fail with 5."""
    wanted = config.getoption("--slow")
    sides: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        sides[item.get_closest_marker("slow") is not None].append(item)
    items[:] = sides[wanted]
    config.hook.pytest_deselected(items=sides[not wanted])


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings, default archive and terminal of a machine where nothing is set."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("PROVENANCE_") or name in CHANGES_OUTPUT or name.lower() in PROXIES:
                patch.delenv(name)
        patch.setenv("PROVENANCE_DOWNLOAD_LOCAL_HOSTS", LOCAL_HOSTS)
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        # Servers of other tests stood at the same addresses a moment ago.
        patch.setenv("PROVENANCE_DOWNLOAD_CACHE_MAX_BYTES", "0")
        patch.setenv("PROVENANCE_DOWNLOAD_PAUSE", "0")
        yield


@pytest.fixture
def web() -> Iterator[Web]:
    """A server that may be asked."""
    with web_server() as server:
        yield server


@pytest.fixture
def video_sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets yt-dlp know the site of tests/video_site.py."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    install(tmp_path / "config")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the sample clips."""
    return Path(__file__).resolve().parent.parent / "samples"


@pytest.fixture(scope="session")
def sample_archive(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of the known sample clips, learned once. To be read; copy the folder to write."""
    with Archive.open(tmp_path_factory.mktemp("known") / "archive") as archive:
        with (samples / "manifest.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                archive.add(samples / row.pop("file"), **row)
        yield archive
