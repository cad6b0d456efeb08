"""The CloudFront API as documents: what Terraform wrote is what it reads back, in AWS's shapes."""

from liveinsight_cli.local.aws_errors import error_answer
from liveinsight_cli.local.cloudfront import wire
from liveinsight_cli.local.cloudfront.attachments import Attachments
from liveinsight_cli.local.cloudfront.families import NAMED, Distributions, Edge, Resources
from liveinsight_cli.local.cloudfront.functions import EdgeFunctions
from liveinsight_cli.local.cloudfront.key_value_stores import KeyValueStores
from liveinsight_cli.local.cloudfront.resources import CloudFrontError, Operation, Store
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer, Environ


class CloudFront:
    """The CloudFront API of one account."""

    def __init__(self, documents: Documents, account_id: str, edge: Edge) -> None:
        store = Store(documents, account_id)
        attachments = Attachments(store, edge.invalidate)
        self._operations: dict[str, Operation] = {
            **attachments.operations(),
            **EdgeFunctions(store).operations(),
            **KeyValueStores(store).operations(),
            **Distributions(store, edge, attachments).operations(),
        }
        for family in NAMED:
            self._operations |= Resources(family, store).operations()

    def answer(self, environ: Environ, _operation: str) -> Answer:
        """Answer one request to CloudFront."""
        call = wire.read(environ)
        operation = self._operations.get(call.operation) if call is not None else None
        try:
            if call is None or operation is None:
                what = call.operation if call is not None else "This operation"
                message = f"{what} is not part of the embedded CloudFront."
                raise CloudFrontError(501, "NotImplemented", message)
            return wire.write(call, operation(call.arguments))
        except CloudFrontError as error:
            return error_answer(environ, "cloudfront", error.status, error.code, error.message)
