"""Filter patterns, against the examples of CloudWatch's documentation and what lies beside them."""

import json

import pytest

from liveinsight_cli.local.telemetry.patterns import InvalidPattern, compile_pattern

EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "isOn": True,
        "isOff": False,
        "latency": 50,
        "bandwidth": 1.5,
        "cluster": {"name": "c", "service.name": "x"},
        "text": 'say "hi"',
        "number": "12",
    }
)
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("   ", "anything", True),
        ("ERROR", "[ERROR] 500", True),
        ("ERROR", "error", False),
        ("ERROR ARGUMENTS", "[ERROR 400] INVALID ARGUMENTS", True),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD", False),
        ('"INTERNAL SERVER ERROR"', "an INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
        ('"a\\"b"', 'x a"b y', True),
        ("?ERROR ?WARN", "WARN it", True),
        ("?ERROR ?WARN", "INFO it", False),
        ('?ERROR ?"no luck"', "had no luck", True),
        ("ERROR -ARGUMENTS", "ERROR alone", True),
        ("ERROR -ARGUMENTS", "ERROR ARGUMENTS", False),
        ('-"health check"', "GET /", True),
        ('-"health check"', "a health check", False),
        ("INFO ?ERROR", "INFO", True),
        ("%AUTHORIZED%", "UNAUTHORIZED", True),
        ("%^\\d{3} %", "404 not", True),
        ("%^\\d{3} %", "x 404", False),
        ("ERROR %[45]\\d\\d%", "ERROR 503", True),
    ],
)
def test_terms_match_as_in_cloudwatch(pattern: str, message: str, matches: bool) -> None:
    assert compile_pattern(pattern)(message) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "update*" }', False),
        ('{ $.eventType != "NoTrail" }', True),
        ('{ $.eventType != "UpdateTrail" }', False),
        ('{ $.missing != "x" }', False),
        ("{ $.eventType = * }", True),
        ('{ $.sourceIPAddress != "123.123.*" }', True),
        ("{ $.eventType = %^Upd.*ail$% }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ('{ $.arrayKey[7] = "value" }', False),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id > 1 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.SomeOtherObject IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.SomeObject EXISTS }", True),
        ("{ $.isOn IS TRUE }", True),
        ("{ $.isOff IS TRUE }", False),
        ("{ $.isOff IS FALSE }", True),
        ("{ $.latency = 50 }", True),
        ("{ $.latency >= 5e1 }", True),
        ("{ $.latency < 50 }", False),
        ("{ $.latency != 49 }", True),
        ("{ $.bandwidth > 1.25 }", True),
        ("{ $.number = 12 }", True),
        ("{ $.eventType > 3 }", False),
        ('{ $.cluster.name = "c" }', True),
        ('{ $.cluster.["service.name"] = "x" }', True),
        ('{ $.text = "say \\"hi\\"" }', True),
        ('{ $.latency > 10 && $.eventType = "UpdateTrail" }', True),
        ('{ $.latency > 100 && $.eventType = "UpdateTrail" }', False),
        ('{ $.latency > 100 || $.eventType = "UpdateTrail" }', True),
        ("{ $.latency > 100 || $.isOn IS TRUE && $.isOff IS TRUE }", False),
        ("{ ($.latency > 100 || $.isOn IS TRUE) && $.bandwidth = 1.5 }", True),
    ],
)
def test_json_patterns_match_as_in_cloudwatch(pattern: str, matches: bool) -> None:
    test = compile_pattern(pattern)
    assert test(EVENT) is matches
    assert test(f"not json {EVENT}") is False


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, id, user, timestamp, request, status, bytes]", True),
        ("[ip, id, user, timestamp, request, status]", False),
        ("[ip, ...]", True),
        ("[..., bytes]", True),
        ("[ip, ..., status = 404, bytes]", True),
        ("[ip, ..., status = 4*, bytes > 1000]", True),
        ("[ip, ..., status = 4*, bytes > 2000]", False),
        ("[..., status = 404 || status = 410, bytes]", True),
        ("[..., status != 404 && status = 4*, bytes]", False),
        ('[ip = 127.0.0.*, ..., request = "*apache*", status, bytes]', True),
        ("[ip, id, user, timestamp, request = %^GET .*1\\.0$%, ...]", True),
        ("[ip, id, user, timestamp = 10/Oct*, ...]", True),
        ("[a, b, c, d, e, f, g, h, ...]", False),
    ],
)
def test_field_patterns_match_as_in_cloudwatch(pattern: str, matches: bool) -> None:
    assert compile_pattern(pattern)(ACCESS) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "two-words",
        "a.b",
        '"open',
        "%(%",
        "{ $.a }",
        "{ $.a = }",
        "{ a = 1 }",
        '{ $.a > "x" }',
        "{ $.a = 1",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a IS MAYBE }",
        "{ $.a[ = 1 }",
        "[a, ..., b, ...]",
        "[a,,b]",
        "[a",
        "[a > x]",
        "[a b]",
    ],
)
def test_what_cloudwatch_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        compile_pattern(pattern)
