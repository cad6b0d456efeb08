"""Signature Version 4 for the one kind of request the functions make: `POST /` with a JSON body and a target.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Importing botocore's own
signer costs three times as much as a whole cold start with this one (docs/decisions/0010); a test holds the two equal.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

CONTENT_TYPE = "application/x-amz-json-1.0"
_SERVICE = "dynamodb"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys of an AWS identity; `token` is empty for those that do not expire."""

    access_key: str
    secret_key: str
    token: str = ""


class Signer:
    """Signs requests to one host in one region. Credentials are asked for at every request: they may be renewed."""

    def __init__(self, host: str, region: str, credentials: Callable[[], Credentials]) -> None:
        self._host = host
        self._region = region
        self._credentials = credentials
        self._key: tuple[str, str, bytes] = ("", "", b"")

    def headers(self, target: str, body: bytes, now: float) -> dict[str, str]:
        """All headers of a request made at `now` (epoch seconds), but for `Content-Length`."""
        credentials = self._credentials()
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        headers = {"Content-Type": CONTENT_TYPE, "Host": self._host, "X-Amz-Date": moment}
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        headers["X-Amz-Target"] = target
        # The dictionary is in the order of the names already, as the canonical request wants them.
        names = ";".join(headers).lower()
        lines = "".join(f"{name.lower()}:{value}\n" for name, value in headers.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._region}/{_SERVICE}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(
            self._signing_key(credentials.secret_key, moment[:8]), to_sign.encode(), "sha256"
        ).hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return headers

    def _signing_key(self, secret: str, day: str) -> bytes:
        if self._key[:2] != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, _SERVICE, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = (secret, day, key)
        return self._key[2]
