"""The figures of `scripts/bench` as Markdown tables. What is extrapolated stands in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accuracy.tables import table

Figures = Mapping[str, Any]
Row = Sequence[str]
MEGA = 1e6
PARTS_OF_WORK = (
    "examining",
    "decoding and describing",
    "look-up and matching",
    "coding, indexing and storing",
)
CLIPS = {"known": "known, edited", "unknown": "unknown"}


def document(figures: Figures) -> str:
    """All that was measured."""
    commands = dict.fromkeys(figures.get("commands", {}).values())  # parts may be run one by one
    parts = [f"{', '.join(f'`{one}`' for one in commands)}; {figures['cores']} processors"]
    rows = [*_learning_rows(figures), *_checking_rows(figures), *_small_rows(figures)]
    parts.append(table(["work", "goal", "here", "reached", "others, same run"], rows))
    if "learning" in figures:
        parts += ["### Learning", _learning_table(figures)]
    if "disk" in figures:
        parts += ["### What is kept of an hour", _disk_table(figures)]
    if "sizes" in figures:
        parts += ["### Checking, by the size of the archive", by_size(figures)]
    if budget := _budget_table(figures):
        parts += ["### Where the time goes", budget]
    if "likeness" in figures:
        parts += ["### How near a crowd comes", _likeness_table(figures["likeness"])]
    if figures.get("stopped"):
        sizes = ", ".join(f"{size:,.0f}" for size in figures["stopped"])
        parts.append(f"There was no room, or no archive, for {sizes} hours.")
    if any("(" in row[2] for row in rows) or figures.get("stopped"):
        parts.append(
            "Figures in brackets are extrapolated, by a straight line through the two largest "
            "archives that were measured."
        )
    return "\n\n".join(parts)


def at_size(figures: Figures, hours: float) -> tuple[Figures, bool] | None:
    """The figures of checking at a size, and whether they were measured; None for want of any."""
    sizes = {float(name): of for name, of in figures.get("sizes", {}).items() if "check" in of}
    if hours in sizes:
        return sizes[hours], True
    if len(sizes) < 2 or hours < max(sizes):
        return None
    low, high = sorted(sizes)[-2:]
    share = (hours - low) / (high - low)
    return _between(sizes[low], sizes[high], share), False


def by_size(figures: Figures) -> str:
    """A row for each cost, a column for each size."""
    wanted = {float(name) for name in figures["sizes"]} | set(figures.get("stopped", []))
    found = {size: one for size in sorted(wanted) if (one := at_size(figures, size))}

    def line(name: str, *path: str, unit: float = 1, digits: int = 2) -> Row:
        cells = []
        for of, measured in found.values():
            value: Any = of
            for step in path:
                value = value[step]
            cells.append(_bracketed(f"{value / unit:,.{digits}f}", measured))
        return [name, *cells]

    rows: list[Row] = []
    for clip, title in CLIPS.items():
        rows += [
            line(f"check ({title}), whole command, s", "check", clip, "wall"),
            line(f"check ({title}), processor seconds", "check", clip, "processor"),
            line("  of it look-up, s", "parts", clip, "look-up"),
            line("  of it look-up and matching, s", "parts", clip, "look-up and matching"),
            line("  the same, processor seconds", "parts", clip, "look-up and matching, processor"),
            line("  of it look-up of sound, s", "parts", clip, "look-up of sound"),
        ]
    rows += [
        line("check (known, edited), index not in memory yet, s", "cold", "wall"),
        line("most memory of its own, MB", "memory", "known", "anonymous", unit=MEGA, digits=0),
        line("most mapped pages in memory, MB", "memory", "known", "mapped", unit=MEGA, digits=0),
        line("memory of its ffmpeg, MB", "memory", "known", "children", unit=MEGA, digits=0),
        line("open the archive, s", "parts", "open", "open", digits=3),
        line("open it, codebook and first search, s", "parts", "open", "open and search"),
        line("index on disk, GB", "disk", unit=1e9),
        line("vPDQ, comparing 30 hashes with all, s", "vpdq look-up"),
    ]
    rows += _accuracy_lines(figures, list(found))
    return table(["archive of hours", *(f"{size:,.0f}" for size in found)], rows)


def _accuracy_lines(figures: Figures, sizes: Sequence[float]) -> list[Row]:
    accuracy = figures.get("accuracy", {})
    if not accuracy:
        return []
    bare = accuracy.get("bare", {})
    count = figures.get("queries", 0)
    lines: list[Row] = []
    for name in ("micro-AP", "known queries accepted", "accepted matches that name other footage"):
        cells = [_shown(accuracy.get(f"{size:g}", {}).get(name, "")) for size in sizes]
        lines.append([f"{name}, {count} queries (bare: {_shown(bare.get(name, ''))})", *cells])
    return lines


def _learning_rows(figures: Figures) -> list[Row]:
    if "learning" not in figures:
        return []
    costs = figures["learning"]
    ours, whole = costs["provenance"]["wall"], costs["ffmpeg"]["wall"]
    peer = costs.get("vpdq", {}).get("wall")
    ratio = ours / whole
    rows: list[Row] = [
        [
            "learn 1080p H.264 (GOP 4 s), of ffmpeg's full decoding",
            "0.25",
            f"{ratio:.2f}",
            _yes(ratio <= 0.25),
            f"vPDQ {peer / whole:.2f}" if peer else "",
        ]
    ]
    if peer:
        rows.append(
            [
                "times faster than vPDQ's hashing",
                "6",
                f"{peer / ours:.1f}",
                _yes(peer >= 6 * ours),
                "1",
            ]
        )
    return rows


def _checking_rows(figures: Figures) -> list[Row]:
    thousand, many = at_size(figures, 1000), at_size(figures, 10_000)
    if thousand is None:
        return []
    of, measured = thousand
    hashing = figures.get("vpdq check", {}).get("wall")
    rows: list[Row] = []
    for clip, title in CLIPS.items():
        whole = of["check"][clip]["wall"]
        part = of["parts"][clip]["look-up and matching"]
        peer = f"vPDQ {hashing + of['vpdq look-up']:.1f} s" if hashing else ""
        name = f"check 30 s of 720p ({title}), 1,000 h"
        rows.append([name, "3 s", _bracketed(f"{whole:.1f} s", measured), _yes(whole <= 3), peer])
        rows.append(
            [
                *("  of it look-up and matching", "1.5 s"),
                *(_bracketed(f"{part:.1f} s", measured), _yes(part <= 1.5), ""),
            ]
        )
        if many:
            times = many[0]["check"][clip]["wall"] / whole
            name = "  10,000 h, times the 1,000 h figure"
            rows.append([name, "3", _bracketed(f"{times:.1f}", many[1]), _yes(times <= 3), ""])
    memory = max(of["memory"][clip]["anonymous"] for clip in CLIPS)
    mapped = max(of["memory"][clip]["mapped"] for clip in CLIPS)
    rows.append(
        [
            *("memory of its own while checking, 1,000 h", "1,000 MB"),
            *(f"{memory / MEGA:,.0f} MB", _yes(memory <= 1e9)),
            f"(mapped pages {mapped / MEGA:,.0f} MB)",
        ]
    )
    largest = many or thousand
    opening = largest[0]["parts"]["open"]["open and search"]
    rows.append(
        [
            f"open the archive and search, {10_000 if many else 1000:,} h",
            "0.5 s",
            _bracketed(f"{opening:.2f} s", largest[1]),
            _yes(opening < 0.5),
            "",
        ]
    )
    return rows


def _small_rows(figures: Figures) -> list[Row]:
    rows: list[Row] = []
    if "disk" in figures:
        kept = figures["disk"]
        size = sum(kept.values()) - kept["display pictures"]
        peer = figures.get("vpdq disk")
        rows.append(
            [
                *("archive, an hour of 1080p (GOP 4 s)", "4 MB"),
                *(f"{size / MEGA:.2f} MB", _yes(size <= 4e6)),
                f"vPDQ's text {peer / MEGA:.2f} MB" if peer else "",
            ]
        )
    if "help" in figures:
        wall = figures["help"]["wall"]
        rows.append(["`provenance --help`", "0.3 s", f"{wall:.2f} s", _yes(wall < 0.3), ""])
    accuracy = figures.get("accuracy", {})
    if "bare" in accuracy and "1000" in accuracy:
        bare, padded = (accuracy[name]["micro-AP"] for name in ("bare", "1000"))
        rows.append(
            [
                f"micro-AP in 1,000 h, {figures['queries']} queries",
                f"{bare:.3f} - 0.02",
                f"{padded:.3f}",
                _yes(padded >= bare - 0.02),
                "",
            ]
        )
    return rows


def _learning_table(figures: Figures) -> str:
    titles = {
        "provenance": "`provenance add`",
        "ffmpeg": "ffmpeg, full decoding to nothing",
        "vpdq": "vPDQ, a hash a second",
    }
    film = figures["film"]
    rows = [
        [titles[name], f"{cost['wall']:.1f}", f"{cost['processor']:.1f}"]
        for name, cost in figures["learning"].items()
    ]
    head = f"{film['seconds']} s of 1080p, {film['bytes'] / MEGA:.0f} MB"
    return table([head, "seconds", "processor seconds"], rows)


def _budget_table(figures: Figures) -> str:
    """The seconds of whole commands, part by part in the order of the work."""
    works: dict[str, Sequence[float | None]] = {}
    if "parts of learning" in figures:
        whole = figures["learning"]["provenance"]["wall"]
        works["learning the film"] = _budget(whole, figures["parts of learning"])
    thousand = at_size(figures, 1000)
    if thousand and thousand[1]:
        for clip, title in CLIPS.items():
            whole, parts = thousand[0]["check"][clip]["wall"], thousand[0]["parts"][clip]
            works[f"checking ({title}), 1,000 h"] = _budget(whole, parts)
    if not works:
        return ""
    names = ["starting, loading, writing", *PARTS_OF_WORK, "all else", "whole command"]
    rows = [
        [name, *("" if value is None else f"{value:.2f}" for value in values)]
        for name, values in zip(names, zip(*works.values(), strict=True), strict=True)
    ]
    return table(["seconds", *works], rows)


def _budget(whole: float, parts: Figures) -> Sequence[float | None]:
    """What lies before and after the parts, the parts, what lies between them, and the sum."""
    known = [parts.get(name) for name in PARTS_OF_WORK]
    rest = parts["whole"] - sum(value for value in known if value is not None)
    return [whole - parts["whole"], *known, rest, whole]


def _disk_table(figures: Figures) -> str:
    short = figures["disk of short clips"]
    rows = [
        [name, f"{size / MEGA:.2f}", f"{short[name] / MEGA:.2f}"]
        for name, size in figures["disk"].items()
    ]
    return table(["MB", "the film", "real clips, most of them shorter than two minutes"], rows)


def _likeness_table(rows: Sequence[Figures]) -> str:
    cells = [
        [
            f"{row['features'] / MEGA:.1f} million {row['made']}",
            *(f"{value:.3f}" for value in (*row["nearest"], *row["tenth"])),
        ]
        for row in rows
    ]
    head = [f"{which}, {share} %" for which in ("nearest", "tenth") for share in (10, 50, 90)]
    return table(["similarity of features", *head], cells)


def _between(low: Any, high: Any, share: float) -> Any:
    """The point on the line through two figures, all the way down; costs never fall with size."""
    if isinstance(low, Mapping):
        return {name: _between(low[name], high[name], share) for name in low if name in high}
    return low + share * max(0.0, high - low)


def _bracketed(text: str, measured: bool) -> str:
    return text if measured else f"({text})"


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _yes(reached: bool) -> str:
    return "yes" if reached else "no"
