"""Figures as Markdown tables, which a terminal shows well enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from accuracy.calibration import Bin
from accuracy.edits import EDITS
from accuracy.figures import Figures
from accuracy.truth import Query

WORST = 12
"""Misses and false pairs that are listed."""
WORTH_A_LOOK = 0.02
"""False pairs below this are not listed."""
SHARED_TITLES = {
    "blurfill": "blurred fill",
    "camcord": "filmed off a screen",
    "caption": "caption bands",
    "crop": "crop to 46 % of the area",
    "crop_hard": "crop to 25 %",
    "grade": "colour grade",
    "logo": "logo and lower third",
    "gray": "gray",
    "letterbox": "letterbox",
    "lowfps": "8 frames a second",
    "lowres": "144 lines",
    "mirror": "mirror",
    "needle": "5 s within other footage",
    "noise": "noise and blur",
    "pip": "picture in picture",
    "reencode": "re-encoded",
    "repost": "repost (fill, text, sticker)",
    "rotate90": "rotated by 90°",
    "screenrec": "phone interface",
    "social": "mirror + crop + text + speed",
    "speed": "speed 0.75 to 1.4",
    "splitscreen": "split screen",
    "tilt": "tilted",
}
"""The shared benchmark's edits."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns lined up."""
    cells = [list(head), *map(list, rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def overview(systems: Mapping[str, Figures]) -> str:
    """Each system's figures, one column a system. The first is the one that also decides and says
    which seconds; for the others those lines stay empty."""

    def line(name: str, of: Callable[[Figures], str]) -> list[str]:
        return [name, *(of(figures) for figures in systems.values())]

    some = next(iter(systems.values()))

    def own(of: Callable[[Figures], str]) -> Callable[[Figures], str]:
        return lambda figures: of(figures) if figures is some else ""

    pairs = f"{some.pairs} pairs to be found"
    rows = [
        line("micro-AP over all (query, footage) pairs", lambda f: f"{f.micro_ap:.3f}"),
        line("recall before the first false pair", lambda f: f"{f.recall_before_false:.3f}"),
        line("recall at 95 % precision", lambda f: f"{f.recall_at_95:.3f}"),
        line("recall at any score", lambda f: f"{f.recall:.3f}"),
        line(f"accepted of {pairs}", own(lambda f: f"{f.accepted}")),
        line(
            f"accepted of {some.unknown} queries from unknown clips",
            own(lambda f: f"{f.unknown_accepted}"),
        ),
        line("accepted matches that name another clip", own(lambda f: f"{len(f.accusations)}")),
        line("mean IoU of the seconds found, query", lambda f: _share(f.iou_query, "")),
        line("mean IoU of the seconds found, footage", lambda f: _share(f.iou_reference, "")),
        line("speed within 3 %", lambda f: _share(f.speed_right)),
        line("mirrored or not, right", lambda f: _share(f.mirrored_right)),
        line("reversed or not, right", lambda f: _share(f.reversed_right)),
    ]
    return table([f"{some.queries} queries", *systems], rows)


def by_edit(systems: Mapping[str, Figures]) -> str:
    """The first system by edit, and the others' recall before their first false pair."""
    first, *others = systems.values()
    names = list(systems)[1:]
    rows = [
        [
            title(edit),
            f"{figures.pairs}",
            f"{figures.accepted}",
            f"{figures.before_false}",
            f"{figures.found}",
            *(f"{other.edits[edit].found}" for other in others),
        ]
        for edit, figures in first.edits.items()
    ]
    head = ["edit", "pairs", "accepted", "before the first false pair", "at any score"]
    return table([*head, *(f"{name}, at any score" for name in names)], rows)


def worst(figures: Figures, queries: Sequence[Query]) -> str:
    """What was missed or wrongly named, the worst first."""
    truth = {query.query: query for query in queries}
    near = [found for found in figures.false_pairs if found.score >= WORTH_A_LOOK]
    lines = [
        [
            "missed" if found.footage in truth[found.query].expected else "false",
            found.query,
            found.footage,
            f"{found.score:.2f}",
            "yes" if found.accepted else "",
            truth[found.query].note,
        ]
        for found in (*figures.missed[:WORST], *near[:WORST])
    ]
    return table(["", "query", "footage", "score", "accepted", "what was drawn"], lines)


def calibration(parts: Sequence[Bin]) -> str:
    """What a score means."""
    rows = [
        [
            f"{part.low:.2f} to {part.high:.2f}",
            f"{part.count}",
            f"{part.true}",
            f"{part.mean_score:.3f}",
            f"{part.share:.3f}",
        ]
        for part in parts
    ]
    return table(["score", "matches", "true", "mean score", "share of true ones"], rows)


def title(edit: str) -> str:
    """What is done to the footage."""
    if edit in EDITS:
        text = EDITS[edit].title
        return text[0].lower() + text[1:]
    return SHARED_TITLES.get(edit, edit.replace("_", " "))


def _share(value: float | None, unit: str = " %") -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f} %" if unit else f"{value:.3f}"
