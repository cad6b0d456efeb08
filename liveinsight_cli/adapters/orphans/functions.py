"""How functions are found, and what belongs to them."""

import json

from liveinsight_cli.adapters.orphans.search import Orphan, Search, Values


def function(search: Search, values: Values) -> Orphan | None:
    """Find a function; returns when it is ready to be changed."""
    found = search.ask("lambda", "get_function", FunctionName=values["function_name"])
    if not found:
        return None
    if found["Configuration"].get("State") == "Pending":
        search.aws.wait("lambda", "function_active_v2", FunctionName=values["function_name"])
    return Orphan(values["function_name"], found.get("Tags", {}))


def alias(search: Search, values: Values) -> Orphan | None:
    """Find an alias of a function."""
    function, name = values["function_name"], values["name"]
    return (
        Orphan(f"{function}/{name}")
        if search.ask("lambda", "get_alias", FunctionName=function, Name=name)
        else None
    )


def permission(search: Search, values: Values) -> Orphan | None:
    """Find a statement in the policy of an alias."""
    function, qualifier, statement = values["function_name"], values["qualifier"], values["statement_id"]
    policy = search.ask("lambda", "get_policy", FunctionName=function, Qualifier=qualifier).get(
        "Policy", "{}"
    )
    for one in json.loads(policy).get("Statement", ()):
        if one["Sid"] == statement and one["Resource"].endswith(f":{qualifier}"):
            return Orphan(f"{function}:{qualifier}/{statement}")
    return None


def mapping(search: Search, values: Values) -> Orphan | None:
    """Find what leads from a stream to a function."""
    function, source = values["function_name"], values["event_source_arn"]
    found = search.first(
        "lambda",
        "list_event_source_mappings",
        "EventSourceMappings",
        lambda one: one["EventSourceArn"] == source and one["FunctionArn"] == function,
        EventSourceArn=source,
    )
    return None if found is None else Orphan(found["UUID"])
