"""What a policy allows on top of another: never less than it says, checked against every action there is."""

import json
from collections.abc import Iterable
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core.grants import gained

ACTIONS = ("s3:GetObject", "s3:PutObject", "dynamodb:Scan")
RESOURCES = ("arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b/x")
ACTION_PATTERNS = (*ACTIONS, "s3:*", "*", "s3:?etObject", "S3:getobject")
RESOURCE_PATTERNS = (*RESOURCES, "arn:aws:s3:::a/*", "*", "arn:aws:s3:::?/x")

some = st.lists
statement = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": some(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2),
        "Resource": some(st.sampled_from(RESOURCE_PATTERNS), min_size=1, max_size=2),
    }
)
policy = some(statement, max_size=3).map(lambda found: {"Version": "2012-10-17", "Statement": found})


def matches(pattern: str, text: str) -> bool:
    """Match as AWS does, step by step."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches(pattern[1:], text) or (bool(text) and matches(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and matches(pattern[1:], text[1:])


def allowed(document: dict[str, list[dict[str, list[str]]]]) -> set[tuple[str, str]]:
    def named(effect: str) -> set[tuple[str, str]]:
        return {
            (action, resource)
            for action, resource in product(ACTIONS, RESOURCES)
            for one in document["Statement"]
            if one["Effect"] == effect
            and any(matches(pattern.lower(), action.lower()) for pattern in one["Action"])
            and any(matches(pattern, resource) for pattern in one["Resource"])
        }

    return named("Allow") - named("Deny")


def texts(*documents: object) -> Iterable[str]:
    return (json.dumps(one) for one in documents)


@given(before=policy, after=policy)
def test_whatever_is_allowed_now_and_was_not_is_reported(
    before: dict[str, list[dict[str, list[str]]]], after: dict[str, list[dict[str, list[str]]]]
) -> None:
    found = gained(*texts(before, after))
    for action, resource in allowed(after) - allowed(before):
        assert any(
            matches(one.action.lower(), action.lower()) and matches(one.resource, resource) for one in found
        ), (action, resource)


@given(found=policy)
def test_a_policy_allows_nothing_on_top_of_itself(found: dict[str, list[dict[str, list[str]]]]) -> None:
    assert gained(*texts(found, found)) == ()
    shuffled = {"Statement": [dict(reversed(one.items())) for one in reversed(found["Statement"])]}
    assert gained(*texts(found, shuffled)) == ()


def one(**fields: object) -> str:
    return json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **fields}})


def test_a_condition_that_goes_and_a_principal_that_comes_are_gains() -> None:
    narrow = one(Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert gained(narrow, narrow) == ()
    assert [grant.action for grant in gained(narrow, one())] == ["s3:GetObject"]
    assert gained(one(), narrow) == ()
    by_lambda, by_all = one(Principal={"Service": "lambda.amazonaws.com"}), one(Principal="*")
    assert [grant.principal for grant in gained(by_lambda, by_all)] == ["*"]
    assert gained(by_all, by_lambda) == ()


def test_a_statement_with_exceptions_is_reported_when_it_is_new() -> None:
    open_to_all = json.dumps({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]})
    assert gained(open_to_all, open_to_all) == ()
    (found,) = gained(None, open_to_all)
    assert "NotAction" in found.in_words()


def test_words_leave_account_and_region_out() -> None:
    after = one(Action="dynamodb:Scan", Resource="arn:aws:dynamodb:ap-northeast-2:123456789012:table/events")
    assert [grant.in_words() for grant in gained(None, after)] == ["dynamodb:Scan on table/events"]
