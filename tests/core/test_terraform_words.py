"""What a newcomer reads when terraform fails: why, what next, where, and what is wrong there."""

import dataclasses

import pytest

from liveinsight_cli.core.terraform_causes import cause_of
from liveinsight_cli.core.terraform_events import Diagnostic, Snippet, parse_event
from liveinsight_cli.core.terraform_words import describe, describe_all
from tests.adapters.fake_terraform import STREAMS

FRAME = (
    "operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: 0b3f-11, api error "
)


def error(summary: str, detail: str = "", address: str | None = None) -> Diagnostic:
    return Diagnostic("error", summary, detail, address, None, None, None)


def recorded(name: str) -> list[Diagnostic]:
    found = [parse_event(line) for line in (STREAMS / f"{name}.jsonl").read_text().splitlines()]
    return [one for one in found if isinstance(one, Diagnostic) and one.severity == "error"]


def test_a_diagnostic_has_its_place_its_lines_and_a_mark_below_what_is_wrong() -> None:
    snippet = Snippet('a {\n\tb = "ü" + c', 7, 'resource "x" "a"', (14, 17), (("var.c", "is 5"),))
    shown = describe(Diagnostic("error", "Bad", "Because.", "x.a", "m.tf", 8, snippet))
    assert shown.splitlines() == [
        "Bad",
        "  resource: x.a",
        "  at: m.tf:8",
        '        in resource "x" "a"',
        "      7 | a {",
        '      8 | \tb = "ü" + c',
        "        | \t        ^^^",
        "        var.c is 5",
        "  Because.",
    ]


def test_a_recorded_syntax_error_is_marked() -> None:
    first = describe(recorded("newer-plan-syntax")[0])
    assert "  why: The Terraform files cannot be read" in first
    lines = first.splitlines()
    code = next(number for number, line in enumerate(lines) if " | " in line)
    assert set(lines[code + 1].split("|")[1].strip()) == {"^"}


def test_what_the_sdk_says_around_an_error_is_left_out() -> None:
    (first, second) = recorded("newer-apply-error")
    assert describe(first).startswith(
        "putting IAM Role (recorded-role) Policy (access): IAM PutRolePolicy: MalformedPolicyDocument"
    )
    assert "RequestID" not in describe(first) + describe(second)


@pytest.mark.parametrize(
    ("said", "why", "then"),
    [
        (
            f"{FRAME}AccessDenied: User: arn:aws:iam::1:user/ci is not authorized to perform: iam:CreateRole on "
            "resource: arn:aws:iam::1:role/x because no identity-based policy allows the iam:CreateRole action",
            "arn:aws:iam::1:user/ci may not do iam:CreateRole on arn:aws:iam::1:role/x.",
            "Give them iam:CreateRole",
        ),
        (
            "AccessDeniedException: User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: "
            "lambda:CreateFunction with an explicit deny in a service control policy",
            "arn:aws:sts::1:assumed-role/a/b may not do lambda:CreateFunction: a policy of the organization denies it",
            "Ask whoever",
        ),
        (f"{FRAME}AccessDenied: no", "may not call IAM CreateRole", "--profile"),
        ("AccessDenied: Your account must be verified before you can add", "not verified", "AWS Support"),
        ("LimitExceededException: Subscriber limit exceeded", "quota", "Service Quotas"),
        ("TooManyBuckets: You have attempted to create more buckets", "quota", "Service Quotas"),
        ("ThrottlingException: Rate exceeded", "too often", "goes on from here"),
        ("TooManyRequestsException: Too Many Requests", "too often", "goes on from here"),
        ("BucketAlreadyExists: The requested bucket name is not available", "Somebody else's", "`project`"),
        ("EntityAlreadyExists: Role with name x already exists.", "not in this environment's", "leftover"),
        ("OptInRequired: You are not subscribed to this service", "region", "Enable"),
        ("dial tcp: lookup iam.mars-1.amazonaws.com: no such host", "DNS", "region"),
    ],
)
def test_the_commonest_causes_are_said_in_plain_words(said: str, why: str, then: str) -> None:
    cause = cause_of(error("creating something", said))
    assert cause is not None
    assert why in cause.why
    assert then in cause.next


def test_an_error_of_no_known_cause_keeps_terraforms_words() -> None:
    assert cause_of(error("Something", "unheard of")) is None


def test_a_value_that_the_stack_refuses_names_the_setting() -> None:
    snippet = Snippet('variable "memory_mb" {', 25, None)
    refused = Diagnostic("error", "Invalid value for variable", "Too small.", None, "v.tf", 25, snippet)
    cause = cause_of(refused)
    assert cause is not None
    assert "memory_mb" in cause.why


def test_the_same_error_of_many_resources_is_told_once() -> None:
    errors = [
        error(
            f"creating IAM Role (role-{name})", f"AccessDenied: RequestID: {name}, no", f"aws_iam_role.{name}"
        )
        for name in ("a1", "b2", "c3")
    ]
    other = error("creating SNS Topic (x)", "NotFound", "aws_sns_topic.x")
    shown = describe_all([errors[0], other, *errors[1:]])
    assert shown.count("creating IAM Role") == 1
    assert "the same for 2 more: aws_iam_role.b2, aws_iam_role.c3" in shown
    assert "creating SNS Topic" in shown


def test_different_mistakes_in_files_are_all_told() -> None:
    one = dataclasses.replace(error("Unsupported argument", "An argument"), filename="a.tf", line=1)
    shown = describe_all([one, dataclasses.replace(one, line=9)])
    assert "a.tf:1" in shown
    assert "a.tf:9" in shown
