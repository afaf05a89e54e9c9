"""Evidence bundles: a report with what it rests on, in one file that another desk can verify.

layout    what stands in a bundle       writer    makes one, whole or not at all
verifier  tells whether one is sound    stamps    time stamps (RFC 3161) of a server that is named
"""

from provenance.bundle.verifier import Verdict, verify_bundle
from provenance.bundle.writer import Written, refuse_bundle, write_bundle

__all__ = ["Verdict", "Written", "refuse_bundle", "verify_bundle", "write_bundle"]
