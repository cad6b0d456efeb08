"""The one fence around boto3: clients come from here, and only our own exceptions leave it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError, TimedOut

EXPIRED_OR_REFUSED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "InvalidSignatureException",
        "InvalidAccessKeyId",
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
    }
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})


class AwsError(LiveInsightError):
    """AWS refused a call. `aws_code` is the service's own error code."""

    code = "aws"

    def __init__(self, aws_code: str, message: str, operation: str) -> None:
        super().__init__(f"AWS {operation}: {aws_code}: {message}")
        self.aws_code = aws_code
        self.operation = operation


class CredentialsRefused(CredentialsError):
    """AWS does not take these credentials, or not any more. `aws_code` is the service's own error code."""

    def __init__(self, aws_code: str, message: str) -> None:
        super().__init__(
            f"AWS refused the credentials ({aws_code}): {message}",
            hint="Sign in again, or give another --profile.",
        )
        self.aws_code = aws_code


@dataclass
class Aws:
    """Lazily made boto3 clients of one account and region.

    `endpoint_url` points at the embedded AWS; then the credentials are dummies and the user's profile is not read.
    `attempts`: how often boto3 tries a request that may succeed the next time.
    """

    region: str
    profile: str | None = None
    endpoint_url: str | None = None
    attempts: int = 5
    _clients: dict[str, Any] = field(default_factory=dict)
    _account: str | None = None
    _making: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @cached_property
    def session(self) -> Any:
        """boto3's session: dummy credentials for the embedded AWS, else the profile's; raises CredentialsError."""
        import boto3
        from botocore.exceptions import ProfileNotFound

        if self.endpoint_url:
            return boto3.Session(
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any
                region_name=self.region,
            )
        try:
            return boto3.Session(profile_name=self.profile, region_name=self.region)
        except ProfileNotFound as error:
            raise CredentialsError(
                str(error), hint="List profiles with: aws configure list-profiles"
            ) from error

    def client(self, service: str) -> Any:
        """Return the client of a service; call it inside `fence()`.

        Threads may use one client, but boto3 may make one only at a time.
        """
        if service not in self._clients:
            with self._making:
                if service not in self._clients:
                    self._clients[service] = self._made(service)
        return self._clients[service]

    def _made(self, service: str) -> Any:
        from botocore.config import Config

        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=16,
            inject_host_prefix=self.endpoint_url is None,  # `stream-127.0.0.1` is nobody
            # The embedded AWS is this machine; else the environment's.
            proxies={} if self.endpoint_url else None,
        )
        with fence():
            client = self.session.client(service, endpoint_url=self.endpoint_url, config=config)
        if service == "cloudfront-keyvaluestore":
            self._prepare_regionless(client)
        if service == "logs":
            client.meta.events.register("before-parse.cloudwatch-logs.FilterLogEvents", _parse_at_once)
        return client

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Make one call, e.g. `call("lambda", "get_alias", FunctionName=..., Name="live")`."""
        with fence():
            answer: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
            return answer

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages of a paginated call."""
        with fence():
            yield from self.client(service).get_paginator(operation).paginate(**parameters)

    def wait(self, service: str, waiter: str, **parameters: Any) -> None:
        """Return when what a waiter of boto3 waits for has come; raises TimedOut."""
        from botocore.exceptions import WaiterError

        with fence():
            try:
                self.client(service).get_waiter(waiter).wait(**parameters)
            except WaiterError as error:
                raise TimedOut(f"AWS was not ready in time: {error}", hint="Try again.") from error

    def in_region(self, region: str) -> "Aws":
        """Return the same account in another region."""
        return self if region == self.region else Aws(region, self.profile, self.endpoint_url)

    def trying_once(self) -> "Aws":
        """Return the same account for a caller that tries again itself."""
        return Aws(self.region, self.profile, self.endpoint_url, attempts=1)

    def forget_session(self) -> None:
        """Read the profile and its credentials again, with the next call."""
        with self._making:
            self.__dict__.pop("session", None)
            self._clients.clear()

    def endpoint(self, service: str) -> str:
        """Return the URL at which a service is called."""
        url: str = self.client(service).meta.endpoint_url
        return url

    def keys(self) -> tuple[str, str, str]:
        """Return access key, secret key and session token (or an empty one), renewed when they have expired."""
        with fence():
            found = self.session.get_credentials()
            if found is None:
                raise CredentialsError(
                    "No AWS credentials were found.",
                    hint="Sign in (aws sso login, aws configure) or give --profile.",
                )
            frozen = found.get_frozen_credentials()
        return frozen.access_key, frozen.secret_key, frozen.token or ""

    def _prepare_regionless(self, client: Any) -> None:
        from liveinsight_cli.adapters import regionless

        regionless.register()
        if self.endpoint_url:
            regionless.keep_to(self.endpoint_url, client)

    def account(self) -> str:
        """Return the account id of the credentials, asked for once; raises CredentialsError."""
        if self._account is None:
            self._account = str(self.call("sts", "get_caller_identity")["Account"])
        return self._account


