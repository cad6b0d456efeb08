"""The one fence around boto3, used from several threads at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore import exceptions as boto

from liveinsight_cli.adapters.aws import Aws, fence
from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError

THREADS = 8


class Session:
    """Makes clients slowly, and notes when two are being made at once."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.at_work = threading.Lock()
        self.overlaps = 0

    def client(self, service: str, **_: Any) -> object:
        if not self.at_work.acquire(blocking=False):
            self.overlaps += 1
            raise AssertionError("two clients at once")
        time.sleep(0.02)
        self.made.append(service)
        self.at_work.release()
        return object()


def test_threads_share_a_client_and_make_one_at_a_time() -> None:
    session = Session()
    aws = Aws("ap-northeast-2", endpoint_url="http://127.0.0.1:1")
    aws.session = session
    together = threading.Barrier(THREADS)

    def ask(number: int) -> tuple[str, object]:
        service = ("lambda", "s3")[number % 2]
        together.wait()
        return service, aws.client(service)

    with ThreadPoolExecutor(THREADS) as pool:
        found = set(pool.map(ask, range(THREADS)))
    assert len(found) == 2
    assert sorted(session.made) == ["lambda", "s3"]
    assert session.overlaps == 0


NO_WAY: list[Exception] = [
    boto.SSLError(endpoint_url="https://logs", error="handshake"),
    boto.ProxyConnectionError(proxy_url="http://proxy", error="gone"),
    boto.EndpointConnectionError(endpoint_url="https://logs"),
]
SIGNED_OUT: list[Exception] = [
    boto.CredentialRetrievalError(provider="process", error_msg="no"),
    boto.RefreshWithMFAUnsupportedError(),
    boto.MetadataRetrievalError(error_msg="no"),
    RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired."),
]


@pytest.mark.parametrize("error", NO_WAY + SIGNED_OUT, ids=lambda error: type(error).__name__)
def test_no_exception_of_botocore_leaves_the_fence(error: Exception) -> None:
    with pytest.raises(LiveInsightError) as caught, fence():
        raise error
    assert isinstance(caught.value, CredentialsError if error in SIGNED_OUT else PreconditionError)


def test_a_mistake_of_ours_is_not_taken_for_aws() -> None:
    with pytest.raises(RuntimeError), fence():
        raise RuntimeError("ours")
