"""What moto 5.2.5 gets wrong, put right in process: one function per fault, each held by a contract test.

Every function patches moto's classes in place. When moto mends a fault itself, the contract test of that fault
fails and the function goes. Another moto version is refused: a patch on code it was not written for helps nobody.
"""

import json
import threading
from collections.abc import Callable
from typing import Any

from moto import __version__ as moto_version

from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.local.conflicts import (
    refuse_second_mappings,
    refuse_second_parts_of_an_api,
    refuse_second_permissions,
)
from liveinsight_cli.local.lambda_versions import check_revisions, count_versions_on, keep_versions_in_use

MOTO_VERSION = "5.2.5"
VERSION = 4  # raise with every change here: a snapshot made under other corrections is not restored

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Reserved environment variables"
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    }
)  # fmt: skip

Deliver = Callable[[str, str, bytes], Any]
"""Called with function name, version and payload when a service inside moto invokes a function."""


def apply(deliver: Deliver) -> None:
    """Patch moto, once per process; raises PreconditionError for a version these patches were not written for."""
    if moto_version != MOTO_VERSION:
        raise PreconditionError(
            f"The embedded AWS needs moto {MOTO_VERSION}, but moto {moto_version} is installed.",
            hint=f"pip install 'moto=={MOTO_VERSION}'",
            code="moto_version",
        )
    keep_lambda_configuration()
    refuse_reserved_variables()
    keep_alias_of_event_source_mapping()
    run_deployed_code(deliver)
    leave_streams_to_the_poller()
    accept_nested_method_settings()
    remove_usage_plan_stage_with_throttles()
    accept_mock_integration_without_uri()
    ignore_conditioned_bucket_statements()
    tell_of_event_bridge()
    know_policies_of_aws()
    give_zones_ids_that_begin_with_z()
    refuse_second_parts_of_an_api()
    refuse_second_permissions()
    refuse_second_mappings()
    count_versions_on()
    keep_versions_in_use()
    check_revisions()


def _replace(cls: type, name: str, method: Callable[..., Any]) -> None:
    setattr(cls, name, method)


