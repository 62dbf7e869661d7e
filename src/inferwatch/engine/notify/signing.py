"""A real key for SNS signatures, so that receivers can verify what they get.

Differs: AWS's certificate is AWS's; ours is made by the engine and served at its own address.
"""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=3_650)


class SigningKey:
    """An RSA key and its self-signed certificate, made when first needed (about 0.1 s); for any thread."""

    def __init__(self) -> None:
        self._once = threading.Lock()

    def sign(self, text: bytes) -> str:
        """SHA1 with RSA, as signature version 1 asks; base64."""
        signature = self._the_key().sign(text, padding.PKCS1v15(), hashes.SHA1())
        return base64.b64encode(signature).decode()

    @cached_property
    def certificate_pem(self) -> bytes:
        key = self._the_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inferwatch")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _VALID)
            .sign(key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _the_key(self) -> rsa.RSAPrivateKey:
        with self._once:
            return self._key

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
