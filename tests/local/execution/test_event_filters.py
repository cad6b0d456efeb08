"""Filter criteria: each operator of EventBridge's patterns that Lambda takes."""

import json
from typing import Any

import pytest

from liveinsight_cli.local.execution.event_filters import InvalidFilter, compile_filters

RECORD = {
    "eventName": "INSERT",
    "dynamodb": {
        "NewImage": {
            "event_type": {"S": "page_view"},
            "tags": {"SS": ["a", "b"]},
            "n": 5,
            "zero": 0,
            "none": None,
        },
        "SizeBytes": 120.5,
    },
}


def image(name: str, *tests: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {name: list(tests)}}}


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "INSERT"]}, True),
        ({"eventName": ["REMOVE"]}, False),
        ({"eventName": ["INSERT"], "missing": ["x"]}, False),
        ({"dynamodb": {"NewImage": {"event_type": {"S": ["page_view"]}}}}, True),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"prefix": "page"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"prefix": "view"}]}}}}, False),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"suffix": "_view"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"equals-ignore-case": "PAGE_View"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"tags": {"SS": ["b"]}}}}, True),
        ({"dynamodb": {"NewImage": {"tags": {"SS": ["c"]}}}}, False),
        ({"dynamodb": {"NewImage": {"ttl": {"N": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"exists": True}]}}}}, True),
        ({"dynamodb": {"NewImage": {"event_type": {"S": [{"exists": False}]}}}}, False),
        (image("n", {"numeric": [">", 4, "<=", 5]}), True),
        (image("n", {"numeric": [">", 5]}), False),
        (image("n", 5.0), True),
        (image("n", "5"), False),
        (image("zero", False), False),
        (image("none", None), True),
        ({"dynamodb": {"SizeBytes": [{"numeric": ["=", 120.5]}]}}, True),
        ({"eventName": [{"anything-but": ["REMOVE", "MODIFY"]}]}, True),
        ({"eventName": [{"anything-but": "INSERT"}]}, False),
        ({"eventName": [{"anything-but": {"prefix": "INS"}}]}, False),
        ({"missing": [{"anything-but": "x"}]}, False),
        ({"$or": [{"eventName": ["REMOVE"]}, {"dynamodb": {"SizeBytes": [120.5]}}]}, True),
        ({"$or": [{"eventName": ["REMOVE"]}, {"eventName": ["MODIFY"]}]}, False),
    ],
)
def test_a_pattern_passes_what_it_describes(pattern: dict[str, Any], passes: bool) -> None:
    assert compile_filters([json.dumps(pattern)])(RECORD) is passes


def test_a_record_passes_when_any_pattern_matches_or_there_is_none() -> None:
    assert compile_filters(['{"eventName": ["REMOVE"]}', '{"eventName": ["INSERT"]}'])(RECORD)
    assert compile_filters([])(RECORD)


@pytest.mark.parametrize(
    "pattern",
    [
        "nonsense",
        "[]",
        '{"a": "b"}',
        '{"a": [{"like": "x"}]}',
        '{"a": [{"numeric": [">"]}]}',
        '{"a": [{"numeric": ["~", 1]}]}',
    ],
)
def test_patterns_that_lambda_refuses(pattern: str) -> None:
    with pytest.raises(InvalidFilter):
        compile_filters([pattern])
