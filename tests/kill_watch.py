"""Kills a watcher again and again, and looks whether every file is reported once all the same.

Run by scripts/kill-watch. A folder gets good clips, some with claims, broken files, clips that
arrive slowly, and lists of addresses on a server of this machine. `provenance watch` is started and
killed (SIGKILL) at random moments, some of them just when something is being written among the
reports. Then it may finish, and whatever is there is held against what should be.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench_watch import PICTURES, learn
from command_line import PROGRAM, ROOT, make_clip
from web import Web, web_server

from provenance import Archive
from provenance.report.json_report import validate

SETTLE = "0.5"
LONGEST_LIFE = 6.0
"""Seconds after which a watcher is killed at the latest, where nothing is written before."""
ADDRESSES = 2  # in each list: one that is there and one that is not
PIECES = 12  # in which a slow file comes


@dataclass
class Scene:
    """A folder and what should come of it: report or list of failures, by file and address."""

    inbox: Path
    good: set[tuple[str, str]] = field(default_factory=set)
    bad: set[tuple[str, str]] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    slow: list[tuple[str, bytes]] = field(default_factory=list)
    files: int = 0


@dataclass
class Outcome:
    """What was found afterwards; `wrong` is empty where all is as it should be."""

    kills: Counter[str]
    reports: int = 0
    failures: int = 0
    moved: int = 0
    wrong: list[str] = field(default_factory=list)


def furnish(inbox: Path, web: Web, chooser: random.Random, files: int) -> Scene:
    """Fill a folder with so many files, a quarter of them broken, a tenth lists, a tenth slow."""
    inbox.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        clips = [make_clip(Path(folder, f"{p}.mp4"), p).read_bytes() for p in PICTURES]
    scene = Scene(inbox, files=files)
    kinds = ["broken"] * (files // 4) + ["list"] * (files // 10) + ["slow"] * (files // 10)
    kinds += ["good"] * (files - len(kinds))
    chooser.shuffle(kinds)
    for number, kind in enumerate(kinds):
        clip = clips[number % len(clips)] + _free_box(number)
        name = f"{number:02d}-{kind}.mp4"
        if kind == "broken":
            _break(scene, name, clip, number)
        elif kind == "list":
            name = name.replace(".mp4", ".txt")
            there = web.file(f"/{number}.mp4", clip)
            gone = web.status(f"/{number}-gone.mp4", 404)
            (inbox / name).write_text(f"# found today\n{there}\n{gone}\n")
            scene.good.add((name, there))
            scene.bad.add((name, gone))
        else:
            scene.good.add((name, ""))
            if number % 3 == 0:
                claim = {"text": f"Claim {number}", "date": "2024-10-29"}
                (inbox / f"{name[:-4]}.claim.json").write_text(json.dumps(claim))
                scene.claimed.add(name)
            if kind == "slow":
                scene.slow.append((name, clip))
            else:
                (inbox / name).write_bytes(clip)
    return scene


def _break(scene: Scene, name: str, clip: bytes, number: int) -> None:
    scene.bad.add((name, ""))
    kinds = (b"\x00\x01\x02garbage" * 99, clip[:100], b"Minutes of the meeting\n", clip)
    data = kinds[number % len(kinds)]
    if data is clip:  # the clip is good, and what is claimed of it cannot be read
        (scene.inbox / f"{name}.claim.json").write_text('{"text": ')
    (scene.inbox / name).write_bytes(data)


def _free_box(number: int) -> bytes:
    """A box of an MP4 that readers pass over, so that no two files have the same bytes."""
    return (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")


@contextmanager
def arriving(scene: Scene, seconds: float) -> Iterator[Callable[[], None]]:
    """Let the slow files arrive meanwhile: piece by piece, one half under a name of its own until
    it is complete, the other half with pauses that are longer than a file needs to settle. Gives
    what waits until they are there."""

    def write(position: int, name: str, data: bytes) -> None:
        path = scene.inbox / name
        first = path.with_name(f"{name}.part") if position % 2 else path
        size = len(data) // PIECES + 1
        with first.open("wb", buffering=0) as file:
            for start in range(0, len(data), size):
                file.write(data[start : start + size])
                time.sleep(seconds / PIECES)
        if first != path:
            first.rename(path)

    threads = [
        threading.Thread(target=write, args=(position, *one))
        for position, one in enumerate(scene.slow)
    ]
    for thread in threads:
        thread.start()

    def arrived() -> None:
        for thread in threads:
            thread.join()

    try:
        yield arrived
    finally:
        arrived()


def torment(
    scene: Scene,
    folder: Path,
    chooser: random.Random,
    *,
    kills: int,
    local: str,
    arrived: Callable[[], None],
    watchers: int = 1,
    longest: float = LONGEST_LIFE,
) -> Outcome:
    """Kill watchers so many times, let one finish, and compare.

    Args:
        folder: where archive, reports and moved files are.
        local: host:port of the server that may be asked though it is on this machine.
        arrived: waits until all files are there: the one that may finish has to see them.
        watchers: how many run at a time; each time all of them are killed.
        longest: seconds that they live at most.
    """
    reports = folder / "reports"
    command = [
        *(*PROGRAM, "watch", str(scene.inbox), "--reports", str(reports), "--settle", SETTLE),
        *("--move", str(folder / "moved"), "--archive", str(folder / "archive"), "--jobs", "2"),
    ]
    environment = {**os.environ, "PROVENANCE_DOWNLOAD_LOCAL_HOSTS": local}
    outcome = Outcome(Counter())
    left = kills
    while left > 0:
        processes = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            for _ in range(min(watchers, left))
        ]
        outcome.kills[_wait(reports, chooser, longest)] += len(processes)
        for process in processes:
            left -= 1
            if process.poll() is not None:
                assert process.stderr
                said = process.stderr.read().decode()
                outcome.wrong.append(f"ended by itself with {process.returncode}: {said}")
            process.send_signal(signal.SIGKILL)
            process.communicate()
    arrived()
    last = subprocess.run(
        [*command, "--once"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if last.returncode not in (0, 11):
        outcome.wrong.append(f"the last run ended with {last.returncode}: {last.stderr}")
    compare(scene, folder, outcome)
    return outcome


def _wait(reports: Path, chooser: random.Random, longest: float) -> str:
    """Wait for a random moment: of all, or just after something appears among the reports."""
    until = time.monotonic() + chooser.uniform(0.1, longest)
    if chooser.random() < 0.5:
        before = _listing(reports)
        until = time.monotonic() + longest
        while time.monotonic() < until:
            if _listing(reports) != before:
                time.sleep(chooser.uniform(0.0, 0.03))
                return "while writing"
            time.sleep(0.0005)
        return "at last"
    time.sleep(max(0.0, until - time.monotonic()))
    return "any time"


def _listing(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir() if "status" not in path.name}
    except FileNotFoundError:
        return set()


def compare(scene: Scene, folder: Path, outcome: Outcome) -> None:
    """Hold what is there against what should be."""
    wrong = outcome.wrong
    reports, moved = folder / "reports", folder / "moved"
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(reports.glob("*.report.json")):
        data = json.loads(path.read_text())
        validate(data)
        outcome.reports += 1
        location = data["source"]["location"]
        if "://" in location:
            key = path.name[: path.name.index(".txt") + 4], location
        else:
            key = Path(location).name, ""
            if path.name != f"{key[0]}.report.json":
                wrong.append(f"{key[0]} is reported in {path.name}")
            if bool(data["claim"]) != (key[0] in scene.claimed):
                wrong.append(f"{path.name} has the claim {data['claim']}")
        found[key] += 1
        page = path.with_suffix("").with_suffix(".report.html")
        if not page.read_text().endswith("</html>\n"):
            wrong.append(f"{page.name} is not whole")
    for key in scene.good | set(found):
        if found[key] != (key in scene.good):
            wrong.append(f"{key} has {found[key]} reports")
    if len(list(reports.glob("*.report.html"))) != outcome.reports:
        wrong.append("there are not as many pages as reports")
    with (reports / "failed.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    outcome.failures = len(rows)
    listed = Counter((row["file"], row["address"]) for row in rows)
    for key in scene.bad | set(listed):
        if listed[key] != (key in scene.bad):
            wrong.append(f"{key} is listed {listed[key]} times as failed")
    wrong += [f"{row['file']} has no reason" for row in rows if not row["message"]]
    with Archive.open(folder / "archive") as archive:
        counts = archive.journal(scene.inbox.resolve()).counts()
    expected = {"done": len(scene.good), "bad": len(scene.bad), "waiting": 0, "working": 0}
    if counts != expected:
        wrong.append(f"the journal counts {counts}, not {expected}")
    done = {name for name, _ in scene.good} - {name for name, _ in scene.bad}
    there = {path.name for path in moved.iterdir() if path.suffix in (".mp4", ".txt")}
    outcome.moved = len(there)
    if there != done:
        wrong.append(f"moved, and should not be, or the other way: {sorted(there ^ done)}")
    both = [name for name in there if (scene.inbox / name).exists()]
    wrong += [f"{name} is moved and still there" for name in both]


def run(
    seed: int, *, files: int, kills: int, watchers: int, longest: float
) -> tuple[Scene, Outcome]:
    """One whole torment with everything made anew."""
    chooser = random.Random(seed)
    with tempfile.TemporaryDirectory() as temporary, web_server() as web:
        folder = Path(temporary).resolve()
        learn(folder)
        scene = furnish(folder / "inbox", web, chooser, files)
        with arriving(scene, seconds=kills * longest / 4 / watchers) as arrived:
            outcome = torment(
                scene,
                folder,
                chooser,
                kills=kills,
                local=urlsplit(web.url("/")).netloc,
                arrived=arrived,
                watchers=watchers,
                longest=longest,
            )
    return scene, outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--watchers", type=int, default=1)
    parser.add_argument("--longest", type=float, default=LONGEST_LIFE)
    options = parser.parse_args()
    print(f"Seed {options.seed}.", flush=True)
    began = time.monotonic()
    scene, outcome = run(
        options.seed,
        files=options.files,
        kills=options.kills,
        watchers=options.watchers,
        longest=options.longest,
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.kills.items()))
    rows = (
        ("files", f"{scene.files} ({len(scene.slow)} of them slow)"),
        ("killed", f"{outcome.kills.total()} times: {kinds}"),
        ("reports", f"{outcome.reports} of {len(scene.good)}"),
        ("reasons of what is bad", f"{outcome.failures} of {len(scene.bad)}"),
        ("moved", str(outcome.moved)),
        ("wrong", str(len(outcome.wrong))),
        ("seconds", f"{time.monotonic() - began:.0f}"),
    )
    print("| | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    for text in outcome.wrong:
        print(text)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
