"""One embedded AWS for all tests of the applied stack."""

import shutil
from collections.abc import Iterator

import pytest

from liveinsight_cli.local.process import EmbeddedAws
from tests.conftest import REPOSITORY
from tests.terraform.deployed import Deployed
from tests.terraform.recorder import Recorder
from tests.terraform.stack import initialised_or_skipped


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    directory = tmp_path_factory.mktemp("lifecycle")
    stack = initialised_or_skipped(directory)
    shutil.copytree(
        REPOSITORY / "lambdas", directory / "lambdas", ignore=shutil.ignore_patterns("__pycache__")
    )
    aws = EmbeddedAws(directory)
    server = aws.up()
    recorder = Recorder(server.endpoint_url).start()
    try:
        yield Deployed(stack.pointed_at(recorder.url, server.region), server, directory / "lambdas", recorder)
    finally:
        recorder.close()
        aws.down()
