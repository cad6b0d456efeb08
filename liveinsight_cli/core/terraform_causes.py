"""What the commonest errors of AWS and Terraform mean, and what to do about them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from liveinsight_cli.core.terraform_events import Diagnostic

# What the AWS SDK writes before the error itself; the request's id stays in the raw stream.
CALL = re.compile(
    r"operation error (?P<service>[\w ]+): (?P<operation>\w+), (?:exceeded maximum number of attempts, \d+, )?"
    r"(?:https response error StatusCode: \d+, RequestID: [^,]*, (?:HostID: [^,]*, )?)?(?:api error )?"
)
NOT_AUTHORIZED = re.compile(
    r"(?:User: (?P<who>\S+) is )?not authorized to perform: (?P<action>[\w*-]+:[\w*-]+)"
    r"(?: on resource: (?P<resource>[^\s,]+))?(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
VARIABLE = re.compile(r'variable "(\w+)"')


@dataclass(frozen=True)
class Cause:
    """Why it failed and what to do next, a sentence or two each."""

    why: str
    next: str


def cause_of(error: Diagnostic) -> Cause | None:
    """Return the cause of an error, or None where Terraform's own words have to do."""
    text = f"{error.summary}\n{error.detail}"
    for pattern, explain in KNOWN:
        if pattern.search(text):
            return explain(error, text)
    return None


def without_call(text: str) -> str:
    """Return what AWS said without the frame that its SDK puts around it."""
    return CALL.sub(lambda found: f"{found['service']} {found['operation']}: ", text)


def _account_unverified(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "AWS has not verified the account for CloudFront yet.",
        "Ask AWS Support to verify it (this is free), then deploy again: it goes on from here.",
    )


def _denied(_: Diagnostic, text: str) -> Cause:
    found = NOT_AUTHORIZED.search(text)
    if found is None:
        called = CALL.search(text)
        what = f"call {called['service']} {called['operation']}" if called else "do this"
        return Cause(f"The credentials may not {what}.", _rights("that right"))
    who = found["who"] or "The credentials"
    on = f" on {found['resource']}" if found["resource"] else ""
    rest = found["rest"].lower()
    if "explicit deny" in rest:
        place = " of the organization" if "service control" in rest else ""
        return Cause(
            f"{who} may not do {found['action']}{on}: a policy{place} denies it explicitly.",
            "Ask whoever looks after the account; no further right outweighs a denial.",
        )
    return Cause(f"{who} may not do {found['action']}{on}.", _rights(found["action"]))


def _rights(right: str) -> str:
    return f"Give them {right}, or use another --profile. docs/deploying.md lists the rights that are needed."


def _quota(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "A quota of the account is used up.",
        "Raise it in the Service Quotas console, or remove what is no longer needed; then deploy again.",
    )


def _throttled(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "AWS was asked too often at once; Terraform repeated the request and gave up.",
        "Wait a minute, then deploy again: it goes on from here.",
    )


def _bucket_taken(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "Somebody else's bucket has this name: bucket names are shared with all accounts.",
        "Set another `project` in liveinsight.toml: every name begins with it.",
    )


def _is_there(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "It is in the account already, but not in this environment's Terraform state.",
        "Does another environment of the same name own it? Then choose another --env or `project`. Is it a leftover? "
        "Then remove it, and deploy again.",
    )


def _region(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "The account is not signed up for this service, or the region is not enabled for it.",
        "Enable the region in the account's settings, or choose another with `region` in liveinsight.toml.",
    )


def _no_host(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "The address of AWS could not be looked up: no network, no DNS, or a region that does not exist.",
        "Check `region` in liveinsight.toml and the network, then run the command again.",
    )


def _setting(error: Diagnostic, _: str) -> Cause:
    shown = error.snippet
    found = VARIABLE.search(f"{shown.context or ''}\n{shown.code}") if shown else None
    if found is None:
        return Cause("A setting has a value that the stack does not take.", "Mend it in liveinsight.toml.")
    return Cause(
        f"The setting {found[1]} has a value that the stack does not take.",
        f"Mend it; `liveinsight config show` tells where {found[1]} comes from.",
    )


def _syntax(_: Diagnostic, __: str) -> Cause:
    return Cause(
        "The Terraform files cannot be read: this is an error in their text, not in AWS.",
        "Mend the marked line. The first error is often the cause of those after it.",
    )


# The first that fits decides.
KNOWN: tuple[tuple[re.Pattern[str], Callable[[Diagnostic, str], Cause]], ...] = (
    (re.compile(r"account must be verified", re.IGNORECASE), _account_unverified),
    (
        re.compile(r"AccessDenied|not authorized to perform|UnauthorizedOperation|AuthorizationError\b"),
        _denied,
    ),
    (re.compile(r"Throttling|TooManyRequests|Rate exceeded|RequestLimitExceeded|SlowDown"), _throttled),
    (re.compile(r"LimitExceeded|QuotaExceeded|TooManyBuckets|\bTooMany[A-Z]\w+"), _quota),
    (re.compile(r"BucketAlreadyExists"), _bucket_taken),
    (
        re.compile(r"AlreadyExists|AlreadyOwnedByYou|already exists?\b|ResourceInUseException"),
        _is_there,
    ),
    (
        re.compile(r"OptInRequired|SubscriptionRequired|not enabled in this region|region .* is disabled"),
        _region,
    ),
    (re.compile(r"no such host"), _no_host),
    (re.compile(r"Invalid value for variable|Invalid variable|No value for required variable"), _setting),
    (
        re.compile(
            r"^(Unsupported block type|Unsupported argument|Missing required argument|Invalid expression|"
            r"Argument or block definition required|Unclosed configuration block|Invalid block definition|"
            r"Missing newline after argument|Invalid character|Reference to undeclared \w+)"
        ),
        _syntax,
    ),
)
