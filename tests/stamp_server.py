"""A time stamp authority (RFC 3161) on 127.0.0.1, with certificates made for the test.

Written with asn1crypto, so that what it answers owes nothing to the library under test.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from web import Web

LONG_AGO, FAR_OFF = dt.datetime(2020, 1, 1), dt.datetime(2050, 1, 1)
SIGNED_AT = dt.datetime(2024, 11, 3, 12, 30, tzinfo=dt.UTC)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Authority:
    """A root, and a signer of time stamps below it."""

    name: str = "Test stamps"

    @cached_property
    def _root_key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def root(self) -> x509.Certificate:
        name = _name(f"{self.name} root")
        basic = x509.BasicConstraints(ca=True, path_length=None)
        return self._signed(name, self._root_key.public_key(), basic, critical=True)

    @cached_property
    def certificate(self) -> x509.Certificate:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        return self._signed(_name(self.name), self._key.public_key(), usage, critical=True)

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extension: x509.ExtensionType,
        *,
        critical: bool,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name(f"{self.name} root"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(LONG_AGO)
            .not_valid_after(FAR_OFF)
            .add_extension(extension, critical=critical)
        )
        return builder.sign(self._root_key, hashes.SHA256())

    def write_root(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    def answer(
        self, query: bytes, *, about: bytes | None = None, nonce: int | None = None
    ) -> bytes:
        """The response to a request, or one about another digest, or with another nonce."""
        asked = tsp.TimeStampReq.load(query)
        imprint = asked["message_imprint"]
        if about is not None:
            imprint = tsp.MessageImprint(
                {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": about}
            )
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4.1",
                "message_imprint": imprint,
                "serial_number": 7,
                "gen_time": SIGNED_AT,
                "nonce": asked["nonce"].native if nonce is None else nonce,
            }
        )
        token = self._token(info)
        status = tsp.PKIStatusInfo({"status": "granted"})
        return bytes(tsp.TimeStampResp({"status": status, "time_stamp_token": token}).dump())

    def _token(self, info: tsp.TSTInfo) -> cms.ContentInfo:
        certificates = [
            asn1_x509.Certificate.load(c.public_bytes(serialization.Encoding.DER))
            for c in (self.certificate, self.root)
        ]
        own = certificates[0]
        content = info.dump()
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
                {
                    "type": "signing_certificate_v2",
                    "values": [{"certs": [{"cert_hash": hashlib.sha256(own.dump()).digest()}]}],
                },
            ]
        )
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    {"issuer": own.issuer, "serial_number": own.serial_number},
                ),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signature,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": certificates,
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def serve(web: Web, authority: Authority, path: str = "/stamps", **wrong: object) -> str:
    """The address of a server that answers every request so."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = request.rfile.read(int(request.headers["Content-Length"]))
        data = authority.answer(query, **wrong)  # type: ignore[arg-type]
        request.send_response(200)
        request.send_header("Content-Type", "application/timestamp-reply")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return web.answer(path, answer)
