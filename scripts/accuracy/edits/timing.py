"""Another order or pace."""

from __future__ import annotations

from collections.abc import Sequence

from accuracy.desk import Desk, Recipe, edit, fitting, shifted


def joined(desk: Desk, cuts: Sequence[str]) -> str:
    """One piece after another: each of `cuts` is filters on a copy of [v].

    Frames are numbered anew at the end: ffmpeg's `concat` waits until the second where a trimmed
    piece ended in the original.
    """
    copies = "".join(f"[copy{n}]" for n in range(len(cuts)))
    parts = [f"[copy{n}]{cut}[part{n}]" for n, cut in enumerate(cuts)]
    names = "".join(f"[part{n}]" for n in range(len(cuts)))
    return ";".join(
        [
            f"[v]split={len(cuts)}{copies}",
            *parts,
            f"{names}concat=n={len(cuts)}:v=1,setpts=N/({desk.fps:g}*TB)[out]",
        ]
    )


def _frames(first: int, last: int) -> str:
    """Filters that keep frames `first` to `last` (not included), from second 0 on."""
    return f"trim=start_frame={first}:end_frame={last},setpts=PTS-STARTPTS"


def _held(desk: Desk, frame: int, count: int) -> str:
    """Filters that show one frame for as long as `count` frames."""
    return (
        f"trim=start_frame={frame}:end_frame={frame + 1},"
        f"loop=loop={count - 1}:size=1:start=0,setpts=N/({desk.fps:g}*TB)"
    )


def _count(desk: Desk) -> int:
    """Frames in [v]; the last is left out, since containers count it in different ways."""
    return max(2, int(desk.seconds * desk.fps) - 1)


@edit(seconds=(5.0, 8.0), at_least=3.0)
def freeze(desk: Desk) -> Recipe:
    """A freeze frame in the middle."""
    fps, count = desk.fps, _count(desk)
    at, held = round(count * desk.between(0.35, 0.65)), round(desk.between(1.2, 2.5) * fps)
    cuts = [_frames(0, at), _held(desk, at, held), _frames(at, count)]
    stop, on = at / fps, (at + held) / fps
    pieces = [
        desk.piece((0, stop), (0, stop)),
        desk.piece((stop, on), (stop, stop)),
        desk.piece((on, on + (count - at) / fps), (stop, count / fps)),
    ]
    return Recipe(joined(desk, cuts), pieces)


@edit(seconds=(6.0, 12.0), extreme=True)
def slideshow(desk: Desk) -> Recipe:
    """A slide show of stills."""
    fps, count, slides = desk.fps, _count(desk), desk.random.randint(4, 6)
    cuts, pieces, at = [], [], 0
    for slide in range(slides):
        frame = min(count - 1, int(count * (slide + desk.random.random()) / slides))
        held = round(desk.between(1.1, 2.0) * fps)
        cuts.append(_held(desk, frame, held))
        pieces.append(desk.piece((at / fps, (at + held) / fps), (frame / fps, frame / fps)))
        at += held
    return Recipe(joined(desk, cuts), pieces)


@edit(extreme=True)
def backwards(desk: Desk) -> Recipe:
    """Reversed."""
    length = desk.seconds
    pieces = [desk.piece((0, length), (0, length), backwards=True)]
    return Recipe("[v]reverse[out]", pieces)


@edit(seconds=(12.0, 24.0), at_least=5.0)
def compilation(desk: Desk) -> Recipe:
    """Three pieces of one footage in another order."""
    fps, count = desk.fps, _count(desk)
    third = count // 3
    order = desk.random.choice([(1, 0, 2), (2, 1, 0), (2, 0, 1), (1, 2, 0), (0, 2, 1)])
    cuts, pieces, at = [], [], 0
    for place in order:
        length = round(min(third * 0.95, desk.between(2.0, 4.0) * fps))
        first = place * third + int((third - length) * desk.random.random())
        cuts.append(_frames(first, first + length))
        pieces.append(
            desk.piece((at / fps, (at + length) / fps), (first / fps, (first + length) / fps))
        )
        at += length
    return Recipe(joined(desk, cuts), pieces, note=f"order {order}")


@edit(seconds=(3.0, 6.0), extreme=True)
def two_footages(desk: Desk) -> Recipe:
    """Two footages one after the other."""
    label, piece = desk.second(3.0, 6.0)
    fit = f"{fitting(640, 360)},fps={desk.fps:g},format=yuv420p"
    graph = f"[v]{fit}[one];{label}{fit}[two];[one][two]concat=n=2:v=1[out]"
    return Recipe(graph, [*desk.whole(), shifted(piece, desk.seconds)])


@edit()
def blended_rate(desk: Desk) -> Recipe:
    """Another frame rate, by blending frames."""
    way = desk.random.choice(
        [
            "minterpolate=fps=24:mi_mode=blend",
            "minterpolate=fps=50:mi_mode=blend,fps=25",
            "tmix=frames=3,fps=10",
            "tblend=average,fps=15",
        ]
    )
    return Recipe(f"[v]{way}[out]", desk.whole(), note=way)


@edit(seconds=(5.0, 9.0))
def variable_speed(desk: Desk) -> Recipe:
    """A change of speed half-way."""
    fps, count = desk.fps, _count(desk)
    half = count // 2
    speeds = desk.random.choice([(1.0, 1.5), (0.75, 1.25), (1.4, 0.8), (1.5, 1.0), (1.0, 0.6)])
    cuts, pieces, at = [], [], 0.0
    for speed, (first, last) in zip(speeds, ((0, half), (half, count)), strict=True):
        cuts.append(f"{_frames(first, last)},setpts=PTS/{speed},fps={fps:g}")
        length = (last - first) / fps / speed
        pieces.append(desk.piece((at, at + length), (first / fps, last / fps)))
        at += length
    return Recipe(joined(desk, cuts), pieces, note=f"speeds {speeds}")
