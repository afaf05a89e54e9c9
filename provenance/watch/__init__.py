"""A folder in front of the checker: whatever arrives in it is checked, once, and reported."""

from provenance.watch.handling import Handled
from provenance.watch.watcher import Summary, Watcher, WatchOptions

__all__ = ["Handled", "Summary", "WatchOptions", "Watcher"]
