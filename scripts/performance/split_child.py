"""Runs in a process of its own: what the parts of a check, of learning, or of opening take.

python -m performance.split_child check CLIP ARCHIVE
python -m performance.split_child add FILM ARCHIVE
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

from provenance import checker, fingerprints, media  # noqa: E402
from provenance.archive import Archive  # noqa: E402

DECODING = "decoding and describing"
Part = tuple[Any, str, str]
"""Who has the method, its name, and what it is called in the figures."""


def main() -> None:
    """Print the seconds as JSON."""
    what, *names = sys.argv[1:]
    measured: dict[str, Callable[..., dict[str, float]]]
    measured = {"open": _opened, "add": _added, "check": _checked}
    print(json.dumps(measured[what](*names)))


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
    """Seconds of a whole check, and of its parts; those of processors without ffmpeg's."""
    spent = _watched(
        (checker, "probe", "examining"),
        (fingerprints, "fingerprint_query", DECODING),
        (Archive, "search", "look-up"),
        (Archive, "fingerprint", "reading fingerprints"),
        (Archive, "search_sound", "look-up of sound"),
        (checker._Checked, "_matches", "look-up and matching"),
    )
    start = time.perf_counter()
    with Archive.open(location) as archive:
        checker.check(clip, archive=archive, pictures=False)
    return spent | {"whole": time.perf_counter() - start}


def _added(film: str, location: str) -> dict[str, float]:
    """Seconds of learning a file, and of its parts."""
    spent = _watched(
        (media, "probe", "examining"),
        (fingerprints, "fingerprint_known", DECODING),
        (Archive, "_write", "coding, indexing and storing"),
    )
    start = time.perf_counter()
    with Archive.open(location) as archive:
        archive.add(film)
    return spent | {"whole": time.perf_counter() - start}


def _watched(*parts: Part) -> dict[str, float]:
    """Where the seconds of these parts are summed up from now on.

    Of decoding only the first counts: a second look is a part of matching.
    """
    spent: dict[str, float] = {}
    for owner, method, name in parts:
        spent[name] = spent[f"{name}, processor"] = 0.0
        setattr(owner, method, _timed(getattr(owner, method), name, spent))
    return spent


def _timed(method: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        if name == DECODING and spent[name]:
            return method(*given, **named)
        start, worked = time.perf_counter(), time.process_time()
        try:
            return method(*given, **named)
        finally:
            spent[name] += time.perf_counter() - start
            spent[f"{name}, processor"] += time.process_time() - worked

    return timed


if __name__ == "__main__":
    main()
