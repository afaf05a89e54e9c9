"""What is known by its address, so that it need not be fetched to find that out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from provenance.archive.catalogue import Catalogue
from provenance.archive.learn import Told
from provenance.archive.sources import MEDIA_EXTENSIONS
from provenance.dates import When
from provenance.errors import UnknownFootageError
from provenance.models import Appearance, Footage
from provenance.urls import is_url, video_key


class KnownPages:
    """The addresses of all footage, read when they are first asked for.

    Footage has the address that it was added from and those of its appearances, but not of those
    that `check --remember` recorded: they say what was checked, and not what is known.
    """

    def __init__(self, catalogue: Callable[[], Catalogue | None], told: Told) -> None:
        """
        Args:
            catalogue: opens the archive's catalogue; None where there is none yet.
            told: what a person says of the sources that are to be added.
        """
        self._catalogue = catalogue
        self._told = told

    def footage(self, url: str, named: bool) -> Footage | None:
        """The footage of a page, where adding it again would tell nothing new.

        Args:
            named: a person gave the address. It may be that of a page with another video by now,
                unless a site vouches for it or it is a media file.
        """
        catalogue, key = self._catalogue(), video_key(url)
        if catalogue is None or not is_url(url):
            return None
        for footage_id in self._ids.get(key, ()):
            try:
                footage = catalogue.footage(footage_id)
            except UnknownFootageError:  # removed by somebody else since
                continue
            # Footage of an older version's archive was never listened to.
            if catalogue.sound(footage_id) is not None and self._tells_nothing_new(
                footage, key, any_platform=not named or _is_media_file(url)
            ):
                return footage
        return None

    @cached_property
    def _ids(self) -> dict[str, list[int]]:
        catalogue = self._catalogue()
        ids: dict[str, list[int]] = defaultdict(list)
        if catalogue is not None:
            for footage_id, url in catalogue.addresses():
                ids[video_key(url)].append(footage_id)
        return ids

    def _tells_nothing_new(self, footage: Footage, key: str, *, any_platform: bool) -> bool:
        from_here = video_key(footage.location) == key
        return any(
            (from_here or (one.url is not None and video_key(one.url) == key))
            and (any_platform or one.platform is not None)
            and one.remembered_sha256 is None
            and self._says_what_is_told(one)
            for one in footage.appearances
        )

    def _says_what_is_told(self, appearance: Appearance) -> bool:
        for field in fields(Told):
            said, known = getattr(self._told, field.name), getattr(appearance, field.name)
            if isinstance(said, When) and isinstance(known, When):
                said, known = (said.value, said.zone), (known.value, known.zone)
            if said is not None and said != known:
                return False
        return True


def _is_media_file(url: str) -> bool:
    return PurePosixPath(urlsplit(url).path).suffix[1:].lower() in MEDIA_EXTENSIONS
