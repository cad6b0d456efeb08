"""Whose account the credentials are: compared with the configured one before anything is written."""

from liveinsight_cli.context import Context
from liveinsight_cli.errors import CredentialsError, LiveInsightError


def account_at_hand(context: Context, region: str, profile: str | None) -> str | None:
    """Return the account of the credentials that AWS's own programs would use, or None."""
    try:
        return context.real_aws(region, profile).account()
    except LiveInsightError:  # none, or none that work: a proposal less
        return None


def require_account(context: Context) -> None:
    """Raise CredentialsError for no usable credentials, or for another account's than the configured one."""
    account, expected = context.aws.account(), context.settings.account_id
    if expected is not None and account != expected:
        raise CredentialsError(
            f"The credentials belong to account {account}; {context.environment} is account {expected}.",
            code="wrong_account",
            hint="Give the right --profile, or mend account_id in liveinsight.toml. Nothing was changed.",
        )
