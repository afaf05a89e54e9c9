"""Cases as pictures: a frame of the query beside the frame of the footage that it shows.

Only of our own clips: what these pictures show goes into the repository.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from accuracy.edits import EDITS
from accuracy.edits.overlays import picture_of
from accuracy.figures import Figures, best_of_pairs
from accuracy.sets import QuerySet
from accuracy.tables import title
from accuracy.truth import Found, Query, found_in
from provenance.process import find_ffmpeg

CASES = 3
WIDTH, HEIGHT, LINE, MARGIN = 320, 240, 22, 8
COLOURS = 128
"""Of the palette: keeps a picture well below 150 kB."""


def draw(
    queries: QuerySet, reports: Sequence[Mapping[str, Any]], figures: Figures, folder: Path
) -> list[Path]:
    """Three hard cases that were found (the accepted ones with the lowest scores), and the hardest
    misses; as PNG files, no two of the same edit."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("found-?.png"), *folder.glob("missed-?.png")):
        old.unlink()
    best = best_of_pairs(found for report in reports for found in found_in(report))
    truth = {query.query: query for query in queries.queries}

    def hardness(found: Found) -> tuple[float, bool]:
        return found.score, not EDITS[truth[found.query].edit].extreme

    accepted = [
        found
        for found in sorted(best.values(), key=hardness)
        if found.accepted and found.footage in truth[found.query].expected
    ]
    drawn: list[Path] = []
    for kind, cases in (("found", accepted), ("missed", figures.missed)):
        for number, found in enumerate(_one_an_edit(cases, truth)[:CASES], 1):
            to = folder / f"{kind}-{number}.png"
            _side_by_side(queries, truth[found.query], found).save(to, optimize=True)
            drawn.append(to)
    return drawn


def _one_an_edit(cases: Sequence[Found], truth: Mapping[str, Query]) -> list[Found]:
    first: dict[str, Found] = {}
    for found in cases:
        first.setdefault(truth[found.query].edit, found)
    return list(first.values())


def _side_by_side(queries: QuerySet, query: Query, found: Found) -> Image.Image:
    """The middle of the longest true piece, on both sides."""
    piece = max(query.of(found.footage), key=lambda part: part.query_end - part.query_start)
    here = (piece.query_start + piece.query_end) / 2
    there = (piece.source_start + piece.source_end) / 2
    known = next(path for path in queries.sources.archived if path.name == found.footage)
    said = f"accepted, score {found.score:.2f}"
    if not found.accepted:
        said = f"missed, score {found.score:.2f}"
    return _sheet(
        f"{title(query.edit)}: {said}",
        (_frame(queries.folder / "queries" / query.query, here), f"clip, {here:.1f} s"),
        (_frame(known, there), f"{Path(found.footage).stem}, {there:.1f} s"),
    )


def _sheet(caption: str, *sides: tuple[Image.Image, str]) -> Image.Image:
    width = len(sides) * (WIDTH + MARGIN) + MARGIN
    sheet = Image.new("RGB", (width, HEIGHT + 2 * LINE + 2 * MARGIN), "white")
    _write(sheet, (MARGIN, MARGIN), caption)
    for number, (picture, words) in enumerate(sides):
        left = MARGIN + number * (WIDTH + MARGIN)
        picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        ImageDraw.Draw(sheet).rectangle(
            (left, LINE + MARGIN, left + WIDTH - 1, LINE + MARGIN + HEIGHT - 1), fill="#e4e4e8"
        )
        place = (
            left + (WIDTH - picture.width) // 2,
            LINE + MARGIN + (HEIGHT - picture.height) // 2,
        )
        sheet.paste(picture, place)
        _write(sheet, (left, LINE + MARGIN + HEIGHT + 4), words)
    return sheet.quantize(COLOURS, dither=Image.Dither.NONE)


def _write(sheet: Image.Image, place: tuple[int, int], words: str) -> None:
    text = picture_of(words, 14, "#202028")
    sheet.paste(text, place, text)


def _frame(path: Path, second: float) -> Image.Image:
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-ss", f"{second:.2f}", "-i", str(path)]
    command += ["-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return Image.open(BytesIO(done.stdout)).convert("RGB")
