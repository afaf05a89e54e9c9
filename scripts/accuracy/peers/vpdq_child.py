"""Runs in vPDQ's environment and knows nothing of the project: paths in, hashes out.

Each line of standard input is a path; each line of standard output a JSON array of
[64 hex digits, quality], or null where vPDQ could not read the file.
"""

import json
import sys

import vpdq  # type: ignore[import-not-found]

answer: list[tuple[str, int]] | None
for line in sys.stdin:
    try:
        features = vpdq.computeHash(line.rstrip("\n"), seconds_per_hash=1.0, thread_count=1)
        answer = [(feature.hex, feature.quality) for feature in features]
    except Exception:
        answer = None
    print(json.dumps(answer), flush=True)
