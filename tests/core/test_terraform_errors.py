"""Which of the documented errors a failed run is."""

import pytest

from liveinsight_cli.core.terraform_errors import LockInfo, age_in_words, kind_of, lock_info
from liveinsight_cli.core.terraform_events import Diagnostic, parse_event
from tests.adapters.fake_terraform import STREAMS


def diagnostic(summary: str, detail: str = "") -> Diagnostic:
    return Diagnostic("error", summary, detail, None, None, None, None)


def recorded(name: str) -> list[Diagnostic]:
    found = [parse_event(line) for line in (STREAMS / f"{name}.jsonl").read_text().splitlines()]
    return [one for one in found if isinstance(one, Diagnostic) and one.severity == "error"]


@pytest.mark.parametrize(
    ("summary", "detail", "kind"),
    [
        ("Saved plan is stale", "The given plan file can no longer be applied", "stale_plan"),
        ("No valid credential sources found", "", "credentials"),
        ("Retrieving AWS account details", "api error ExpiredToken: The token has expired", "credentials"),
        ("Failed to query available provider packages", "could not connect to registry", "provider"),
        (
            "Failed to install provider",
            "the local package doesn't match any of the checksums previously recorded",
            "checksum",
        ),
        ("Inconsistent dependency lock file", "", "not_initialised"),
        ("Module not installed", "", "not_initialised"),
        ("creating Lambda Function", "InvalidParameterValueException", "failed"),
        ("Error acquiring the state lock", "open .tfstate: no space left on device", "unwritable"),
        ("Error acquiring the state lock", "Unsupported state file format: not JSON", "damaged_state"),
        ('Failed to load "x.tfplan" as a plan file', "not a valid zip file", "no_plan"),
        ("creating topic", "dial tcp 127.0.0.1:4750: connect: connection refused", "unreachable"),
    ],
)
def test_errors_are_told_apart(summary: str, detail: str, kind: str) -> None:
    assert kind_of([diagnostic(summary, detail)]) == kind


def test_a_recorded_lock_names_its_holder_and_age() -> None:
    errors = recorded("plan-locked")
    assert kind_of(errors) == "locked"
    holder = lock_info(errors)
    assert holder.who == "root@vm"
    assert holder.id == "25147bad-2982-3cb3-dcf5-a479b3243689"
    assert holder.operation == "OperationTypeApply"
    assert holder.age_seconds(1795469570.0) == 10


def test_a_lock_that_says_nothing_is_still_a_lock() -> None:
    assert lock_info([diagnostic("Error acquiring the state lock")]) == LockInfo("", "", "", "")
    assert LockInfo("", "", "", "yesterday").age_seconds(0) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (5, "5 s"), (240, "4 min"), (7200, "2 h"), (5399, "90 min")]
)
def test_ages_are_short(seconds: float | None, words: str) -> None:
    assert age_in_words(seconds) == words
