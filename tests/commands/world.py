"""A world to deploy into: a fake terraform, fake AWS calls, and a small real HTTP server as the deployed API."""

# ruff: noqa: N803 - the parameters are called as AWS calls them
import hashlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.context import Context
from tests.adapters.fake_terraform import STREAMS, FakeTerraform

READS = ("get_alias", "invoke", "describe_table", "head_bucket", "get_account", "get_role")
FUNCTIONS = ("aggregator", "event-collector", "realtime-api", "stats-api")


class Api:
    """Takes the smoke event and shows it, unless told otherwise."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.collect_status = 202
        self.read_status = 200
        self.is_forgetful = False
        self.authorizations: list[str | None] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if api.collect_status == 202:
                    api.events += body["events"]
                self.answer(api.collect_status, {"accepted": len(body["events"])})

            def do_GET(self) -> None:
                api.authorizations.append(self.headers["Authorization"])
                self.answer(api.read_status, {"recent": [] if api.is_forgetful else api.events})

            def answer(self, status: int, body: dict[str, Any]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class FakeAws:
    """Answers the calls of a deploy and keeps a list of those that write."""

    region: str = "ap-northeast-2"
    endpoint_url: str | None = "http://127.0.0.1:1"
    aliases: dict[str, str] = field(
        default_factory=lambda: {f"liveinsight-{name}-local": "1" for name in FUNCTIONS}
    )
    objects: dict[str, bytes] = field(default_factory=dict)
    broken_functions: set[str] = field(default_factory=set)
    unmovable: set[str] = field(default_factory=set)
    writes: list[str] = field(default_factory=list)
    account_id: str = "123456789012"
    gateway_role: str | None = "arn:aws:iam::123456789012:role/of-somebody"
    bucket_answer: str = "404"

    def client(self, service: str) -> object:
        return service

    def account(self) -> str:
        return self.account_id

    def call(self, service: str, operation: str, **asked: Any) -> dict[str, Any]:
        if operation not in READS:
            self.writes.append(operation)
        return getattr(self, f"_{operation}")(**asked)  # type: ignore[no-any-return]

    def pages(self, service: str, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
        entries = [
            {"Key": key, "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}
            for key, content in self.objects.items()
        ]
        yield {"Contents": entries, "KeyCount": len(entries), "MetricAlarms": []}

    def _head_bucket(self, **_: Any) -> dict[str, Any]:
        raise AwsError(self.bucket_answer, "no such or no right", "HeadBucket")

    def _get_account(self) -> dict[str, Any]:
        return {} if self.gateway_role is None else {"cloudwatchRoleArn": self.gateway_role}

    def _get_role(self, **_: Any) -> dict[str, Any]:
        raise AwsError("NoSuchEntity", "no such role", "GetRole")

    def _get_alias(self, FunctionName: str, Name: str) -> dict[str, Any]:
        return {"FunctionVersion": self.aliases[FunctionName], "RevisionId": "r" + self.aliases[FunctionName]}

    def _update_alias(self, FunctionName: str, FunctionVersion: str, **_: Any) -> dict[str, Any]:
        if FunctionName in self.unmovable:
            raise AwsError("PreconditionFailedException", "The revision id does not match", "UpdateAlias")
        self.aliases[FunctionName] = FunctionVersion
        return {}

    def _invoke(self, FunctionName: str, Qualifier: str, Payload: bytes) -> dict[str, Any]:
        if FunctionName in self.broken_functions:
            error = {"errorMessage": "No module named 'yaml'", "errorType": "Runtime.ImportModuleError"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        answer = {"ok": True, "function": FunctionName, "version": Qualifier}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _describe_table(self, TableName: str) -> dict[str, Any]:
        return {"Table": {"ItemCount": 12400, "DeletionProtectionEnabled": True}}

    def _update_table(self, **_: Any) -> dict[str, Any]:
        return {}

    def _put_object(self, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        self.objects[Key] = Body
        return {}

    def _delete_objects(self, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:
        for one in Delete["Objects"]:
            del self.objects[one["Key"]]
        return {}

    def _create_invalidation(self, **_: Any) -> dict[str, Any]:
        return {}


@dataclass
class World:
    """Everything a deploy meets. `version` is the newest published version of every function."""

    project: Path
    terraform: FakeTerraform
    mirror: Path
    api: Api
    aws: FakeAws = field(default_factory=FakeAws)

    def compose(self, context: Context) -> None:
        """Replace the parts of a command's context."""
        context.variables = {"PATH": self.terraform.on_path(), "HOME": str(self.project)} | {
            "LIVEINSIGHT_PROVIDER_MIRROR": str(self.mirror),
            "LIVEINSIGHT_TARGET": "aws",
        }
        context.aws = self.aws  # type: ignore[assignment]

    def will_change(self, version: str = "1") -> None:
        """Have the next plan show changes, and the apply after it publish `version`."""
        self.terraform.says("plan", stream="plan-create", exit_code=2)
        lines = (STREAMS / "apply-create.jsonl").read_text().splitlines()
        last = json.loads(lines[-1])
        last["outputs"]["api_gateway_url"]["value"] = self.api.url
        for function in last["outputs"]["functions"]["value"].values():
            function["version"] = version
        self.terraform.says("apply", text="\n".join([*lines[:-1], json.dumps(last)]) + "\n")

    def will_not_change(self) -> None:
        """Have the next plan be empty."""
        self.terraform.says("plan", stream="plan-no-changes")

    @property
    def files(self) -> Path:
        return self.project / ".liveinsight" / "local"
