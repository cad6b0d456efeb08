"""What settings belong together, in the order in which people read them."""

from collections.abc import Iterable

THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Where it is", ("project", "target", "region", "profile", "account_id", "state_bucket")),
    ("Its address", ("domain", "hosted_zone_id")),
    (
        "Who may do what",
        (
            *("protected", "sites", "allowed_origins", "public_dashboard"),
            *("visitor_requests_per_minute", "kept_parameters"),
        ),
    ),
    ("Alarms and logs", ("alarm_email", "charges_alarm_usd", "log_retention_days")),
    ("Sizes", ("requests_per_minute", "memory_mb", "timeout_seconds", "reserved_concurrency")),
    ("Releases", ("kept_versions",)),
    ("Protection with a price", ("waf", "customer_managed_key", "detailed_monitoring")),
    ("Protection by rule", ("blocked_countries", "access_log_bucket")),
    ("This machine", ("terraform", "provider_mirror", "local_port")),
)
OTHERS = "More"


def by_theme(names: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (theme, settings) of those settings; what no theme names comes last."""
    left = list(names)
    grouped = [(theme, tuple(name for name in listed if name in left)) for theme, listed in THEMES]
    named = {name for _, listed in grouped for name in listed}
    grouped.append((OTHERS, tuple(name for name in left if name not in named)))
    return tuple((theme, found) for theme, found in grouped if found)
