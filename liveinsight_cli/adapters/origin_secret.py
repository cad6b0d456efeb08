"""The origin secret: CloudFront sends it with what it says of a visitor, and the event collector knows its digest.

Terraform never sees it. It is made at the first deploy, kept in a file of mode 0600, and written to CloudFront's key
value store; a machine that has no file yet reads it from there.
"""

from dataclasses import dataclass

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.adapters.read_token import token_sha256
from liveinsight_cli.adapters.secret_file import SECRET, keep, make_private, new_secret
from liveinsight_cli.context import Context
from liveinsight_cli.errors import PreconditionError

SECRET_KEY, DIGEST_KEY = "origin-secret", "origin-secret-sha256"


def ensure_origin_secret(context: Context) -> str:
    """Return the environment's origin secret: this machine's, else the deployed one, else a new one."""
    path = context.files.origin_secret
    try:
        secret = path.read_text(encoding="utf-8").strip()
        make_private(path)
    except FileNotFoundError:
        secret = _deployed(context) or new_secret()
        with unwritable(path):
            keep(path, secret)
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(context, "it cannot be read") from error
    if not SECRET.fullmatch(secret):
        raise _unusable(context, "it holds no secret")
    return secret


@dataclass(frozen=True)
class EdgeStore:
    """The key value store that CloudFront's function reads; `arn` is None where none is deployed."""

    context: Context
    arn: str | None

    def is_told(self) -> bool:
        """Return whether the store holds this machine's secret; reads its digest, not the secret."""
        if self.arn is None:
            return True
        return _value(self.context, self.arn, DIGEST_KEY) == token_sha256(ensure_origin_secret(self.context))

    def tell(self) -> None:
        """Write the secret and its digest, both at once; CloudFront's machines have it some seconds later."""
        secret = ensure_origin_secret(self.context)
        pairs = {SECRET_KEY: secret, DIGEST_KEY: token_sha256(secret)}
        aws, service = self.context.aws, "cloudfront-keyvaluestore"
        newest = aws.call(service, "describe_key_value_store", KvsARN=self.arn)["ETag"]
        puts = [{"Key": key, "Value": value} for key, value in pairs.items()]
        aws.call(service, "update_keys", KvsARN=self.arn, IfMatch=newest, Puts=puts)


def _deployed(context: Context) -> str | None:
    """Return the secret of the environment's store, which has a fixed name, or None when there is none."""
    name = f"{context.settings.project}-edge-{context.environment}"
    try:
        store = context.aws.call("cloudfront", "describe_key_value_store", Name=name)["KeyValueStore"]
    except AwsError as error:
        if error.aws_code == "EntityNotFound":
            return None
        raise
    return _value(context, store["ARN"], SECRET_KEY)


def _value(context: Context, arn: str, key: str) -> str | None:
    try:
        answer = context.aws.call("cloudfront-keyvaluestore", "get_key", KvsARN=arn, Key=key)
    except AwsError as error:
        if error.aws_code == "ResourceNotFoundException":
            return None
        raise
    return str(answer["Value"])


def _unusable(context: Context, reason: str) -> PreconditionError:
    return PreconditionError(
        f"{context.files.origin_secret} is of no use: {reason}.",
        code="origin_secret",
        hint="Remove it: the next deploy takes the deployed secret, or makes a new one.",
    )
