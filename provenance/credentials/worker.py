"""The child process that opens untrusted files with the C2PA library; prints one JSON object.

Run by `process.run_worker`, never imported by the rest of the package. Commands:

    read PATH FORMAT ANCHORS STORE   FORMAT a MIME type; ANCHORS a PEM file or ""; STORE a manifest
                                     store that was fetched from elsewhere, or ""
    marked PATH                      whether there are the marks of credentials, without reading

`read` prints {} for none, {"store": ...}, {"remote": ADDRESS}, {"broken": WHY} or
{"anchors": WHY} where the library refuses the anchors.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

MOST_ITEMS, MOST_TEXT, MOST_DEPTH = 200, 2000, 12
SCAN_STEP = 8 << 20
# How a manifest store begins, in whatever file it lies: the UUID of its outermost JUMBF box
# (C2PA specification, "Embedding manifests": the four letters c2pa in ISO's UUID range).
STORE_MARK = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq"
_REMOTE = re.compile(r"^Remote: must fetch remote manifests from url (\S+)")
_NOT_NEEDED = frozenset({"thumbnail", "manifest_data", "pad", "data_types", "credentials"})


def main(arguments: list[str]) -> None:
    command, path, *rest = arguments
    if command == "marked":
        result: dict[str, Any] = {"marked": _is_marked(Path(path))}
    else:
        result = _read(Path(path), *rest)
    json.dump(result, sys.stdout)


def _read(path: Path, kind: str, anchors: str, store: str) -> dict[str, Any]:
    import c2pa

    fetched = Path(store).read_bytes() if store else None

    try:
        context = c2pa.Context.from_dict(_configuration(anchors))
    except c2pa.C2paError as error:
        return {"anchors": _said(error)}
    try:
        with path.open("rb") as file, c2pa.Reader(kind, file, fetched, context=context) as reader:
            return {"store": _pruned(json.loads(reader.json()))}
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return {}
    except c2pa.C2paError as error:
        said = _said(error)
        if remote := _REMOTE.match(said):
            return {"remote": remote[1]}
        # What cannot be parsed at all says nothing of credentials, unless they can be seen in it.
        return {"broken": said} if store or _is_marked(path) else {}


def _configuration(anchors: str) -> dict[str, Any]:
    """Settings of the library, which never uses the network itself: the addresses in a file are a
    stranger's, and its connections cannot be held to those that were looked at."""
    core = {"decode_identity_assertions": False, "allowed_network_hosts": []}
    verify = {
        "verify_after_reading": True,
        "verify_trust": True,
        "verify_timestamp_trust": True,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    }
    trust = {"trust_anchors": Path(anchors).read_text("latin-1")} if anchors else {}
    return {"core": core, "verify": verify, "trust": trust}


def _said(error: Exception) -> str:
    return str(error)[:MOST_TEXT]


def _pruned(value: Any, depth: int = 0) -> Any:
    """JSON data without what nobody reads, and without more of anything than a report can hold."""
    if isinstance(value, str):
        return value[:MOST_TEXT]
    if not isinstance(value, dict | list):
        return value
    if depth > MOST_DEPTH:
        return None
    if isinstance(value, list):
        kept = [item for item in value if not _is_hash(item)]
        return [_pruned(item, depth + 1) for item in kept[:MOST_ITEMS]]
    items = [(name, item) for name, item in value.items() if name not in _NOT_NEEDED]
    return {name[:MOST_TEXT]: _pruned(item, depth + 1) for name, item in items[:MOST_ITEMS]}


def _is_hash(item: Any) -> bool:
    """An assertion that binds the file's bytes: long, and of no use to a reader."""
    return isinstance(item, dict) and str(item.get("label", "")).startswith("c2pa.hash.")


def _is_marked(path: Path) -> bool:
    tail = b""
    with path.open("rb") as file:
        while step := file.read(SCAN_STEP):
            if STORE_MARK in tail + step:
                return True
            tail = step[-len(STORE_MARK) :]
    return False
