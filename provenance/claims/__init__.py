"""What is claimed: given by options and files, or found in words."""

from provenance.claims.given import claim_interval, merge_claim, read_claim_file
from provenance.claims.reading import completed

__all__ = ["claim_interval", "completed", "merge_claim", "read_claim_file"]
