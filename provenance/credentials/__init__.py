"""Content Credentials (C2PA): what a file carries about its own making, signed.

    found = read_credentials("clip.mp4", settings)
    found and (found.state, found.signer, found.generated)

`reader.py` is the front. The file is opened in a child process (`worker.py`) by the C2PA project's
own library; `interpreting.py` turns what that prints into a `ContentCredentials`, `problems.py`
has the words for what is wrong, `anchors.py` reads the certificates that you trust, `formats.py`
tells a file's format by its bytes, since names lie.
"""

from provenance.credentials.anchors import Anchors, read_anchors
from provenance.credentials.reader import read_credentials

__all__ = ["Anchors", "read_anchors", "read_credentials"]
