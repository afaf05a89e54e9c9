"""Query sets: edited stretches of known and of unknown clips, and the truth about each."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from accuracy.clips import Clip, footage
from accuracy.desk import Desk, Edit, EditError, cut
from accuracy.edits import EDITS
from accuracy.truth import Query, write_truth

Item = TypeVar("Item")


@dataclass(frozen=True)
class SourceSet:
    """Clips by the part that they play.

    Attributes:
        known: in the archive; their queries must be found.
        unknown: not in the archive; their queries must not be found.
        fillers: in the archive too, without queries.
        scenery: not in the archive; lend backgrounds.
    """

    name: str
    known: tuple[Path, ...]
    unknown: tuple[Path, ...]
    fillers: tuple[Path, ...]
    scenery: tuple[Path, ...]

    @property
    def archived(self) -> tuple[Path, ...]:
        return self.known + self.fillers


@dataclass(frozen=True)
class Planned:
    """A query to be made."""

    source: Path
    known: bool
    edit: Edit
    seed: str
    name: str


def plan(
    sources: SourceSet, seed: int, per_source: int, edits: Sequence[str] = ()
) -> list[Planned]:
    """Which edit of which source: the edits in a cycle over all sources, so that each comes about
    equally often. An edit that needs longer footage gives way to the next."""
    kinds = [EDITS[name] for name in edits] if edits else list(EDITS.values())
    planned: list[Planned] = []
    turn = 0
    for path in (*sources.known, *sources.unknown):
        clip, used = footage(path), set[str]()
        for _ in range(per_source):
            for _ in kinds:
                kind = kinds[turn % len(kinds)]
                turn += 1
                if clip.seconds >= kind.at_least and (
                    kind.name not in used or per_source > len(kinds)
                ):
                    break
            else:
                continue
            count = sum(p.edit is kind and p.source == path for p in planned)
            # Two sources may differ in their endings alone.
            number = sum(p.edit is kind and p.source.stem == path.stem for p in planned)
            name = f"{path.stem}--{kind.name}" + (f"-{number}" if number else "") + ".mp4"
            used.add(kind.name)
            text = f"{seed}/{path.name}/{kind.name}/{count}"
            planned.append(Planned(path, path in sources.known, kind, text, name))
    return planned


def spread(planned: Sequence[Item], limit: int | None) -> list[Item]:
    """At most so many, drawn evenly over all."""
    if not limit or limit >= len(planned):
        return list(planned)
    chosen = random.Random(limit).sample(range(len(planned)), limit)
    return [planned[n] for n in sorted(chosen)]


def make(
    sources: SourceSet,
    planned: Sequence[Planned],
    folder: Path,
    jobs: int = 2,
    tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
) -> list[Query]:
    """Film the queries into folder/queries and write folder/truth.json. What ffmpeg cannot make is
    told and left out."""
    (folder / "queries").mkdir(parents=True, exist_ok=True)

    def film(one: Planned) -> Query | None:
        try:
            return film_query(sources, one, folder / "queries" / one.name)
        except EditError as error:
            tell(f"{one.name} was not made: {error}")
            return None

    with ThreadPoolExecutor(jobs) as pool:
        queries = [query for query in pool.map(film, planned) if query]
    write_truth(queries, folder / "truth.json")
    return queries


def film_query(sources: SourceSet, one: Planned, to: Path) -> Query:
    """Make one query. Everything about it follows from its seed. Raises EditError."""
    draw = random.Random(one.seed)
    clip = footage(one.source)
    seconds = min(clip.seconds, draw.uniform(*one.edit.seconds))
    start = draw.uniform(0, clip.seconds - seconds)
    alike = sources.known if one.known else sources.unknown
    others = [footage(path) for path in alike if path != one.source]
    scenery = [footage(path) for path in sources.scenery if path != one.source]
    with tempfile.TemporaryDirectory(prefix="edit-") as scratch:
        desk = Desk(draw, Path(scratch), clip, start, seconds, others, scenery)
        pieces, note = one.edit.make(desk, to)
    shown = tuple(dict.fromkeys(piece.footage for piece in pieces))
    return Query(
        query=to.name,
        edit=one.edit.name,
        source=one.source.name,
        expected=shown if one.known else (),
        pieces=pieces,
        note=note,
    )


def shared_sources(shared: Path) -> SourceSet:
    """The shared clips, by the development split. Raises FileNotFoundError (naming what)."""
    split = json.loads((shared / "bench" / "dev.json").read_text("utf-8"))
    clips = shared / "footage" / "clips"

    def paths(part: str) -> tuple[Path, ...]:
        return tuple(_there(clips / name) for name in split[part])

    return SourceSet(
        "shared", paths("reference"), paths("negative"), paths("filler"), paths("filler_long")
    )


def sample_sources(samples: Path, folder: Path) -> SourceSet:
    """The repository's sample clips. Of the square and the market the archive learns the first
    half only: their second halves are what the same camera saw later, and must not be found."""
    folder.mkdir(parents=True, exist_ok=True)
    known = [samples / "footage" / "harbour.mp4", samples / "footage" / "mountain-road.mp4"]
    unknown = [samples / "checks" / "unrelated.mp4"]
    for name in ("square", "market"):
        first, later = halves(footage(samples / "footage" / f"{name}.mp4"), folder)
        known.append(first)
        unknown.append(later)
    return SourceSet(
        "samples", tuple(known), tuple(unknown), (), (samples / "checks/unrelated.mp4",)
    )


def halves(clip: Clip, folder: Path) -> tuple[Path, Path]:
    """A clip's first and last part, with a second left out between them."""
    first, later = (folder / f"{clip.path.stem}-{part}.mp4" for part in ("first", "later"))
    middle = clip.seconds / 2
    cut(clip, 0.0, middle - 0.5, first)
    cut(clip, middle + 0.5, clip.seconds - middle - 0.5, later)
    return first, later


def _there(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(path)
    return path
