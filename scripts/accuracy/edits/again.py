"""An edit of an edit."""

from __future__ import annotations

from dataclasses import replace

from accuracy.desk import EDITS, Desk, Recipe, edit

MIRRORED = 0.4
"""Share of reposts that are mirrored as well."""


@edit(seconds=(5.0, 9.0))
def second_generation(desk: Desk) -> Recipe:
    """Reposted a second time: two edits, each encoded."""
    names = [
        name
        for name, kind in EDITS.items()
        if not kind.extreme and kind.at_least <= desk.seconds and kind.draw is not second_generation
    ]
    first, then = desk.random.sample(sorted(names), 2)
    recipe, turned = EDITS[first].draw(desk), desk.random.random() < MIRRORED
    if turned:
        pieces = [replace(piece, mirrored=not piece.mirrored) for piece in recipe.pieces]
        graph = recipe.graph.replace("[out]", "[shown];[shown]hflip[out]")
        recipe = replace(recipe, graph=graph, pieces=pieces)
    clip = desk.in_between(recipe, "first-generation")
    desk.use(clip, 0.0, clip.seconds)
    note = f"{first}, {'mirrored, ' if turned else ''}then {then}"
    return replace(EDITS[then].draw(desk), note=note)
