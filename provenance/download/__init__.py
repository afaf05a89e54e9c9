"""A URL in, a file and what its platform says of it out.

    found = download("https://example.org/clip.mp4", folder, settings)
    found.path, found.facts.published, found.facts.basis

`fetch.py` is the front; `worker.py` drives yt-dlp in a child process; `failures.py` says in plain
words what went wrong, and `retries.py` when trying again can help; `lists.py` reads playlists and
channels; `cache.py` keeps downloads for a while, and `sites.py` keeps manners; `facts.py` and
`archived.py` read dates and what each of them rests on.
`network.py` reads what the settings say of the network, `addresses.py` which addresses are public;
in the child, `guard.py` refuses the others, `handlers.py` sends the requests of yt-dlp and
`cookies.py` has the cookies for them.
"""

from provenance.download.archived import archived_capture
from provenance.download.cache import Cache
from provenance.download.equipment import STALE_DAYS, find_deno, yt_dlp_age
from provenance.download.facts import PlatformFacts, facts_from_info, facts_from_sidecar
from provenance.download.fetch import (
    MAX_ENTRIES,
    Download,
    Older,
    download,
    download_or_list,
    fetch_file,
)
from provenance.download.lists import Entry, Listing, is_older

__all__ = [
    "MAX_ENTRIES",
    "STALE_DAYS",
    "Cache",
    "Download",
    "Entry",
    "Listing",
    "Older",
    "PlatformFacts",
    "archived_capture",
    "download",
    "download_or_list",
    "facts_from_info",
    "facts_from_sidecar",
    "fetch_file",
    "find_deno",
    "is_older",
    "yt_dlp_age",
]
