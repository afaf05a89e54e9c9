"""Distributions as pip leaves them on a path: modules, and metadata with entry points.

install(folder, "newsroom-plugin", {"newsroom_plugin.py": text}, {"provenance.sources": {...}})
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(
    folder: Path,
    name: str,
    modules: Mapping[str, str],
    entry_points: Mapping[str, Mapping[str, str]],
    version: str = "1.0",
) -> None:
    """Put a distribution into a folder; whoever has the folder on sys.path has it installed."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in modules.items():
        (folder / file).write_text(text, "utf-8")
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, entries in entry_points.items():
        lines += [f"[{group}]", *(f"{entry} = {value}" for entry, value in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
