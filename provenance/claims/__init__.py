"""What is claimed: given by options and files, or found in words."""

from provenance.claims.given import claim_interval, merge_claim, read_claim_file
from provenance.claims.reading import completed
from provenance.claims.table import ClaimRow, read_claims_table

__all__ = [
    "ClaimRow",
    "claim_interval",
    "completed",
    "merge_claim",
    "read_claim_file",
    "read_claims_table",
]
