"""Colour, light and quality."""

from __future__ import annotations

from accuracy.desk import Desk, Recipe, edit


@edit(extreme=True)
def low_bitrate(desk: Desk) -> Recipe:
    """Extremely low bitrate."""
    rate = desk.random.choice([24, 40, 60])
    return Recipe(
        "[v]scale=-2:240,fps=15[out]",
        desk.whole(),
        encoding=("-b:v", f"{rate}k", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"),
        note=f"{rate} kbit/s",
    )


@edit()
def night(desk: Desk) -> Recipe:
    """Darkened to a bluish night."""
    gamma, dim = desk.between(0.45, 0.6), desk.between(0.5, 0.7)
    return Recipe(
        f"[v]eq=gamma={gamma:.2f}:saturation=0.4,colorchannelmixer=rr={dim * 0.7:.2f}:"
        f"gg={dim * 0.8:.2f}:bb={dim:.2f},noise=alls=14:allf=t[out]",
        desk.whole(),
    )


@edit()
def overexposed(desk: Desk) -> Recipe:
    """Overexposed."""
    lift, gain = desk.between(0.1, 0.2), desk.between(1.4, 1.8)
    return Recipe(f"[v]eq=brightness={lift:.2f}:contrast={gain:.2f}:gamma=1.4[out]", desk.whole())


@edit()
def old_film(desk: Desk) -> Recipe:
    """Old film: sepia, grain, vignette, flicker, scratches."""
    numbers = desk.numbers()
    speed, depth = desk.between(7, 13), desk.between(0.04, 0.09)
    scratches = ",".join(
        f"drawbox=x='iw*{place:.3f}+4*sin(t*{pace:.1f})':y=0:w=1:h=ih:color=white@0.5:t=fill"
        for place, pace in zip(numbers.random(4), 3 + 5 * numbers.random(4), strict=True)
    )
    return Recipe(
        "[v]colorchannelmixer=.393:.769:.189:0:.349:.686:.168:0:.272:.534:.131,"
        f"eq=brightness='{depth:.3f}*sin({speed:.1f}*t)*sin(2.3*t)':contrast=1.15:eval=frame,"
        f"{scratches},noise=alls=24:allf=t,vignette=PI/4.5,fps={min(desk.fps, 18):g}[out]",
        desk.whole(),
    )
