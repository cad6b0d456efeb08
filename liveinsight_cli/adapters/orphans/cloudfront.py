"""How the parts of the edge are found: distribution, policies, function, store."""

from collections.abc import Mapping

from liveinsight_cli.adapters.orphans.search import Orphan, Rule, Search, Values, pairs


def distribution(search: Search, values: Values) -> Orphan | None:
    """Find the distribution by its comment, as it has no name, and its tags."""

    def fits(one: Mapping[str, str]) -> bool:
        if one["Comment"] != values["comment"]:
            return False
        tags = search.ask("cloudfront", "list_tags_for_resource", Resource=one["ARN"]).get("Tags", {})
        return values.are_tagged_as(pairs(tags.get("Items", ())))

    found = search.first("cloudfront", "list_distributions", "DistributionList.Items", fits)
    return None if found is None else Orphan(found["Id"])


def policy(operation: str, kind: str) -> Rule:
    """Return the rule for a policy of CloudFront's."""

    def rule(search: Search, values: Values) -> Orphan | None:
        name = values["name"]
        found = search.first(
            "cloudfront",
            operation,
            f"{kind}List.Items",
            lambda one: one[kind][f"{kind}Config"]["Name"] == name,
            Type="custom",
        )
        return None if found is None else Orphan(found[kind]["Id"])

    return rule


def access_control(search: Search, values: Values) -> Orphan | None:
    """Find an origin access control by its name."""
    name = values["name"]
    found = search.first(
        "cloudfront",
        "list_origin_access_controls",
        "OriginAccessControlList.Items",
        lambda one: one["Name"] == name,
    )
    return None if found is None else Orphan(found["Id"])


def edge_function(search: Search, values: Values) -> Orphan | None:
    """Find a function of CloudFront's by its name."""
    name = values["name"]
    return Orphan(name) if search.ask("cloudfront", "describe_function", Name=name) else None


def edge_store(search: Search, values: Values) -> Orphan | None:
    """Find a key value store by its name."""
    name = values["name"]
    return Orphan(name) if search.ask("cloudfront", "describe_key_value_store", Name=name) else None
