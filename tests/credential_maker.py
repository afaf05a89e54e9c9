"""Files with Content Credentials, signed while the tests run by certificates made here.

desk = Authority("Example Desk")
signed = sign(picture(), manifest(), desk.signer("Camera 7"))
"""

from __future__ import annotations

import datetime as dt
import http.server
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """A certificate with its chain, and the key to it, in PEM form."""

    chain: str
    key: str


class Authority:
    """A root certificate that issues others, as a desk's own or a camera maker's."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name, f"{name} Root")
        builder = _certificate(self._name, self._name, self._key.public_key(), 3650 * _DAY)
        self._root = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(signing=False), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = _pem(self._root)

    def signer(
        self,
        name: str,
        *,
        organisation: str = "Example Camera Co",
        life: dt.timedelta = 30 * _DAY,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ) -> Signer:
        """A certificate to sign with, from yesterday on and for its `life`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(organisation, name)
        issued = (
            _certificate(subject, self._name, key.public_key(), life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signing=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([purpose]),
                critical=purpose == ExtendedKeyUsageOID.TIME_STAMPING,
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Signer(_pem(issued) + self.pem, private.decode())


def picture(kind: str = "JPEG") -> bytes:
    """A small picture full of noise."""
    stream = io.BytesIO()
    Image.effect_noise((160, 120), 50).convert("RGB").save(stream, kind)
    return stream.getvalue()


def manifest(
    *actions: Mapping[str, Any], title: str = "A parade", program: str = "Example Painter"
) -> dict[str, Any]:
    """What is to be signed: by default that a camera made it."""
    steps = list(actions) or [created("digitalCapture")]
    return {
        "claim_generator_info": [{"name": program, "version": "1.2"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": steps}}],
    }


def created(source_type: str) -> dict[str, Any]:
    """The action that tells where the pictures come from."""
    return {
        "action": "c2pa.created",
        "when": "2024-05-02T10:11:12Z",
        "digitalSourceType": IPTC + source_type,
    }


def used(relationship: str) -> dict[str, Any]:
    """The action that tells what became of an ingredient."""
    action = {"parentOf": "c2pa.opened"}.get(relationship, "c2pa.placed")
    return {"action": action, "parameters": {"ingredientIds": [relationship]}}


def sign(
    content: bytes,
    claim: Mapping[str, Any],
    signer: Signer,
    kind: str = "image/jpeg",
    *,
    ingredients: Mapping[str, bytes] | None = None,
    clock: str = "",
    remote: str = "",
) -> tuple[bytes, bytes]:
    """The signed file, and its manifest store.

    Args:
        ingredients: relationship -> a JPEG that the file was made from.
        clock: address of a time stamp authority.
        remote: leave the store out of the file and name this address in it instead.
    """
    out = io.BytesIO()
    info = c2pa.C2paSignerInfo(
        b"es256", signer.chain.encode(), signer.key.encode(), clock.encode() or None
    )
    # Some of what is signed here is wrong on purpose.
    context = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    with c2pa.Builder(dict(claim), context=context) as builder:
        for relationship, data in (ingredients or {}).items():
            about = {
                "title": f"the {relationship}",
                "relationship": relationship,
                "label": relationship,
            }
            builder.add_ingredient(about, "image/jpeg", io.BytesIO(data))
        if remote:
            builder.set_remote_url(remote)
            builder.set_no_embed()
        store = builder.sign(c2pa.Signer.from_info(info), kind, io.BytesIO(content), out)
    return out.getvalue(), bytes(store)


@contextmanager
def clock(authority: Authority, folder: Path) -> Iterator[str]:
    """The address of a time stamp authority (RFC 3161) on 127.0.0.1; openssl makes its stamps."""
    purpose = ExtendedKeyUsageOID.TIME_STAMPING
    own = authority.signer("Clock 1", organisation="Example Time", purpose=purpose)
    for name, text in {"c.pem": own.chain, "k.pem": own.key, "serial": "01"}.items():
        (folder / name).write_text(text)
    (folder / "cnf").write_text(
        "[tsa]\ndefault_tsa = t\n[t]\n"
        f"serial = {folder}/serial\nsigner_cert = {folder}/c.pem\ncerts = {folder}/c.pem\n"
        f"signer_key = {folder}/k.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
        "digests = sha256, sha384, sha512\ness_cert_id_alg = sha256\n"
    )

    def answer(query: bytes) -> bytes:
        (folder / "query").write_bytes(query)
        openssl = shutil.which("openssl") or "openssl"
        argv = [openssl, "ts", "-reply", "-config", f"{folder}/cnf"]
        files = ["-queryfile", f"{folder}/query", "-out", f"{folder}/reply"]
        subprocess.run([*argv, *files], check=True, capture_output=True)
        return (folder / "reply").read_bytes()

    with serving(answer, "application/timestamp-reply") as (address, _):
        yield address


@contextmanager
def serving(answer: Any, kind: str) -> Iterator[tuple[str, list[str]]]:
    """A server on 127.0.0.1 that answers every request; its address, and the paths asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            body = answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the server asks for this name

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/manifest.c2pa", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _name(organisation: str, name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signing,
        crl_sign=not signing,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
