"""The exceptions from Checkov: few, each with a reason, and told in docs/security.md."""

import re

from tests.conftest import REPOSITORY

EXCEPTION = re.compile(r"^\s*(?:- |#checkov:skip=)(CKV2?_AWS_\d+)(?: # |:)(.+)$", re.MULTILINE)
AT_MOST = 10


def exceptions() -> list[tuple[str, str]]:
    """Id and reason of every exception, from the configuration and from comments in the Terraform."""
    files = [REPOSITORY / ".checkov.yaml", *sorted((REPOSITORY / "terraform").rglob("*.tf"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    found = [pair for text in texts for pair in EXCEPTION.findall(text)]
    assert len(found) == sum(len(re.findall(r"CKV2?_AWS_\d+(?: #|:)", text)) for text in texts)
    assert not any("checkov:skip" in text and not EXCEPTION.search(text) for text in texts)
    return found


def test_there_are_at_most_ten_exceptions_each_with_a_reason() -> None:
    found = exceptions()
    assert 0 < len({check for check, _ in found}) <= AT_MOST
    assert [check for check, reason in found if len(reason) < 20 or not reason.endswith(".")] == []
    text = (REPOSITORY / ".checkov.yaml").read_text(encoding="utf-8")
    assert text.count("  - CKV") == len([check for check, _ in found if f"- {check} #" in text])


def test_the_page_on_security_tells_them() -> None:
    page = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (CKV2?_AWS_\d+) \| (.+) \|$", page, re.MULTILINE)
    assert sorted(told) == sorted(set(exceptions()))
