"""What terraform and the command line send is what AWS's own service models allow; the embedded AWS takes more."""

from collections import Counter

import pytest

from tests.e2e.conftest import Stack
from tests.terraform.service_models import objections

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
OURS = ("", "liveinsight", "s3")  # the embedded AWS's own pages; S3, whose requests hardly have a model
COMMANDS = (
    ("stats", "--range", "24h"),
    ("tail", "--no-follow", "--since", "5m"),
    ("seed-demo", "--seed", "3", "--sessions", "5", "--days", "1", "--site", "sent.example"),
    ("seed-demo", "--purge", "--site", "sent.example"),
)


def test_every_request_fits_its_services_model(stack: Stack) -> None:
    stack.record()
    assert stack.recorder is not None
    for command in COMMANDS:
        done = stack.run(*command, "--yes")
        assert done.returncode == 0, f"{command}: {done.stderr}"
    read = [objections(sent) for sent in stack.recorder.sent if sent.service not in OURS]
    assert sorted({one for _, found in read for one in found}) == []
    made = Counter(name for name, _ in read)
    # What only the command line sends, and terraform never.
    assert {"Invoke", "GetAlias", "FilterLogEvents", "GetMetricData", "BatchWriteItem"} <= made.keys()
    assert {"CreateTable", "CreateFunction", "PutMetricAlarm", "PutIntegration"} <= made.keys()
