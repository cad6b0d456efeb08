"""How long operations take: what was measured at earlier applies, else what is typical. A table of guesses at worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

KEPT = 5  # measurements of each kind of operation; the median of them is the estimate
# Seconds on AWS where nothing was measured yet, for what takes longer than the rest. From general experience.
TYPICAL: Mapping[str, Mapping[str, float]] = {
    "aws_acm_certificate_validation": {"create": 90},
    "aws_cloudfront_distribution": {"create": 240, "update": 180, "delete": 300},
    "aws_cloudfront_key_value_store": {"create": 30, "delete": 15},
    "aws_dynamodb_table": {"create": 15, "update": 20, "delete": 10},
    "aws_kms_key": {"create": 15, "update": 15},
    "aws_lambda_event_source_mapping": {"create": 25, "update": 10, "delete": 30},
    "aws_lambda_function": {"create": 12, "update": 12},
    "aws_route53_record": {"create": 40, "update": 40, "delete": 40},
    "aws_sqs_queue": {"create": 26, "delete": 10},
    "aws_wafv2_web_acl_association": {"create": 20},
}
OTHERWISE = {"aws": 1.5, "embedded": 0.6}
SIDE_BY_SIDE = 6.0  # of the ten that Terraform begins; the others wait for one another


@dataclass(frozen=True)
class Durations:
    """Measured seconds by "type action", newest last, and how many operations ran side by side."""

    target: str
    seconds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    side_by_side: Sequence[float] = ()

    def expected(self, resource_type: str, action: str) -> float:
        """Return how long an operation may take, in seconds."""
        measured = self.seconds.get(f"{resource_type} {action}")
        if measured:
            return median(measured)
        otherwise = OTHERWISE.get(self.target, OTHERWISE["aws"])
        typical = TYPICAL if self.target == "aws" else {}
        return typical.get(resource_type, {}).get(action, otherwise)

    @property
    def concurrency(self) -> float:
        """How many operations run at once, on the average of an apply."""
        return max(1.0, median(self.side_by_side) if self.side_by_side else SIDE_BY_SIDE)

    def with_run(self, seconds: Mapping[str, float], concurrency: float | None) -> "Durations":
        """Return them with the measurements of one more apply, by "type action"."""
        longer = {name: (*self.seconds.get(name, ()), value)[-KEPT:] for name, value in seconds.items()}
        side_by_side = self.side_by_side if concurrency is None else (*self.side_by_side, concurrency)[-KEPT:]
        return Durations(self.target, {**self.seconds, **longer}, side_by_side)
