"""What moto 5.2.5 gets wrong about versions and aliases of functions; see `fixups`, which applies it."""

import json
import uuid
from typing import Any
from urllib.parse import unquote

STALE = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)


def count_versions_on() -> None:
    """moto numbers a version by how many there are: the number of one that was deleted would be given again."""
    from moto.awslambda.models import LambdaStorage

    publish = LambdaStorage.publish_version

    def publish_version(self: Any, name_or_arn: str, description: str = "") -> Any:
        function = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
        held = self._functions[function.function_name]
        before = list(held["versions"])
        published = publish(self, name_or_arn, description)
        if published is not None and all(published is not one for one in before):
            number = held.get("published", len(before)) + 1
            held["published"] = number
            self._arns.pop(published.function_arn, None)
            published.set_version(number)
            self._arns[published.function_arn] = published
        return published

    LambdaStorage.publish_version = publish_version  # type: ignore[method-assign]


def keep_versions_in_use() -> None:
    """moto deletes a version that an alias sends traffic to; Lambda refuses that."""
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import LambdaBackend

    class InUse(LambdaClientError):
        code = 409

    delete = LambdaBackend.delete_function

    def delete_function(self: Any, function_name: str, qualifier: str | None = None) -> None:
        if qualifier:
            for alias in self._lambdas._get_function_aliases(function_name).values():
                weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
                if qualifier in {str(alias.function_version), *weights}:
                    raise InUse(
                        "ResourceConflictException",
                        f"Unable to delete version because the following aliases reference it: [{alias.name}]",
                    )
        delete(self, function_name, qualifier)

    LambdaBackend.delete_function = delete_function  # type: ignore[method-assign]


def check_revisions() -> None:
    """moto knows no revision of a function, never changes that of an alias, and compares neither with a request."""
    from moto.awslambda.exceptions import InvalidParameterValueException, PreconditionFailedException
    from moto.awslambda.models import LambdaAlias, LambdaBackend, LambdaFunction
    from moto.awslambda.responses import LambdaResponse

    read, replace, configure = (
        LambdaFunction.get_configuration,
        LambdaFunction.update_function_code,
        LambdaFunction.update_configuration,
    )
    move, answer_move, publish = (
        LambdaAlias.update,
        LambdaResponse.update_alias,
        LambdaResponse.publish_version,
    )
    backend_update = LambdaBackend.update_function_code

    def revision(function: Any) -> str:
        if not hasattr(function, "revision_id"):
            function.revision_id = str(uuid.uuid4())
        return str(function.revision_id)

    def compare(given: str | None, held: str) -> None:
        if given and given != held:
            raise PreconditionFailedException(STALE)

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        return {**read(self, on_create), "RevisionId": revision(self)}

    def update_function_code(self: Any, updated_spec: dict[str, Any]) -> dict[str, Any]:
        self.revision_id = str(uuid.uuid4())
        return replace(self, updated_spec)

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        self.revision_id = str(uuid.uuid4())
        return configure(self, config_updates)

    def update_code_of(self: Any, function_name: str, qualifier: str, body: dict[str, Any]) -> Any:
        compare(body.get("RevisionId"), revision(self.get_function(function_name, qualifier)))
        return backend_update(self, function_name, qualifier, body)

    def publish_version(self: Any) -> Any:
        function = self.backend.get_function(unquote(self.path.split("/")[-2]))
        given = self._get_param("CodeSha256")
        if given and given != function.code_sha_256:
            raise InvalidParameterValueException(
                f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({function.code_sha_256}). "
                "Please try again with the CodeSHA256 in $LATEST."
            )
        compare(self._get_param("RevisionId"), revision(function))
        return publish(self)

    def point(self: Any, *given: Any) -> None:
        move(self, *given)
        self.revision_id = str(uuid.uuid4())

    def update_alias(self: Any) -> Any:
        function, alias = unquote(self.path.rsplit("/")[-3]), unquote(self.path.rsplit("/", 2)[-1])
        compare(json.loads(self.body).get("RevisionId"), self.backend.get_alias(alias, function).revision_id)
        return answer_move(self)

    LambdaFunction.get_configuration = get_configuration  # type: ignore[method-assign]
    LambdaFunction.update_function_code = update_function_code  # type: ignore[method-assign]
    LambdaFunction.update_configuration = update_configuration  # type: ignore[method-assign]
    LambdaBackend.update_function_code = update_code_of  # type: ignore[method-assign]
    LambdaAlias.update = point  # type: ignore[assignment,method-assign]
    LambdaResponse.update_alias = update_alias  # type: ignore[method-assign]
    LambdaResponse.publish_version = publish_version  # type: ignore[method-assign]
