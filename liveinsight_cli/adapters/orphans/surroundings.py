"""How roles, rules, keys, queues, topics, firewalls, certificates and DNS records are found."""

from collections.abc import Mapping

from liveinsight_cli.adapters.orphans.search import Orphan, Search, Values, pairs
from liveinsight_cli.errors import CredentialsError


def role(search: Search, values: Values) -> Orphan | None:
    """Find a role by its name."""
    found = search.ask("iam", "get_role", RoleName=values["name"]).get("Role")
    return None if found is None else Orphan(values["name"], pairs(found.get("Tags", ())))


def role_policy(search: Search, values: Values) -> Orphan | None:
    """Find a policy that is part of a role, which cannot go before it."""
    role, name = values["role"], values["name"]
    found = search.ask("iam", "get_role_policy", RoleName=role, PolicyName=name)
    return Orphan(f"{role}:{name}") if found else None


def attachment(search: Search, values: Values) -> Orphan | None:
    """Find a policy of AWS's that a role has, which cannot go before it."""
    role, arn = values["role"], values["policy_arn"]
    found = search.first(
        "iam",
        "list_attached_role_policies",
        "AttachedPolicies",
        lambda one: one["PolicyArn"] == arn,
        RoleName=role,
    )
    return None if found is None else Orphan(f"{role}/{arn}")


def target(search: Search, values: Values) -> Orphan | None:
    """Find what a rule calls; the rule cannot go before it."""
    rule, name = values["rule"], values["target_id"]
    found = search.first(
        "events", "list_targets_by_rule", "Targets", lambda one: one["Id"] == name, Rule=rule
    )
    return None if found is None else Orphan(f"{rule}/{name}")


def rule(search: Search, values: Values) -> Orphan | None:
    """Find a rule of EventBridge."""
    arn = search.ask("events", "describe_rule", Name=values["name"]).get("Arn")
    if arn is None:
        return None
    return Orphan(
        values["name"], pairs(search.ask("events", "list_tags_for_resource", ResourceARN=arn)["Tags"])
    )


def topic(search: Search, values: Values) -> Orphan | None:
    """Find a topic: its ARN is known before it is."""
    arn = search.arn("sns", values["name"])
    if not search.ask("sns", "get_topic_attributes", TopicArn=arn):
        return None
    return Orphan(arn, pairs(search.ask("sns", "list_tags_for_resource", ResourceArn=arn).get("Tags", ())))


def queue(search: Search, values: Values) -> Orphan | None:
    """Find a queue by its name."""
    url = search.ask("sqs", "get_queue_url", QueueName=values["name"]).get("QueueUrl")
    if url is None:
        return None
    return Orphan(url, search.ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags", {}))


def key(search: Search, values: Values) -> Orphan | None:
    """Find the key by its description and tags: it has no name until its alias is there.

    A key that nobody but its owner may look at, as its policy says so, is not ours.
    """

    def fits(one: Mapping[str, str]) -> bool:
        try:
            described = search.ask("kms", "describe_key", KeyId=one["KeyId"]).get("KeyMetadata", {})
        except CredentialsError as error:
            if error.code != "access_denied":
                raise
            return False
        if (described.get("Description"), described.get("KeyState")) != (values["description"], "Enabled"):
            return False
        tags = search.ask("kms", "list_resource_tags", KeyId=one["KeyId"]).get("Tags", ())
        return values.are_tagged_as(pairs(tags, "TagKey", "TagValue"))

    found = search.first("kms", "list_keys", "Keys", fits)
    return None if found is None else Orphan(found["KeyId"])


def key_alias(search: Search, values: Values) -> Orphan | None:
    """Find the alias of a key."""
    name = values["name"]
    found = search.first("kms", "list_aliases", "Aliases", lambda one: one["AliasName"] == name)
    return None if found is None else Orphan(name)


def firewall(search: Search, values: Values) -> Orphan | None:
    """Find a web ACL by its name and scope."""
    name, scope = values["name"], values["scope"]
    found = search.first(
        "wafv2", "list_web_acls", "WebACLs", lambda one: one["Name"] == name, Scope=scope, Limit=100
    )
    if found is None:
        return None
    tags = search.ask("wafv2", "list_tags_for_resource", ResourceARN=found["ARN"])
    listed = tags.get("TagInfoForResource", {}).get("TagList", ())
    return Orphan(f"{found['Id']}/{name}/{scope}", pairs(listed))


def certificate(search: Search, values: Values) -> Orphan | None:
    """Find the certificate among those that are ours: the account may have others of the same name."""

    def fits(one: Mapping[str, str]) -> bool:
        if one["DomainName"] != values["domain_name"]:
            return False
        tags = search.ask("acm", "list_tags_for_certificate", CertificateArn=one["CertificateArn"]).get(
            "Tags", ()
        )
        return values.are_tagged_as(pairs(tags))

    found = search.first("acm", "list_certificates", "CertificateSummaryList", fits)
    return None if found is None else Orphan(found["CertificateArn"])


def record(search: Search, values: Values) -> Orphan | None:
    """Find the record if it says what ours says; any other one is the domain's owner's."""
    zone, name, type_ = values["zone_id"], values["name"], values["type"]
    targets = {one.get("name") for one in values.get("alias") or ()} | set(values.get("records") or ())
    found = search.first(
        "route53",
        "list_resource_record_sets",
        "ResourceRecordSets",
        lambda one: one["Name"].rstrip(".") == name.rstrip(".") and one["Type"] == type_,
        HostedZoneId=zone,
        StartRecordName=name,
        StartRecordType=type_,
    )
    if found is None:
        return None
    said = {one["Value"] for one in found.get("ResourceRecords", ())}
    if "AliasTarget" in found:
        said.add(found["AliasTarget"]["DNSName"].rstrip("."))
    return Orphan(f"{zone}_{name.rstrip('.')}_{type_}") if said == targets else None