def _parse_at_once(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Read a page of log events as JSON alone: botocore goes through it by its model, which costs twice as much."""
    if response_dict["status_code"] == 200:
        customized_response_dict.update(_json(response_dict["body"]))
        response_dict["body"] = b"{}"


def _json(body: bytes) -> dict[str, Any]:
    import orjson

    try:
        try:
            parsed: dict[str, Any] = orjson.loads(body)
        except ValueError:  # halves of surrogate pairs, which only the standard library takes
            parsed = json.loads(body)
    except ValueError as error:
        from botocore.parsers import ResponseParserError

        raise ResponseParserError("the answer is not JSON") from error
    return parsed


@contextmanager
def fence() -> Iterator[None]:
    """Turn botocore's exceptions into ours."""
    from botocore import exceptions as boto
    from botocore.parsers import ResponseParserError

    try:
        yield
    except boto.ClientError as error:
        raise _refused(error) from error
    except _signed_out(boto) as error:
        raise _unusable(error) from error
    except RuntimeError as error:
        if "refreshed credentials" not in str(error):  # botocore's own words for what it could not renew
            raise
        raise _unusable(error) from error
    except (boto.ReadTimeoutError, boto.ConnectTimeoutError) as error:
        raise TimedOut(f"AWS did not answer in time: {error}", hint="Try again.") from error
    except (
        boto.ConnectionError,  # TLS and proxies, too; what timed out was told above
        boto.ConnectionClosedError,
        boto.HTTPClientError,
        ResponseParserError,  # somebody else answered: a proxy, a sign-in page
    ) as error:
        raise PreconditionError(
            f"AWS cannot be reached: {error}",
            code="aws_unreachable",
            hint="Embedded AWS: liveinsight local status. Real AWS: check the network and --region.",
        ) from error


def _signed_out(boto: Any) -> tuple[type[Exception], ...]:
    """Return what missing, expired and broken credentials bring about; older botocore does not know `aws login`."""
    return (
        boto.NoCredentialsError,
        boto.PartialCredentialsError,
        boto.CredentialRetrievalError,
        boto.RefreshWithMFAUnsupportedError,
        boto.MetadataRetrievalError,
        boto.InvalidConfigError,
        boto.TokenRetrievalError,
        boto.SSOError,
        *([boto.LoginError] if hasattr(boto, "LoginError") else []),
    )


def _unusable(error: Exception) -> CredentialsError:
    return CredentialsError(
        f"No usable AWS credentials: {error}",
        hint="Sign in (aws sso login, aws configure) or give --profile.",
    )


def _refused(error: Any) -> LiveInsightError:
    details = error.response.get("Error", {})
    aws_code, message = str(details.get("Code", "Unknown")), str(details.get("Message", ""))
    if aws_code in EXPIRED_OR_REFUSED:
        return CredentialsRefused(aws_code, message)
    if aws_code in DENIED:
        return CredentialsError(
            f"The credentials may not do this ({error.operation_name}): {message}",
            code="access_denied",
            hint="Use credentials with the right to do it; docs/deploying.md lists what is needed.",
        )
    return AwsError(aws_code, message, error.operation_name)
