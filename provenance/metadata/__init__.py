"""What a file says of itself: a lead for people, never proof and never a publication date.

    found = read_metadata("clip.mp4", probe("clip.mp4"))
    found.container, found.exif, found.findings

`reader.py` is the front. `container.py` takes the tags of container and streams from what `probe`
read; `exif.py` and `structure.py` have EXIF, XMP and the boxes of MP4 files read in a child process
(`worker.py`, with `boxes.py` and `xmp.py`). `findings.py` says what follows from the tags, with
`moments.py` for dates, `zones.py` for clocks, `positions.py` for places, `tells.py` for the marks
of programs, `names.py` for file names, `oddities.py` for streams and `xmp_findings.py` for XMP.
`values.py` makes everything that came from outside fit to be written down.
"""

from provenance.metadata.reader import read_metadata

__all__ = ["read_metadata"]
