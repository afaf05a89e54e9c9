"""Finds the plug-ins that are installed. One that cannot be used is an error, never passed over:
whoever installed it believes that it is at work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import Any, Generic, TypeVar, cast

from provenance.errors import PluginError, ProvenanceError
from provenance.plugins.interface import FingerprintPlugin, SourcePlugin
from provenance.settings import Settings

SOURCES = "provenance.sources"
FINGERPRINTS = "provenance.fingerprints"
"""The groups of entry points."""
_NEEDED = {
    SOURCES: ("name", "accepts", "fetch"),
    FINGERPRINTS: ("name", "size", "binary", "near", "describe"),
}
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OFF = "Mend or uninstall it, or do without all plug-ins: PROVENANCE_PLUGINS=no."

P = TypeVar("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Loaded(Generic[P]):
    """A plug-in, and whom it came from."""

    plugin: P
    entry: str
    distribution: str

    def __str__(self) -> str:
        return f"the plug-in {self.entry} of the distribution {self.distribution}"

    def asked(self, work: Callable[[P], T]) -> T:
        """What the plug-in does. A fault of its own becomes a PluginError that names it, also an
        attempt to end the program, which is not its own; its ProvenanceErrors pass, and Ctrl-C.

        Raises:
            PluginError: it failed in a way that it should not.
        """
        try:
            return work(self.plugin)
        except ProvenanceError:
            raise
        except (Exception, SystemExit) as error:
            raise self.fault(f"failed ({type(error).__name__}: {error})") from error

    def fault(self, what: str) -> PluginError:
        """An error that says what is wrong with it."""
        text = f"{self} {what}."
        return PluginError(text[0].upper() + text[1:], _OFF)


def source_plugins(settings: Settings) -> tuple[Loaded[SourcePlugin], ...]:
    """All sources that are plugged in. Raises PluginError."""
    return _all(SOURCES) if settings.plugins else ()


def fingerprint_plugins(settings: Settings) -> tuple[Loaded[FingerprintPlugin], ...]:
    """All kinds of fingerprint that are plugged in, by name. Raises PluginError."""
    return _all_kinds() if settings.plugins else ()


def installed() -> Iterator[tuple[str, str, str, PluginError | None]]:
    """(group, entry point, distribution, what is wrong with it) of every plug-in."""
    for group in (SOURCES, FINGERPRINTS):
        for entry in _entries(group):
            try:
                _load(group, entry)
                error = None
            except PluginError as fault:
                error = fault
            yield group, entry.name, _distribution(entry), error


@lru_cache(maxsize=4)
def _all(group: str) -> tuple[Any, ...]:
    return tuple(_load(group, entry) for entry in _entries(group))


def _all_kinds() -> tuple[Loaded[FingerprintPlugin], ...]:
    kinds = cast(tuple[Loaded[FingerprintPlugin], ...], _all(FINGERPRINTS))
    named: dict[str, Loaded[FingerprintPlugin]] = {}
    for kind in kinds:
        if other := named.get(kind.plugin.name):
            raise kind.fault(f"has the name {kind.plugin.name!r}, and so has {other}")
        named[kind.plugin.name] = kind
    return tuple(named[name] for name in sorted(named))


def _entries(group: str) -> list[metadata.EntryPoint]:
    return sorted(metadata.entry_points(group=group), key=lambda e: (e.name, e.value))


def _distribution(entry: metadata.EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "of no name"


def _load(group: str, entry: metadata.EntryPoint) -> Loaded[Any]:
    loaded = Loaded[Any](None, entry.name, _distribution(entry))
    try:
        found = entry.load()
        plugin = found() if isinstance(found, type) else found
    except (Exception, SystemExit) as error:
        reason = f"cannot be loaded ({type(error).__name__}: {error})"
        raise loaded.fault(reason) from error
    try:
        _look_at(group, loaded, plugin)
    except PluginError:
        raise
    except Exception as error:  # a property of it
        raise loaded.fault(f"failed ({type(error).__name__}: {error})") from error
    return Loaded(plugin, entry.name, _distribution(entry))


def _look_at(group: str, loaded: Loaded[Any], plugin: Any) -> None:
    """Raises PluginError where it cannot be what its group asks for."""
    missing = [name for name in _NEEDED[group] if not hasattr(plugin, name)]
    if missing:
        raise loaded.fault(f"lacks {', '.join(missing)}, which every one of {group} has")
    if not isinstance(plugin.name, str) or not plugin.name:
        raise loaded.fault("has no name")
    if group == FINGERPRINTS:
        if not _KIND.fullmatch(plugin.name):
            allowed = "lower-case letters, digits and underscores"
            raise loaded.fault(f"is called {plugin.name!r}; a name is made of {allowed}")
        if not isinstance(plugin.size, int) or plugin.size < 1:
            raise loaded.fault(f"has vectors of {plugin.size!r} values")
        if not isinstance(plugin.near, int | float) or not plugin.near >= 0:
            raise loaded.fault(f"calls pictures near up to {plugin.near!r}")
