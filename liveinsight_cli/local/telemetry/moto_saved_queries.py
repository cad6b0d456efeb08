"""Saved queries of Logs Insights, which moto 5.2.5 lacks: kept in its Logs backend, given back, never run."""

import json
import time
import uuid
from typing import Any

PAGE = 1000
_GIVEN = ("name", "queryString", "logGroupNames", "queryLanguage", "parameters")


def install() -> None:
    """Add the three operations, once per process."""
    from moto.logs.responses import LogsResponse

    for operation in (put_query_definition, describe_query_definitions, delete_query_definition):
        setattr(LogsResponse, operation.__name__, operation)


def put_query_definition(self: Any) -> str:
    """PutQueryDefinition: a new one, or another content of the one whose id is given."""
    kept = _kept(self)
    id_ = self._get_param("queryDefinitionId") or str(uuid.uuid4())
    if self._get_param("queryDefinitionId") and id_ not in kept:
        raise _missing()
    given = {name: self._get_param(name) for name in _GIVEN}
    kept[id_] = {name: value for name, value in given.items() if value is not None} | {
        "queryDefinitionId": id_,
        "lastModified": int(time.time() * 1000),
    }
    return json.dumps({"queryDefinitionId": id_})


def describe_query_definitions(self: Any) -> str:
    """DescribeQueryDefinitions, by name; the token is the id that the last page ended with."""
    prefix = self._get_param("queryDefinitionNamePrefix") or ""
    found = [query for query in _kept(self).values() if query["name"].startswith(prefix)]
    found.sort(key=lambda query: (query["name"], query["queryDefinitionId"]))
    ids = [query["queryDefinitionId"] for query in found]
    token = self._get_param("nextToken")
    first = ids.index(token) + 1 if token in ids else 0
    last = first + int(self._get_param("maxResults") or PAGE)
    answer: dict[str, Any] = {"queryDefinitions": found[first:last]}
    if last < len(found):
        answer["nextToken"] = ids[last - 1]
    return json.dumps(answer)


def delete_query_definition(self: Any) -> str:
    """DeleteQueryDefinition."""
    if _kept(self).pop(self._get_param("queryDefinitionId"), None) is None:
        raise _missing()
    return json.dumps({"success": True})


def _kept(response: Any) -> dict[str, dict[str, Any]]:
    """By id; an attribute of moto's backend, so that it is saved and restored with the rest of the control plane."""
    kept: dict[str, dict[str, Any]] = vars(response.logs_backend).setdefault("query_definitions", {})
    return kept


def _missing() -> Exception:
    from moto.logs.exceptions import ResourceNotFoundException

    return ResourceNotFoundException("The specified query definition does not exist.")
