"""Reading media: what a file holds, and its frames with exact times.

All decoding happens in child processes: `probe` in a Python worker, frames in ffmpeg.
"""

from provenance.media.frames import Decoded, Frame, read_frames
from provenance.media.identity import file_sha256
from provenance.media.probe import MediaInfo, probe

__all__ = ["Decoded", "Frame", "MediaInfo", "file_sha256", "probe", "read_frames"]
