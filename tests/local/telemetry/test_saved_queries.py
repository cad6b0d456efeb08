"""Saved queries of Logs Insights through the API, in place of what moto lacks."""

import pytest
from botocore.exceptions import ClientError

from tests.local.telemetry.conftest import Aws


def test_moto_still_lacks_them() -> None:
    from moto.logs.responses import LogsResponse

    assert not hasattr(LogsResponse, "put_query_definition"), "remove telemetry/moto_saved_queries.py"


def test_a_saved_query_is_given_back_as_it_was_put(aws: Aws) -> None:
    given = {"name": "shop/dev/errors", "queryString": "fields @message", "logGroupNames": ["/a", "/b"]}
    id_ = aws.logs.put_query_definition(**given)["queryDefinitionId"]
    [found] = aws.logs.describe_query_definitions()["queryDefinitions"]
    assert found.pop("lastModified") > 0
    assert found == given | {"queryDefinitionId": id_}


def test_a_saved_query_can_be_changed_and_deleted(aws: Aws) -> None:
    id_ = aws.logs.put_query_definition(name="one", queryString="a")["queryDefinitionId"]
    aws.logs.put_query_definition(name="two", queryString="b", queryDefinitionId=id_)
    [found] = aws.logs.describe_query_definitions()["queryDefinitions"]
    assert (found["name"], found["queryString"]) == ("two", "b")
    assert aws.logs.delete_query_definition(queryDefinitionId=id_)["success"] is True
    assert aws.logs.describe_query_definitions()["queryDefinitions"] == []


def test_saved_queries_come_in_pages_and_by_prefix(aws: Aws) -> None:
    for name in ("shop/b", "blog/a", "shop/a"):
        aws.logs.put_query_definition(name=name, queryString="x")
    first = aws.logs.describe_query_definitions(maxResults=2)
    rest = aws.logs.describe_query_definitions(maxResults=2, nextToken=first["nextToken"])
    assert "nextToken" not in rest
    names = [query["name"] for page in (first, rest) for query in page["queryDefinitions"]]
    assert names == ["blog/a", "shop/a", "shop/b"]
    found = aws.logs.describe_query_definitions(queryDefinitionNamePrefix="shop/")["queryDefinitions"]
    assert [query["name"] for query in found] == ["shop/a", "shop/b"]


def test_a_saved_query_that_is_not_there_is_an_error(aws: Aws) -> None:
    for call in (
        lambda: aws.logs.delete_query_definition(queryDefinitionId="none"),
        lambda: aws.logs.put_query_definition(name="n", queryString="x", queryDefinitionId="none"),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call()
