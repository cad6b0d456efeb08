"""Logs Insights in moto 5.2.5's place, which knows few commands and leaves out silently what it does not know."""

import json
import threading
import uuid
from collections import OrderedDict
from typing import Any

from liveinsight_cli.local.telemetry.insights.engine import Run, Scan
from liveinsight_cli.local.telemetry.insights.parser import LARGEST_LIMIT, parse
from liveinsight_cli.local.telemetry.insights.tokens import Malformed
from liveinsight_cli.local.telemetry.logs import LogStore

MOST_GROUPS = 50
MOST_RUNNING = 30
KEPT_RUNS = 100
FIRST_MILLISECONDS = 100_000_000_000  # a time above is in milliseconds, one below in seconds


def install(store: LogStore) -> None:
    """Put the operations in, once per process."""
    from moto.logs.responses import LogsResponse

    queries = Queries(store)
    for name in ("start_query", "get_query_results", "stop_query", "describe_queries"):
        setattr(LogsResponse, name, _method(getattr(queries, name)))


def _method(function: Any) -> Any:
    return lambda response: json.dumps(function(response))


class Queries:
    """The operations over the queries of this process; the newest ones are kept. Raises moto's exceptions."""

    def __init__(self, store: LogStore) -> None:
        from moto.logs import exceptions

        self._store = store
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._errors = exceptions

    def start_query(self, response: Any) -> dict[str, Any]:
        """StartQuery: the query is read now and run in a thread of its own."""
        text = str(response._get_param("queryString") or "")
        scan = self._scan(response)
        if sum(run.status == "Running" for run in self._runs.values()) >= MOST_RUNNING:
            raise self._errors.LimitExceededException
        try:
            run = Run(parse(text), scan)
        except Malformed as error:
            raise _malformed(error) from error
        id_ = str(uuid.uuid4())
        self._runs[id_] = run
        while len(self._runs) > KEPT_RUNS:
            self._runs.popitem(last=False)
        threading.Thread(target=run.go, args=(self._store,), name=f"query {id_}", daemon=True).start()
        return {"queryId": id_}

    def get_query_results(self, response: Any) -> dict[str, Any]:
        """GetQueryResults: how it stands, and the rows once they are complete."""
        run = self._run(response)
        return {
            "status": run.status,
            "queryLanguage": "CWLI",
            "results": [[{"field": name, "value": value} for name, value in row] for row in run.rows],
            "statistics": {
                "recordsMatched": float(run.matched),
                "recordsScanned": float(run.scanned),
                "bytesScanned": float(run.bytes_scanned),
            },
        }

    def stop_query(self, response: Any) -> dict[str, Any]:
        """StopQuery: one that has ended cannot be stopped."""
        run = self._run(response)
        if run.status != "Running":
            raise self._errors.InvalidParameterException(f"Query is not running: its status is {run.status}.")
        run.cancelled.set()
        return {"success": True}

    def describe_queries(self, response: Any) -> dict[str, Any]:
        """DescribeQueries, newest first."""
        group, status = response._get_param("logGroupName"), response._get_param("status")
        found = [
            {"queryId": id_, "status": run.status, "logGroupName": group or run.scan.groups[0]}
            for id_, run in reversed(self._runs.items())
            if group in (None, *run.scan.groups) and status in (None, run.status)
        ]
        return {"queries": found}

    def _run(self, response: Any) -> Run:
        run = self._runs.get(response._get_param("queryId"))
        if run is None:
            raise self._errors.ResourceNotFoundException("The specified query does not exist.")
        return run

    def _scan(self, response: Any) -> Scan:
        backend = response.logs_backend
        names = response._get_param("logGroupNames") or response._get_param("logGroupIdentifiers")
        names = names or [response._get_param("logGroupName") or ""]
        groups = tuple(name.removesuffix(":*").split(":log-group:")[-1] for name in names)
        if any(group not in backend.groups for group in groups):
            raise self._errors.ResourceNotFoundException
        if len(groups) > MOST_GROUPS:
            raise self._errors.InvalidParameterException(f"More than {MOST_GROUPS} log groups.")
        start, end = int(response._get_param("startTime")), int(response._get_param("endTime"))
        limit = int(response._get_param("limit") or LARGEST_LIMIT)
        if start > end or not 1 <= limit <= LARGEST_LIMIT:
            raise self._errors.InvalidParameterException("The time range or the limit is invalid.")
        return Scan(groups, _milliseconds(start), _milliseconds(end, last=999), limit, backend.account_id)


def _milliseconds(given: int, last: int = 0) -> int:
    return given if given >= FIRST_MILLISECONDS else given * 1000 + last


def _malformed(error: Malformed) -> Exception:
    """AWS's error, with the place of what is wrong."""
    from moto.logs.exceptions import LogsClientError

    refused = LogsClientError("MalformedQueryException", error.message)
    location = {"startCharOffset": error.start, "endCharOffset": error.end}
    body = {
        "__type": "MalformedQueryException",
        "message": error.message,
        "queryCompileError": {"location": location, "message": error.message},
    }
    refused.description = json.dumps(body)
    return refused
