"""From a location to a file: by a plug-in that takes it, else from the web; files are there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from provenance.crew import checkpoint
from provenance.dates import When
from provenance.download import (
    MAX_ENTRIES,
    Download,
    Entry,
    Listing,
    Older,
    PlatformFacts,
    download,
    download_or_list,
    is_older,
)
from provenance.errors import PluginError
from provenance.plugins.interface import Collection, SourcePlugin
from provenance.plugins.loading import Loaded, source_plugins
from provenance.progress import Progress, SilentProgress
from provenance.settings import Settings
from provenance.urls import is_address


def is_remote(location: str, settings: Settings) -> bool:
    """Whether it has to be fetched; anything else is a path. Raises PluginError."""
    return _taker(location, settings) is not None or is_address(location)


def obtain(
    location: str, folder: Path, settings: Settings, progress: Progress | None = None
) -> Download:
    """Fetch one video from where it is; see `download` for the rest.

    Raises:
        PluginError: the plug-in that takes it is at fault.
        DownloadError, ToolError, InterruptedWorkError: as `download`, and as plug-ins do.
    """
    taker = _taker(location, settings)
    if taker is None:
        return download(location, folder, settings, progress)
    told = progress or SilentProgress()
    found = taker.asked(lambda plugin: plugin.fetch(location, folder, settings, told))
    path = getattr(found, "path", None)
    facts = getattr(found, "facts", None)
    if not isinstance(path, str | os.PathLike) or not isinstance(facts, PlatformFacts):
        raise taker.fault(f"gave {found!r} for {location} instead of a Download")
    if not Path(path).is_file():
        raise taker.fault(f"says that {location} is in {path}, where no file is")
    if facts.published and not facts.basis:
        facts = replace(facts, basis="declared")
    return Download(Path(path), location, facts)


def obtain_or_list(
    location: str,
    folder: Path,
    settings: Settings,
    progress: Progress | None = None,
    *,
    since: When | None = None,
    most: int = MAX_ENTRIES,
) -> Download | Listing | Older:
    """Fetch one video, or say what a collection, a playlist or a channel holds.

    Args:
        since, most: as for `download_or_list`. What a plug-in gives is fetched before its date is
            known.

    Raises:
        PluginError, DownloadError, ToolError, InterruptedWorkError: as `obtain`.
    """
    taker = _taker(location, settings)
    if taker is None:
        return download_or_list(location, folder, settings, progress, since=since, most=most)
    if isinstance(taker.plugin, Collection):
        collection = taker.plugin
        found = taker.asked(lambda _: _first(collection.expand(location), most + 1))
        if not all(isinstance(entry, str) and entry for entry in found):
            raise taker.fault(f"expanded {location} into something that is no list of texts")
        if found != [location]:
            return Listing(tuple(map(Entry, found[:most])), more=len(found) > most)
    one = obtain(location, folder, settings, progress)
    if since and one.facts.published and is_older(one.facts.published, since):
        return Older(one.facts.published)
    return one


def _first(entries: Iterable[str], most: int) -> list[str]:
    """So many of them, also where there is no end to them.

    Raises:
        TypeError: it is one text, which would be taken letter by letter.
    """
    if isinstance(entries, str):
        raise TypeError("one text where a list of them is meant")
    found = []
    for entry in islice(entries, most):
        checkpoint()
        found.append(entry)
    return found


def _taker(location: str, settings: Settings) -> Loaded[SourcePlugin] | None:
    """The plug-in whose location this is; of what is here as a file or folder nobody's."""
    if os.path.exists(location):  # noqa: PTH110  # Path.exists() raises for names too long
        return None
    takers = [
        loaded
        for loaded in source_plugins(settings)
        if loaded.asked(lambda plugin: plugin.accepts(location))
    ]
    if len(takers) > 1:
        raise PluginError(
            f"{location} is wanted by several plug-ins: {' and '.join(map(str, takers))}.",
            "Uninstall all of them but one.",
        )
    return takers[0] if takers else None
