"""API Gateway's CloudWatch role, of which an account has one per region: whose it is, and what may be done about it."""

from dataclasses import dataclass


def role_name(project: str, region: str) -> str:
    """Return the name that terraform/account gives the role."""
    return f"{project}-api-gateway-logs-{region}"


def is_of_ours(arn: str, project: str) -> bool:
    """Tell whether a role has a name that this project gives, or gave in earlier versions."""
    return arn.rsplit("/", 1)[-1].startswith(f"{project}-api-gateway-logs-")


@dataclass(frozen=True)
class AccountReport:
    """The answer of `account show`. `role` is None where none is set; `managed` says that our state holds it."""

    account: str
    region: str
    role: str | None
    managed: bool
    place: str


@dataclass(frozen=True)
class AccountChange:
    """The answer of `account deploy` and `account destroy`."""

    account: str
    region: str
    role: str | None
    changed: bool
