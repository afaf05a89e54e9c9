"""`provenance export`: what is known, for other desks and other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from provenance.cli._codes import SOME_FAILED
from provenance.cli._options import FOOTAGE_ID, archive_option, everywhere, pass_session
from provenance.cli._session import Session
from provenance.cli._terminal import Terminal
from provenance.errors import UsageError

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.models import Footage
    from provenance.settings import Settings

COLUMNS = (
    *("footage_id", "path", "sha256", "duration", "hashes_only", "appearance_id", "published"),
    *("precision", "zone", "basis", "url", "platform", "title", "uploader", "place", "note"),
    "fact_check",
)
_ORIGINS = {
    "file": "made of its file",
    "pictures": "made of the small pictures that are kept: less exact",
    "list": "as they were imported",
}


@everywhere
@archive_option
@click.command("export", short_help="Write what is known, for other desks.")
@click.argument("ids", nargs=-1, metavar="[ID...]", type=FOOTAGE_ID)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "vpdq"]),
    default="csv",
    help="csv: a row an appearance, which `import` reads again; jsonl: a footage a line; vpdq: a "
    "list of hashes for each footage. [default: csv]",
)
@click.option(
    "--layout",
    type=click.Choice(["text", "json"]),
    help="Of vpdq: the text that vPDQ's own tools read, or the JSON of python-threatexchange. "
    "[default: text]",
)
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE|FOLDER|-",
    help="Where to write it; vpdq needs a folder. [default: standard output]",
)
@click.option("--force", is_flag=True, help="Overwrite files of the same names.")
@pass_session
def command(
    session: Session,
    /,
    *,
    ids: tuple[int, ...],
    form: str,
    layout: Literal["text", "json"] | None,
    path: str | None,
    force: bool,
) -> int:
    """Write what is known of all footage, or of those with the given IDs.

    What the archive keeps to find footage again stays in it; copy its folder to copy the archive.
    """
    if layout and form != "vpdq":
        raise UsageError("--layout is for --format vpdq.", "Leave it out, or add the format.")
    target = None if path in (None, "-") else Path(str(path))
    if form == "vpdq" and target is None:
        raise UsageError("Hashes are written as a file a footage.", "Name a folder with -o FOLDER.")
    with session.open_archive() as archive:
        footages = map(archive.footage, ids) if ids else archive.footages()
        if form == "vpdq":
            assert target
            hashes = _Hashes(session.terminal, target, layout or "text", force=force)
            return hashes.write(archive, footages, session.settings)
        text = _csv(footages) if form == "csv" else _lines(footages)
        if target is None:
            session.terminal.out(text, machine=True)
        else:
            _write(target, text, force=force)
    return 0


def _csv(footages: Iterator[Footage]) -> str:
    """A row an appearance, the columns named as a manifest has them."""
    from provenance.models import appearance_dict
    from provenance.report.tables import csv_text

    rows: list[Sequence[object]] = [COLUMNS]
    for footage in footages:
        shared: dict[str, Any] = {
            "footage_id": footage.id,
            "path": footage.location,
            "sha256": footage.sha256,
            "duration": footage.duration and round(footage.duration, 3),
            "hashes_only": footage.hashes_only,
        }
        for appearance in footage.appearances:
            said = appearance_dict(appearance)
            values = {**said, **shared, "appearance_id": appearance.id}
            rows.append([values[name] for name in COLUMNS])
    return csv_text(rows)


def _lines(footages: Iterator[Footage]) -> str:
    from provenance.models import footage_dict
    from provenance.report.json_report import to_json

    return "".join(to_json(footage_dict(footage)) + "\n" for footage in footages)


class _Hashes:
    """A folder of hash lists."""

    def __init__(
        self, terminal: Terminal, folder: Path, layout: Literal["text", "json"], *, force: bool
    ) -> None:
        self._terminal, self._folder, self._layout, self._force = terminal, folder, layout, force
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"The folder {folder} cannot be made: {reason}.") from error

    def write(self, archive: Archive, footages: Iterator[Footage], settings: Settings) -> int:
        """One list a footage; the exit code."""
        from provenance.feeds.hash_lists import write_hashes
        from provenance.hash_export import hashes_of
        from provenance.report.wording import clean

        counts: Counter[str] = Counter()
        for footage in list(footages):
            frames, origin = hashes_of(archive, footage, settings)
            counts[origin] += 1
            if not frames:
                self._terminal.complain(
                    f"Footage {footage.id} has no hashes: its file is gone or changed, and no "
                    "pictures of it are kept."
                )
                continue
            ending = "json" if self._layout == "json" else "txt"
            path = self._folder / f"footage-{footage.id}.vpdq.{ending}"
            _write(path, write_hashes(frames, self._layout), force=self._force)
            self._terminal.out(clean(f"{path}  {len(frames)} hashes, {_ORIGINS[origin]}") + "\n")
        return SOME_FAILED if counts["nothing"] else 0


def _write(path: Path, text: str, *, force: bool) -> None:
    """A whole file, or none."""
    if path.exists() and not force:
        raise UsageError(
            f"{path} is there already and is not overwritten.",
            "Choose another place, or add --force.",
        )
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8", "replace")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = error.strerror or error
        raise UsageError(f"{path} cannot be written: {reason}.", "Choose another place.") from error
