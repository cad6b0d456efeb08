"""Reads event source mappings out of moto 5.2.5's Lambda backend."""

from collections.abc import Callable, Iterable
from typing import Any

from liveinsight_cli.local.execution.stream_mapping import FOR_EVER, StreamMapping


class MotoMappings:
    """A MappingSource; `backend` answers moto's Lambda backend of the account and region."""

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def mappings(self) -> Iterable[StreamMapping]:
        """The enabled mappings of DynamoDB streams."""
        for found in list(self._backend()._event_source_mappings.values()):
            if found.enabled and ":dynamodb:" in found.event_source_arn:
                yield _mapping(found)


def _mapping(found: Any) -> StreamMapping:
    filters = (found.filter_criteria or {}).get("Filters") or []
    destination = ((found.destination_config or {}).get("OnFailure") or {}).get("Destination")
    return StreamMapping(
        id=found.uuid,
        stream_arn=found.event_source_arn,
        function_arn=found.function_arn,
        starting_position="TRIM_HORIZON" if found.starting_position == "TRIM_HORIZON" else "LATEST",
        batch_size=int(found.batch_size),
        batching_seconds=float(found.max_batch_window or 0),
        filters=tuple(given["Pattern"] for given in filters),
        window_seconds=int(found.tumbling_window or 0),
        has_partial_failures="ReportBatchItemFailures" in (found.function_response_types or []),
        is_bisecting=bool(found.bisect_on_error),
        max_retries=_limit(found.max_retry_attempts),
        max_age_seconds=_limit(found.max_record_age),
        failure_destination=destination or None,
    )


def _limit(given: Any) -> int:
    return FOR_EVER if given is None else int(given)