def keep_lambda_configuration() -> None:
    """moto forgets LoggingConfig and DeadLetterConfig, and ignores updates of tracing and ephemeral storage."""
    from moto.awslambda.models import LambdaFunction

    create, read, update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    def __init__(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:  # noqa: N807
        create(self, account_id, spec, *args, **kwargs)
        self.logging_config = _logging_config(self, spec.get("LoggingConfig"))
        self.dead_letter_config = spec.get("DeadLetterConfig")

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        configuration: dict[str, Any] = read(self, on_create)
        configuration["LoggingConfig"] = self.logging_config
        if self.dead_letter_config:
            configuration["DeadLetterConfig"] = self.dead_letter_config
        return configuration

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        if config_updates.get("TracingConfig"):
            self.tracing_config = config_updates["TracingConfig"]
        if config_updates.get("EphemeralStorage"):
            self.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        if config_updates.get("LoggingConfig"):
            self.logging_config = _logging_config(self, config_updates["LoggingConfig"])
        if "DeadLetterConfig" in config_updates:
            self.dead_letter_config = config_updates["DeadLetterConfig"]
        update(self, config_updates)
        return dict(self.get_configuration())

    _replace(LambdaFunction, "__init__", __init__)
    _replace(LambdaFunction, "get_configuration", get_configuration)
    _replace(LambdaFunction, "update_configuration", update_configuration)


def _logging_config(function: Any, given: dict[str, Any] | None) -> dict[str, Any]:
    config = {"LogFormat": "Text", **(given or {})}
    config.setdefault("LogGroup", f"/aws/lambda/{function.function_name}")
    if config["LogFormat"] == "JSON":
        config.setdefault("ApplicationLogLevel", "INFO")
        config.setdefault("SystemLogLevel", "INFO")
    return config


def refuse_reserved_variables() -> None:
    """moto takes AWS_REGION and the like as a function's environment; Lambda refuses the function."""
    from moto.awslambda.exceptions import InvalidParameterValueException
    from moto.awslambda.models import LambdaBackend

    create, update = LambdaBackend.create_function, LambdaBackend.update_function_configuration

    def check(body: dict[str, Any]) -> None:
        reserved = sorted(RESERVED_VARIABLES & set((body.get("Environment") or {}).get("Variables") or {}))
        if reserved:
            raise InvalidParameterValueException(
                "Lambda was unable to configure your environment variables because the environment variables you "
                "have provided contains reserved keys that are currently not supported for modification. "
                f"Reserved keys used in this request: {', '.join(reserved)}"
            )

    def create_function(self: Any, spec: dict[str, Any]) -> Any:
        check(spec)
        return create(self, spec)

    def update_function_configuration(self: Any, name: str, qualifier: str, body: dict[str, Any]) -> Any:
        check(body)
        return update(self, name, qualifier, body)

    _replace(LambdaBackend, "create_function", create_function)
    _replace(LambdaBackend, "update_function_configuration", update_function_configuration)


def keep_alias_of_event_source_mapping() -> None:
    """moto answers the version's ARN for a mapping that was made with an alias."""
    from moto.awslambda.models import LambdaBackend

    create, update = LambdaBackend.create_event_source_mapping, LambdaBackend.update_event_source_mapping

    def name_as_given(backend: Any, mapping: Any, given: str) -> None:
        if given.startswith("arn:"):
            mapping.function_arn = given
        else:
            prefix = f"arn:{backend.partition}:lambda:{backend.region_name}:{backend.account_id}:function:"
            mapping.function_arn = prefix + given

    def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
        mapping = create(self, spec)
        name_as_given(self, mapping, spec["FunctionName"])
        return mapping

    def update_event_source_mapping(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        mapping = update(self, uuid, spec)
        if mapping is not None and spec.get("FunctionName"):
            name_as_given(self, mapping, spec["FunctionName"])
        return mapping

    _replace(LambdaBackend, "create_event_source_mapping", create_event_source_mapping)
    _replace(LambdaBackend, "update_event_source_mapping", update_event_source_mapping)


def run_deployed_code(deliver: Deliver) -> None:
    """moto runs functions in Docker and inside the caller's request; here they go to the workers, in the background."""
    from moto.awslambda.models import LambdaFunction

    def invoke(self: Any, body: str | bytes, request_headers: Any, response_headers: Any) -> bytes:
        payload = body if isinstance(body, bytes) else body.encode()
        arguments = (self.function_name, str(self.version), payload)
        threading.Thread(target=deliver, args=arguments, daemon=True, name="deliver").start()
        return b""

    _replace(LambdaFunction, "invoke", invoke)


def leave_streams_to_the_poller() -> None:
    """moto invokes stream consumers inside PutItem and then discards the records."""
    from moto.dynamodb.models.table import StreamRecord, StreamShard

    def add(self: Any, old: Any, new: Any) -> None:
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        view = self.table.stream_specification["StreamViewType"]
        sequence = len(self.items) + self.starting_sequence_number
        self.items.append(StreamRecord(self.table, view, name, old, new, sequence))

    _replace(StreamShard, "add", add)


def accept_nested_method_settings() -> None:
    """moto splits `/api/events/POST/throttling/rateLimit` after two parts, and never removes settings."""
    from moto.apigateway.models import Stage

    original = Stage.apply_operations

    def apply_operations(self: Any, patch_operations: list[dict[str, Any]]) -> Any:
        rest = []
        for operation in patch_operations:
            path = operation["path"]
            method, _, setting = path.strip("/").rpartition("/")
            method, _, group = method.rpartition("/")
            known = self._method_settings_translations(f"{group}/{setting}") is not None
            if operation["op"] == "replace" and known and method:
                self._patch_method_setting(method, f"{group}/{setting}", operation["value"])
            elif operation["op"] == "remove" and path.strip("/") in self.method_settings:
                del self.method_settings[path.strip("/")]
            else:
                rest.append(operation)
        return original(self, rest)

    _replace(Stage, "apply_operations", apply_operations)


def remove_usage_plan_stage_with_throttles() -> None:
    """moto looks for the stage without its per-method throttles, does not find it, and answers 500."""
    from moto.apigateway.models import UsagePlan

    original = UsagePlan.apply_patch_operations

    def apply_patch_operations(self: Any, patch_operations: list[dict[str, Any]]) -> None:
        rest = []
        for operation in patch_operations:
            if operation["op"] == "remove" and operation["path"] == "/apiStages":
                api_id, _, stage = operation["value"].partition(":")
                self.api_stages = [s for s in self.api_stages if (s["apiId"], s["stage"]) != (api_id, stage)]
            else:
                rest.append(operation)
        original(self, rest)

    _replace(UsagePlan, "apply_patch_operations", apply_patch_operations)


def accept_mock_integration_without_uri() -> None:
    """A mock integration in an OpenAPI body has no uri and no method; moto's import insists on both."""
    from moto.apigateway.models import APIGatewayBackend

    original = APIGatewayBackend.put_integration

    def put_integration(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) < 5:
            kwargs.setdefault("uri", None)
        if len(args) < 6:
            kwargs.setdefault("integration_method", None)
        return original(self, *args, **kwargs)

    _replace(APIGatewayBackend, "put_integration", put_integration)


def ignore_conditioned_bucket_statements() -> None:
    """moto enforces bucket policies but not their conditions: a Deny of plain HTTP would deny everything."""
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy.get("Statement", [])
        statements = [statements] if isinstance(statements, dict) else statements
        unconditioned = [statement for statement in statements if not statement.get("Condition")]
        document = json.dumps({**policy, "Statement": unconditioned})
        return IAMPolicy(document).is_action_permitted(action, resource)

    _replace(FakeBucket, "get_permission", get_permission)


def tell_of_event_bridge() -> None:
    """moto keeps a bucket's EventBridge notifications, but leaves them out when it is asked."""
    from moto.s3.responses import S3Response

    original = S3Response.get_bucket_notification

    def get_bucket_notification(self: Any) -> Any:
        kept = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if not kept or kept.event_bridge is None:
            return original(self)
        serialized = self.serialized

        def with_event_bridge(answer: Any) -> Any:
            answer.result["EventBridgeConfiguration"] = {}
            return serialized(answer)

        self.serialized = with_event_bridge
        try:
            return original(self)
        finally:
            del self.serialized

    _replace(S3Response, "get_bucket_notification", get_bucket_notification)


def know_policies_of_aws() -> None:
    """moto knows AWS's own policies only when it loads all of them (23 MB in every snapshot): here each is its own."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    attach = IAMBackend.attach_role_policy

    def attach_role_policy(self: Any, policy_arn: str, role_name: str) -> None:
        if ":iam::aws:policy/" in policy_arn and policy_arn not in self.managed_policies:
            name = policy_arn.rpartition("/")[2]
            known = json.loads(aws_managed_policies_data).get(name)
            if known is not None:
                policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, known)
                self.managed_policies[policy.arn] = policy
        attach(self, policy_arn, role_name)

    _replace(IAMBackend, "attach_role_policy", attach_role_policy)


def give_zones_ids_that_begin_with_z() -> None:
    """moto's zones have any 22 letters and digits for an id; Route 53's begin with Z, and so must hosted_zone_id."""
    from moto.route53 import models

    original = models.create_route53_zone_id

    def create_route53_zone_id(*args: Any, **kwargs: Any) -> str:
        return "Z" + str(original(*args, **kwargs))[1:]

    models.create_route53_zone_id = create_route53_zone_id
