"""Signature Version 4A, by which services are called that belong to no region: of those here, the key value stores.

boto3 leaves it to a native library of 12 MB, whose mere presence makes every start of boto3 a fifth slower. What
differs from Version 4 is this: the key is an elliptic-curve key derived from the secret key, the scope names no region,
and a header says for which regions the signature is good.
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class SigV4AAuth(SigV4Auth):
    """Signs a request of botocore's with Version 4A."""

    def __init__(self, credentials: Any, service_name: str, region_name: str) -> None:
        """`region_name` is the set of regions, `*` for all."""
        super().__init__(credentials, service_name, region_name)
        self._keys, self._service, self._regions = credentials, service_name, region_name

    def add_auth(self, request: Any) -> None:
        """Put the date, the regions and the signature into the request's headers."""
        del request.headers["X-Amz-Region-Set"]  # of an earlier try; nothing happens where there is none
        request.headers["X-Amz-Region-Set"] = self._regions
        super().add_auth(request)

    def scope(self, request: Any) -> str:
        """Return whose signature it is, and for what."""
        return f"{self._keys.access_key}/{self.credential_scope(request)}"

    def credential_scope(self, request: Any) -> str:
        """Return the scope, which has no region."""
        return f"{request.context['timestamp'][:8]}/{self._service}/aws4_request"

    def string_to_sign(self, request: Any, canonical_request: str) -> str:
        """Return what is signed."""
        digest = sha256(canonical_request.encode()).hexdigest()
        return "\n".join((ALGORITHM, request.context["timestamp"], self.credential_scope(request), digest))

    def signature(self, string_to_sign: str, request: Any) -> str:
        """Return the signature, DER in hexadecimal digits; another one each time."""
        key = signing_key(self._keys.access_key, self._keys.secret_key)
        return key.sign(string_to_sign.encode(), ec.ECDSA(SHA256())).hex()

    def _inject_signature_to_request(self, request: Any, signature: str) -> Any:
        headers = self.signed_headers(self.headers_to_sign(request))
        parts = f"Credential={self.scope(request)}, SignedHeaders={headers}, Signature={signature}"
        request.headers["Authorization"] = f"{ALGORITHM} {parts}"
        return request


def signing_key(access_key: str, secret_key: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that belongs to credentials: NIST SP 800-108 in counter mode, then FIPS 186-4, B.4.2."""
    for counter in range(1, 255):
        fixed = b"\0\0\0\1" + ALGORITHM.encode() + b"\0" + access_key.encode() + bytes([counter])
        derived = hmac.new(b"AWS4A" + secret_key.encode(), fixed + b"\0\0\1\0", sha256).digest()
        candidate = int.from_bytes(derived, "big")
        if candidate <= P256_ORDER - 2:  # of 2**32 candidates, one is not
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise RuntimeError("no signing key could be derived")


def register() -> None:
    """Let boto3 sign with Version 4A; where its own library is installed, that one goes on doing it."""
    AUTH_TYPE_MAPS.setdefault("v4a", SigV4AAuth)


def keep_to(endpoint_url: str, client: Any) -> None:
    """Send a client's requests to the endpoint itself: boto3 puts the account's number before its host."""
    host = urlsplit(endpoint_url)

    def to_endpoint(request: Any, **_: Any) -> None:
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme=host.scheme, netloc=host.netloc))

    client.meta.events.register("before-send.cloudfront-keyvaluestore", to_endpoint)
