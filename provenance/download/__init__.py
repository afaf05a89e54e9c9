"""A URL in, a file and what its platform says of it out.

    with scratch_folder() as folder:
        found = download("https://example.org/clip.mp4", folder, settings)
        found.path, found.facts.published, found.facts.basis

`fetch.py` is the front; `worker.py` drives yt-dlp in a child process; `failures.py` says in plain
words what went wrong; `facts.py` and `archived.py` read dates and what each of them rests on.
`network.py` reads what the settings say of the network, `addresses.py` which addresses are public;
in the child, `guard.py` refuses the others, `handlers.py` sends the requests of yt-dlp and
`cookies.py` has the cookies for them.
"""

from provenance.download.archived import archived_capture
from provenance.download.facts import PlatformFacts, facts_from_info, facts_from_sidecar
from provenance.download.fetch import Download, download, expand, fetch_file, is_url, scratch_folder

__all__ = [
    "Download",
    "PlatformFacts",
    "archived_capture",
    "download",
    "expand",
    "facts_from_info",
    "facts_from_sidecar",
    "fetch_file",
    "is_url",
    "scratch_folder",
]
