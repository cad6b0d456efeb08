"""Creations that AWS refuses because the thing is there already, and moto 5.2.5 carries out a second time.

A deploy that goes on where another was killed depends on it: a second resource of one path hides the first, and a
method that is put again has lost its integration. Applied and versioned with the other corrections, in fixups.py.
"""

import json
from collections.abc import Callable
from typing import Any


def refuse_second_parts_of_an_api() -> None:
    """moto makes a second resource of the same path, and replaces methods, their responses and models."""
    from moto.apigateway.exceptions import ConflictException
    from moto.apigateway.models import APIGatewayBackend

    def resource(api: Any, parent: str, part: str) -> None:
        if any((one.parent_id, one.path_part) == (parent, part) for one in api.resources.values()):
            raise ConflictException(f"Another resource with the same parent already has this name: {part}")

    def create_resource(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        api_id, parent, part = _given(("function_id", "parent_resource_id", "path_part"), args, kwargs)
        if part:
            resource(self.get_rest_api(api_id), parent, part)
        return original(self, *args, **kwargs)

    def put_method(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        api_id, resource_id, verb = _given(("function_id", "resource_id", "method_type"), args, kwargs)
        if verb in self.get_resource(api_id, resource_id).resource_methods:
            raise ConflictException("Method already exists for this resource")
        return original(self, *args, **kwargs)

    def put_method_response(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        names = ("function_id", "resource_id", "method_type", "response_code")
        *method, code = _given(names, args, kwargs)
        if code in self.get_method(*method).method_responses:
            raise ConflictException("Response already exists for this resource")
        return original(self, *args, **kwargs)

    def create_model(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        api_id, name = _given(("rest_api_id", "name"), args, kwargs)
        if api_id and name in self.get_rest_api(api_id).models:
            raise ConflictException("Model name already exists for this REST API")
        return original(self, *args, **kwargs)

    for method in (create_resource, put_method, put_method_response, create_model):
        _wrap(APIGatewayBackend, method)


def refuse_second_permissions() -> None:
    """moto adds a second statement of the same id to a function's policy."""
    from moto.awslambda.models import LambdaBackend

    def add_permission(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        name, qualifier, raw = _given(("function_name", "qualifier", "raw"), args, kwargs)
        wanted = json.loads(raw).get("StatementId")
        end = f":{qualifier}" if qualifier else f":{name}"
        for statement in self.get_function(name, qualifier).policy.statements:
            if statement.get("Sid") == wanted and statement["Resource"].endswith(end):
                raise _exists(f"The statement id ({wanted}) provided already exists. Please provide another.")
        return original(self, *args, **kwargs)

    _wrap(LambdaBackend, add_permission)


def refuse_second_mappings() -> None:
    """moto makes a second mapping of the same stream to the same function."""
    from moto.awslambda.models import LambdaBackend

    def create_event_source_mapping(original: Any, self: Any, spec: dict[str, Any]) -> Any:
        source, function = spec.get("EventSourceArn", ""), spec.get("FunctionName", "")
        for uuid, one in self._event_source_mappings.items():
            if one.event_source_arn == source and one.function_arn.endswith(
                function.rpartition("function:")[2]
            ):
                raise _exists(f"The event source arn ({source}) already has a mapping. UUID {uuid}")
        return original(self, spec)

    _wrap(LambdaBackend, create_event_source_mapping)


def _exists(message: str) -> Exception:
    from moto.awslambda.exceptions import LambdaClientError

    error = LambdaClientError("ResourceConflictException", message)
    error.code = 409
    return error


def _wrap(cls: type, method: Callable[..., Any]) -> None:
    """Put `method` before the one of the same name, which it gets as its first argument."""
    original = getattr(cls, method.__name__)

    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(original, self, *args, **kwargs)

    setattr(cls, method.__name__, wrapper)


def _given(names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """Return the arguments of these names, which come first in the signature, however they were handed over."""
    return [args[index] if index < len(args) else kwargs.get(name) for index, name in enumerate(names)]
