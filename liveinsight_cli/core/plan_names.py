"""What people call a resource: "events table", "stats-api function", never the address."""

import re
from collections import Counter
from collections.abc import Iterable

# Where the type's own name would puzzle.
NOUNS = {
    "aws_api_gateway_rest_api": "REST API",
    "aws_api_gateway_method_settings": "method settings",
    "aws_cloudfront_distribution": "distribution",
    "aws_cloudwatch_event_rule": "schedule",
    "aws_cloudwatch_event_target": "schedule target",
    "aws_cloudwatch_metric_alarm": "alarm",
    "aws_cloudwatch_query_definition": "saved query",
    "aws_iam_role_policies_exclusive": "inline policy list",
    "aws_iam_role_policy": "permissions",
    "aws_iam_role_policy_attachments_exclusive": "attached policy list",
    "aws_lambda_permission": "invoke permission",
    "aws_s3_object": "uploaded package",
}
PREFIXES = re.compile(
    r"^aws_(?:api_gateway_|cloudfront_|cloudwatch_|dynamodb_|iam_|lambda_|route53_|acm_|wafv2_|kms_|sns_|sqs_|s3_)?"
)
NAMELESS = frozenset({"this", "function", "package", "main"})  # names that say nothing beside the noun
UNCOUNTED = ("settings", "permissions", "controls", "versioning")
NAMES_LISTED = 3
MODULE_KEY = re.compile(r'module\.[^.\[]+\["([^"]+)"\]')
INSTANCE = re.compile(r'([^.\[\]"]+)(?:\[(?:"([^"]*)"|(\d+))\])?$')


def noun_of(resource_type: str) -> str:
    """Return what one resource of a type is called."""
    return NOUNS.get(resource_type) or PREFIXES.sub("", resource_type).replace("_", " ")


def plural(noun: str) -> str:
    """Return the noun for several."""
    if noun.endswith(UNCOUNTED):
        return noun
    if noun.endswith("s"):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """Return "1 table" or "12,400 items"."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def owner_of(address: str) -> str | None:
    """Return the key of the module that a resource is in, such as `stats-api`."""
    found = MODULE_KEY.match(address)
    return found[1] if found else None


def label_of(address: str, resource_type: str) -> str:
    """Return what people call the resource at an address."""
    found = INSTANCE.search(address)
    name, key = (found[1], found[2]) if found else ("", None)
    parts = [owner_of(address), None if name in NAMELESS else name.replace("_", "-"), key]
    noun = noun_of(resource_type)
    # "dashboard bucket policy", and not "dashboard dashboard"
    named = [part for part in dict.fromkeys(parts) if part and part != noun]
    return " ".join([*named, noun])


def in_words(resources: Iterable[tuple[str, str]]) -> str:
    """Return resources, each (address, type), as a list of kinds: the few by name, the many by number."""
    resources = list(resources)
    kinds = Counter(resource_type for _, resource_type in resources)
    texts = []
    for kind, number in sorted(kinds.items(), key=lambda one: (-one[1], one[0])):
        labels = [label_of(address, found) for address, found in resources if found == kind]
        few = len(resources) <= NAMES_LISTED or number == 1
        texts.append(", ".join(labels) if few else counted(number, noun_of(kind)))
    return ", ".join(texts)
