"""`provenance keyframes`: the distinct frames of a clip as pictures."""

from __future__ import annotations

import click

from provenance.cli._options import everywhere, json_option, pass_session
from provenance.cli._session import Session


@everywhere
@click.command("keyframes", short_help="Save the distinct frames of a clip as pictures.")
@click.argument("source", metavar="SOURCE")
@click.option("-o", "--output", "folder", metavar="DIR", required=True, help="Where to save them.")
@click.option("--png", is_flag=True, help="Save PNG pictures, which lose nothing, instead of JPEG.")
@click.option("--force", is_flag=True, help="Overwrite files of the same names.")
@json_option("the list of pictures")
@pass_session
def command(
    session: Session, *, source: str, folder: str, png: bool, force: bool, as_json: bool
) -> int:
    """Save the distinct frames of a file or URL as pictures, for reverse image search.

    The pictures have the full resolution and are named by their time. Frames that look like one
    saved before are left out. Each picture is printed as one line: its path, its second, and its
    64-bit pHash; DIR/keyframes.json lists the same.
    """
    from provenance.keyframes import keyframe_dict, save_keyframes
    from provenance.report.wording import clean

    terminal = session.terminal
    saved = []
    for frame in save_keyframes(
        source,
        folder,
        form="png" if png else "jpg",
        overwrite=force,
        settings=session.settings,
        progress=terminal.progress,
    ):
        saved.append({"path": str(frame.path), **keyframe_dict(frame)})
        if not as_json:
            terminal.out(f"{clean(str(frame.path))}\t{frame.seconds:.3f}\t{frame.phash}\n")
    if as_json:
        terminal.out_json(saved)
    terminal.say(f"Saved {len(saved)} {'picture' if len(saved) == 1 else 'pictures'} in {folder}.")
    return 0
