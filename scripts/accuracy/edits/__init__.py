"""Our own edits, by name: `EDITS`. What people do to footage before they post it again.

framing   another part or shape of the picture       overlays  what is put over or around it
layouts   several pictures in one frame               timing    another order or pace
looks     colour, light and quality                   again     an edit of an edit
"""

from accuracy.desk import EDITS
from accuracy.edits import again, framing, layouts, looks, overlays, timing

__all__ = ["EDITS", "again", "framing", "layouts", "looks", "overlays", "timing"]
