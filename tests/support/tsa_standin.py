"""A timestamp authority of the tests (时间戳替身): answers RFC 3161 requests with a certificate of its own."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = {"algorithm": "sha256"}


@dataclass
class Authority:
    """A root, the authority's key, and what it does to spoil an answer."""

    spoil: str = ""
    """`imprint`, `nonce`, `refuse` or `error`."""
    asked: int = 0
    root_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __post_init__(self) -> None:
        self.root = _certificate("root", self.root_key, "root", self.root_key, is_root=True)
        self.certificate = _certificate("authority", self.key, "root", self.root_key, is_root=False)

    @property
    def root_pem(self) -> bytes:
        """The root certificate as an operator keeps it."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    def answer(self, request: bytes) -> bytes:
        """The answer to a request, DER."""
        self.asked += 1
        if self.spoil == "refuse":
            return bytes(tsp.TimeStampResp({"status": {"status": "rejection"}}).dump())
        asked = tsp.TimeStampReq.load(request)
        info = self._info(asked)
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(info)})
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _info(self, asked: Any) -> bytes:
        imprint = asked["message_imprint"].native
        if self.spoil == "imprint":
            imprint["hashed_message"] = hashlib.sha256(b"something else").digest()
        nonce = asked["nonce"].native + (1 if self.spoil == "nonce" else 0)
        said = {
            "version": "v1", "policy": "1.2.3.4.1", "message_imprint": imprint, "serial_number": self.asked,
            "gen_time": datetime.now(UTC).replace(microsecond=0), "nonce": nonce,
        }  # fmt: skip
        return bytes(tsp.TSTInfo(said).dump())

    def _signed(self, info: bytes) -> cms.SignedData:
        certificate = asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))
        ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]})
        attributes = cms.CMSAttributes([
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(info).digest()]},
            {"type": "signing_certificate_v2", "values": [ess]},
        ])  # fmt: skip
        signature = self.key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer = {
            "version": "v1", "digest_algorithm": algos.DigestAlgorithm(SHA256), "signed_attrs": attributes,
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": {
                "issuer": certificate.issuer, "serial_number": certificate.serial_number,
            }}),
            "signature_algorithm": {"algorithm": "sha256_rsa"}, "signature": signature,
        }  # fmt: skip
        return cms.SignedData({
            "version": "v3", "digest_algorithms": [algos.DigestAlgorithm(SHA256)],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
            "certificates": [certificate], "signer_infos": [signer],
        })  # fmt: skip


@contextmanager
def serving(authority: Authority) -> Iterator[str]:
    """The address at which an authority answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500 if authority.spoil == "error" else 200)
            self.end_headers()
            self.wfile.write(authority.answer(body))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    server.server_close()
    thread.join()


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, signer: rsa.RSAPrivateKey, *, is_root: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    usage = {"digital_signature": not is_root, "key_cert_sign": is_root, "crl_sign": is_root}
    names = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only")  # fmt: skip
    builder = builder.add_extension(x509.KeyUsage(**usage, **dict.fromkeys(names, False)), critical=True)
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signer, hashes.SHA256())
