"""Runs in a process of its own: what the parts of one check, or of opening an archive, take.

python -m performance.split_child check CLIP ARCHIVE
python -m performance.split_child open ARCHIVE
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from provenance.settings import calm_threads

calm_threads()

import numpy as np  # noqa: E402

from provenance import checker  # noqa: E402
from provenance.archive import Archive  # noqa: E402


def main() -> None:
    """Print the seconds as JSON."""
    what, *names = sys.argv[1:]
    print(json.dumps(_opened(*names) if what == "open" else _checked(*names)))


def _opened(location: str) -> dict[str, float]:
    """Seconds until the archive has told its state, and until it has answered a first search."""
    import faiss  # noqa: F401  loading the library is no part of opening an archive

    start = time.perf_counter()
    with Archive.open(location) as archive:
        archive.state()
        opened = time.perf_counter() - start
        archive.search(np.full((1, 128), 45, np.uint8), 1)
        return {"open": opened, "open and search": time.perf_counter() - start}


def _checked(clip: str, location: str) -> dict[str, float]:
    """Seconds of a whole check, and of its parts."""
    spent: dict[str, float] = {}
    parts: tuple[tuple[Any, str, str], ...] = (
        (Archive, "search", "look-up"),
        (Archive, "fingerprint", "reading fingerprints"),
        (Archive, "search_sound", "look-up of sound"),
        (checker._Checked, "_matches", "look-up and matching"),
    )
    for owner, method, name in parts:
        spent[name] = 0.0
        setattr(owner, method, _timed(getattr(owner, method), name, spent))
    start = time.perf_counter()
    with Archive.open(location) as archive:
        checker.check(clip, archive=archive, pictures=False)
    spent["check"] = time.perf_counter() - start
    return spent


def _timed(method: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return method(*given, **named)
        finally:
            spent[name] += time.perf_counter() - start

    return timed


if __name__ == "__main__":
    main()
