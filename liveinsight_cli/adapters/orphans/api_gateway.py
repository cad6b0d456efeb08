"""How the parts of a REST API are found."""

from typing import Any

from liveinsight_cli.adapters.orphans.search import Orphan, Rule, Search, Values


def api(search: Search, values: Values) -> Orphan | None:
    """Find the API; names of APIs are not unique, so the tags decide."""

    def fits(one: Any) -> bool:
        return bool(one["name"] == values["name"]) and values.are_tagged_as(one.get("tags", {}))

    found = search.first("apigateway", "get_rest_apis", "items", fits)
    return None if found is None else Orphan(found["id"])


def api_resource(search: Search, values: Values) -> Orphan | None:
    """Find a resource of the API by its parent and its part of the path."""
    api, parent, part = values["rest_api_id"], values["parent_id"], values["path_part"]
    found = search.first(
        "apigateway",
        "get_resources",
        "items",
        lambda one: (one.get("parentId"), one.get("pathPart")) == (parent, part),
        restApiId=api,
    )
    return None if found is None else Orphan(f"{api}/{found['id']}")


def validator(search: Search, values: Values) -> Orphan | None:
    """Find a request validator by its name."""
    api, name = values["rest_api_id"], values["name"]
    found = search.first(
        "apigateway", "get_request_validators", "items", lambda one: one["name"] == name, restApiId=api
    )
    return None if found is None else Orphan(f"{api}/{found['id']}")


def part_of_api(operation: str, **arguments: str) -> Rule:
    """Return the rule for what API Gateway finds by its names; AWS's argument -> Terraform's, in the id's order."""

    def rule(search: Search, values: Values) -> Orphan | None:
        asked = {theirs: values[ours] for theirs, ours in arguments.items()}
        found = search.ask("apigateway", operation, **asked)
        return Orphan("/".join(asked.values())) if found else None

    return rule
