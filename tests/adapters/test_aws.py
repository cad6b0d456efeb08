"""The one fence around boto3, used from several threads at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from liveinsight_cli.adapters.aws import Aws

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
