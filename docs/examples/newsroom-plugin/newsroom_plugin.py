"""A source of footage, `newsroom:NAME`, and a fingerprint: which parts of a picture are bright."""

import json
import os
from pathlib import Path

import numpy as np

from provenance import DownloadError, When
from provenance.plugins import Download, PlatformFacts


class Newsroom:
    name = "newsroom"

    def accepts(self, location):
        return location.startswith("newsroom:")

    def fetch(self, location, folder, settings, progress):
        file = self._shelf() / f"{Path(location.removeprefix('newsroom:')).name}.mp4"
        if not file.is_file():
            raise DownloadError(f"The newsroom has no {location}.", "Ask the archive desk.")
        said = json.loads(file.with_suffix(".json").read_text("utf-8"))
        facts = PlatformFacts(title=said["title"], published=When.parse(said["published"]))
        return Download(file, location, facts)

    def expand(self, location):  # only for sources that have collections
        if location != "newsroom:all":
            return [location]
        return [f"newsroom:{file.stem}" for file in sorted(self._shelf().glob("*.mp4"))]

    def _shelf(self):
        return Path(os.environ["NEWSROOM"])


class Brightness:
    name, size, binary, near = "brightness", 32, True, 0.1  # 256 bits, a tenth may differ

    def describe(self, image):
        rows = np.array_split(image.mean(axis=2), 16, axis=0)
        cells = np.array([[c.mean() for c in np.array_split(row, 16, axis=1)] for row in rows])
        return np.packbits(cells > np.median(cells)) if np.ptp(cells) > 16 else None
