"""Places: a gazetteer of names, and whether two places can be the same."""

from provenance.places.comparing import Comparison, compare, compare_spots, places_differ, readings

__all__ = ["Comparison", "compare", "compare_spots", "places_differ", "readings"]
