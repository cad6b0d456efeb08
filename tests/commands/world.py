"""A world to deploy into: a fake terraform, fake AWS calls, and a small real HTTP server as the deployed API."""

# ruff: noqa: N803 - the parameters are called as AWS calls them
import base64
import hashlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.deployed import TEXTS
from liveinsight_cli.context import Context
from liveinsight_cli.core.stages import Stage
from tests.adapters.fake_terraform import STREAMS, FakeTerraform

STORE_ARN = "arn:aws:cloudfront::123456789012:key-value-store/0f"
READS = ("get_", "describe_", "head_", "list_", "query", "invoke")
FUNCTIONS = ("aggregator", "event-collector", "realtime-api", "stats-api")


# What Terraform gives at each stage; environment and region depend on nothing, and come with the last.
OUTPUTS = {
    Stage.TABLES: {"tables"},
    Stage.API: {"tables", "functions", "log_groups", *TEXTS[Stage.API]},
    Stage.ALL: {
        "tables",
        "functions",
        "log_groups",
        "alarm_names",
        *(text for texts in TEXTS.values() for text in texts),
    },
}


class Api:
    """Takes the smoke event and shows it, unless told otherwise."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.collect_status = 202
        self.read_status = 200
        self.is_forgetful = False
        self.page_status = 200  # of the dashboard, which is served here too
        self.asked_url = ""  # where the dashboard sends its reads, when not here
        self.authorizations: list[str | None] = []
        self.dummy_says: dict[str, str] | None = None  # an environment of dummies, changed so
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_OPTIONS(self) -> None:
                allowed = {"Access-Control-Allow-Methods": "OPTIONS, POST, GET"}
                self.answer(204, {}, allowed)

            def do_DELETE(self) -> None:
                self.answer(405, {}, {"Allow": "OPTIONS, POST, GET"})

            def do_POST(self) -> None:
                if api.dummy_says is not None:
                    self.answer_as_dummy()
                    return
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if api.collect_status == 202:
                    api.events += body["events"]
                self.answer(api.collect_status, {"accepted": len(body["events"])})

            def do_GET(self) -> None:
                if api.dummy_says is not None:
                    self.answer_as_dummy()
                    return
                if not self.path.startswith("/api/"):
                    self.answer(api.page_status, {"apiUrl": api.asked_url or api.url})
                    return
                api.authorizations.append(self.headers["Authorization"])
                self.answer(api.read_status, {"recent": [] if api.is_forgetful else api.events})

            def answer_as_dummy(self) -> None:
                function = {
                    "/api/events": "event-collector",
                    "/api/realtime": "realtime-api",
                    "/api/stats": "stats-api",
                }.get(self.path.split("?")[0])
                if function is None:
                    self.answer(404, {})
                    return
                name = f"liveinsight-{function}-local"
                reached = {"function": name, "environment": "local", "route": f"{self.command} {self.path}"}
                error = {"code": "dummy", "message": "Only the infrastructure is deployed."}
                self.answer(501, {"error": error, "dummy": {**reached, **(api.dummy_says or {})}})

            def answer(
                self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
            ) -> None:
                content = b"" if status == 204 else json.dumps(body).encode()
                self.send_response(status)
                for header, value in {"Access-Control-Allow-Origin": "*", **(headers or {})}.items():
                    self.send_header(header, value)
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
    weights: dict[str, dict[str, float]] = field(default_factory=dict)  # of the aliases
    moved_times: dict[str, int] = field(default_factory=dict)  # what an alias's revision is made of
    deleted: set[tuple[str, str]] = field(default_factory=set)  # versions, by function and number
    undeletable: set[str] = field(default_factory=set)
    figures: dict[tuple[str, str], float] = field(
        default_factory=dict
    )  # metric and executed version -> value
    when_measured: Callable[[], None] = field(default=lambda: None)
    code: dict[str, list[str]] = field(
        default_factory=dict
    )  # function -> hashes of $LATEST and of its versions
    tokens: dict[str, str] = field(default_factory=dict)  # version -> hash of the read token it knows
    writes: list[str] = field(default_factory=list)
    account_id: str = "123456789012"
    clock_url: str = ""  # who tells the time
    alarms: dict[str, str] = field(default_factory=dict)  # those that are not OK; "gone" is not there
    retentions: dict[str, int | None] = field(
        default_factory=dict
    )  # of groups that keep not 7 days; None: gone
    mapping: dict[str, str] | None = field(default_factory=lambda: {"State": "Enabled"})
    gone_tables: set[str] = field(default_factory=set)
    lifeless_tables: set[str] = field(default_factory=set)  # without time to live
    index_status: str = "ACTIVE"
    requests_per_minute: int = 1000
    gateway_headers: tuple[str, ...] = ("Access-Control-Allow-Origin", "Retry-After")
    gateway_role: str | None = "arn:aws:iam::123456789012:role/of-somebody"
    bucket_answer: str = "404"
    etag_salt: bytes = b""  # with KMS an ETag is no digest of the content
    metadata: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)  # of the key value store that CloudFront reads
    has_store: bool = False
    certificates: list[dict[str, str]] = field(default_factory=list)
    certificate_tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # functions and aliases that somebody deleted
    catch_up: Callable[[], None] = field(default=lambda: None)  # takes over what terraform applied meanwhile

    def in_region(self, region: str) -> "FakeAws":
        return self

    def client(self, service: str) -> object:
        return service

    def account(self) -> str:
        return self.account_id

    def endpoint(self, service: str) -> str:
        return self.clock_url

    def call(self, service: str, operation: str, **asked: Any) -> dict[str, Any]:
        if not operation.startswith(READS):
            self.writes.append(operation)
        self.catch_up()
        return getattr(self, f"_{operation}")(**asked)  # type: ignore[no-any-return]

    def pages(self, service: str, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
        self.catch_up()
        if operation == "get_metric_data":
            yield self._get_metric_data(**asked)
            return
        entries = [
            {
                "Key": key,
                "ETag": f'"{hashlib.md5(self.etag_salt + content, usedforsecurity=False).hexdigest()}"',
            }
            for key, content in self.objects.items()
        ]
        certificates = [
            one for one in self.certificates if one["Status"] in asked.get("CertificateStatuses", [])
        ]
        names = ("$LATEST", *(str(number) for number in range(1, 100)))
        if asked.get("FunctionName") in self.gone:
            raise AwsError("ResourceNotFoundException", "Function not found", "ListVersionsByFunction")
        held = self.code.get(asked.get("FunctionName", ""), [])
        yield {
            "Versions": [
                {"Version": name, "CodeSha256": one, **self._environment(name)}
                for name, one in zip(names, held, strict=False)
                if (asked.get("FunctionName"), name) not in self.deleted
            ],
            "Contents": entries,
            "KeyCount": len(entries),
            "Items": [],
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": self.alarms.get(name, "OK")}
                for name in asked.get("AlarmNames", ())
                if self.alarms.get(name) != "gone"
            ],
            "logGroups": self._log_groups(asked.get("logGroupNamePrefix", "")),
            "CertificateSummaryList": certificates,
        }

    def _environment(self, version: str) -> dict[str, Any]:
        token = self.tokens.get(version)
        return {"Environment": {"Variables": {"READ_TOKEN_SHA256": token}}} if token else {}

    def _log_groups(self, name: str) -> list[dict[str, Any]]:
        days = self.retentions.get(name, 7)
        return [] if days is None else [{"logGroupName": name, **({"retentionInDays": days} if days else {})}]

    def _put_retention_policy(self, logGroupName: str, retentionInDays: int) -> dict[str, Any]:
        self.retentions[logGroupName] = retentionInDays
        return {}

    def _list_event_source_mappings(self, EventSourceArn: str) -> dict[str, Any]:
        of_the_alias = "arn:aws:lambda:ap-northeast-2:123456789012:function:liveinsight-aggregator-local:live"
        mappings = [{"UUID": "m1", "FunctionArn": of_the_alias, **self.mapping}] if self.mapping else []
        return {"EventSourceMappings": mappings}

    def _update_event_source_mapping(self, UUID: str, Enabled: bool) -> dict[str, Any]:
        assert (UUID, Enabled) == ("m1", True)
        self.mapping = {"State": "Enabling"}
        return {}

    def _describe_time_to_live(self, TableName: str) -> dict[str, Any]:
        status = "DISABLED" if TableName in self.lifeless_tables else "ENABLED"
        return {"TimeToLiveDescription": {"TimeToLiveStatus": status}}

    def _describe_key_value_store(self, Name: str = "", KvsARN: str = "") -> dict[str, Any]:
        if Name and not self.has_store:
            raise AwsError("EntityNotFound", "The key value store does not exist.", "DescribeKeyValueStore")
        return {"KeyValueStore": {"ARN": STORE_ARN}, "ETag": f"E{len(self.pairs)}"}

    def _get_key(self, KvsARN: str, Key: str) -> dict[str, Any]:
        assert KvsARN == STORE_ARN
        if Key not in self.pairs:
            raise AwsError("ResourceNotFoundException", "The key was not found.", "GetKey")
        return {"Value": self.pairs[Key]}

    def _update_keys(self, KvsARN: str, IfMatch: str, Puts: list[dict[str, str]]) -> dict[str, Any]:
        assert (KvsARN, IfMatch) == (STORE_ARN, f"E{len(self.pairs)}")
        self.pairs |= {pair["Key"]: pair["Value"] for pair in Puts}
        return {}

    def _list_tags_for_certificate(self, CertificateArn: str) -> dict[str, Any]:
        return {"Tags": self.certificate_tags[CertificateArn]}

    def _head_bucket(self, **_: Any) -> dict[str, Any]:
        raise AwsError(self.bucket_answer, "no such or no right", "HeadBucket")

    def _get_account(self) -> dict[str, Any]:
        return {} if self.gateway_role is None else {"cloudwatchRoleArn": self.gateway_role}

    def _get_role(self, **_: Any) -> dict[str, Any]:
        raise AwsError("NoSuchEntity", "no such role", "GetRole")

    def holds(self, name: str, code_sha256: str, version: str) -> None:
        """Have a function's $LATEST hold this code, and be published as the versions up to this one."""
        versions = self.code.get(name, ["", ""])[1:][: int(version) - 1]
        versions += [code_sha256] * (int(version) - len(versions))
        self.code[name] = [code_sha256, *versions]

    def _update_function_code(
        self, FunctionName: str, ZipFile: bytes | None = None, S3Key: str = "", **_: Any
    ) -> dict[str, Any]:
        content = self.objects[S3Key] if ZipFile is None else ZipFile
        self.code[FunctionName][0] = base64.b64encode(hashlib.sha256(content).digest()).decode()
        return {}

    def _get_function_configuration(self, FunctionName: str) -> dict[str, Any]:
        return {"LastUpdateStatus": "Successful"}

    def _publish_version(self, FunctionName: str, CodeSha256: str, **_: Any) -> dict[str, Any]:
        assert CodeSha256 == self.code[FunctionName][0]
        self.code[FunctionName].append(CodeSha256)
        return {}

    def _get_alias(self, FunctionName: str, Name: str) -> dict[str, Any]:
        if f"{FunctionName}:{Name}" in self.gone:
            raise AwsError("ResourceNotFoundException", "Cannot find alias arn", "GetAlias")
        weights = self.weights.get(FunctionName) or {}
        return {
            "FunctionVersion": self.aliases[FunctionName],
            "RevisionId": f"r{self.moved_times.get(FunctionName, 0)}",
            **({"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}),
        }

    def _update_alias(
        self,
        FunctionName: str,
        FunctionVersion: str,
        RoutingConfig: dict[str, dict[str, float]],
        RevisionId: str,
        **_: Any,
    ) -> dict[str, Any]:
        if FunctionName in self.unmovable or RevisionId != f"r{self.moved_times.get(FunctionName, 0)}":
            raise AwsError("PreconditionFailedException", "The revision id does not match", "UpdateAlias")
        assert (FunctionName, FunctionVersion) not in self.deleted
        self.moved_by_hand(FunctionName, FunctionVersion, RoutingConfig["AdditionalVersionWeights"])
        return {"RevisionId": f"r{self.moved_times[FunctionName]}"}

    def moved_by_hand(self, function: str, version: str, weights: dict[str, float] | None = None) -> None:
        """Have an alias point there from now on."""
        self.aliases[function] = version
        self.weights[function] = weights or {}
        self.moved_times[function] = self.moved_times.get(function, 0) + 1

    def _delete_function(self, FunctionName: str, Qualifier: str) -> dict[str, Any]:
        in_use = Qualifier in {self.aliases[FunctionName], *self.weights.get(FunctionName, {})}
        if in_use or FunctionName in self.undeletable:
            raise AwsError("ResourceConflictException", "The version is in use", "DeleteFunction")
        self.deleted.add((FunctionName, Qualifier))
        return {}

    def _get_metric_data(self, MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        self.when_measured()
        results = []
        for query in MetricDataQueries:
            metric = query["MetricStat"]["Metric"]
            named = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
            value = self.figures.get((metric["MetricName"], named.get("ExecutedVersion", "")))
            results.append({"Id": query["Id"], "Values": [] if value is None else [value]})
        return {"MetricDataResults": results}

    def _invoke(self, FunctionName: str, Qualifier: str, Payload: bytes) -> dict[str, Any]:
        if FunctionName in self.broken_functions or f"{FunctionName}:{Qualifier}" in self.broken_functions:
            error = {"errorMessage": "No module named 'yaml'", "errorType": "Runtime.ImportModuleError"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        answer = {"ok": True, "function": FunctionName, "version": Qualifier}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _describe_table(self, TableName: str) -> dict[str, Any]:
        if TableName in self.gone_tables:
            raise AwsError("ResourceNotFoundException", "no such table", "DescribeTable")
        keys = [{"AttributeName": "session_id", "KeyType": "HASH"}]
        table = {"ItemCount": 12400, "DeletionProtectionEnabled": True, "KeySchema": keys}
        index = {"IndexName": "AnIndex", "IndexStatus": self.index_status, "KeySchema": keys}
        stream = {"StreamSpecification": {"StreamEnabled": True}, "LatestStreamArn": f"{TableName}/stream/1"}
        return {"Table": {**table, **stream, "TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [index]}}

    def _query(self, **_: Any) -> dict[str, Any]:
        return {"Items": []}

    def _get_stage(self, **_: Any) -> dict[str, Any]:
        routes = ("events/POST", "realtime/GET", "stats/GET")
        shares = {**dict(zip(routes, (0.7, 0.12, 0.06), strict=True)), "*/*": 0.01}
        shares |= {f"{route.split('/')[0]}/OPTIONS": 0.03 for route in routes}
        rate = self.requests_per_minute / 60
        return {"methodSettings": {name: {"throttlingRateLimit": rate * one} for name, one in shares.items()}}

    def _get_gateway_responses(self, **_: Any) -> dict[str, Any]:
        headers = {f"gatewayresponse.header.{name}": "'*'" for name in self.gateway_headers}
        kinds = ("DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED")
        return {"items": [{"responseType": kind, "responseParameters": headers} for kind in kinds]}

    def _describe_query_definitions(self, **_: Any) -> dict[str, Any]:
        return {"queryDefinitions": []}

    def _update_table(self, **_: Any) -> dict[str, Any]:
        return {}

    def _put_object(
        self, Key: str, Body: bytes, Metadata: dict[str, str] | None = None, **_: Any
    ) -> dict[str, Any]:
        self.objects[Key] = Body
        self.metadata[Key] = (Body, Metadata or {})
        return {}

    def _head_object(self, Key: str, **_: Any) -> dict[str, Any]:
        body, noted = self.metadata.get(Key, (b"", {}))
        content = self.objects[Key]
        etag = hashlib.md5(self.etag_salt + content, usedforsecurity=False).hexdigest()
        return {
            "Metadata": noted if content == body else {},  # gone with whoever put something else
            "ETag": f'"{etag}"',
            "ServerSideEncryption": "aws:kms" if self.etag_salt else "AES256",
        }

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
    version: str = "1"
    applied: int = 0  # how many runs of terraform are known to `aws`
    lock: Any = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.aws.catch_up = self.catch_up
        self.aws.clock_url = self.api.url

    def catch_up(self) -> None:
        """Have AWS hold what terraform applied since the last time: the zips it was given, published as `version`."""
        with self.lock:
            self._catch_up()

    def _catch_up(self) -> None:
        calls = self.terraform.calls
        fresh, self.applied = calls[self.applied :], len(calls)
        for arguments, _, directory, *_ in fresh:
            if arguments[0] != "apply" or (self.terraform.directory / "apply.exit").exists():
                continue
            variables = json.loads((Path(directory) / "terraform.tfvars.json").read_text())
            for name, package in variables.get("packages", {}).items():
                zipped = (Path(directory) / package["path"]).read_bytes()
                code_sha256 = base64.b64encode(hashlib.sha256(zipped).digest()).decode()
                self.aws.holds(f"liveinsight-{name}-local", code_sha256, self.version)

    def compose(self, context: Context) -> None:
        """Replace the parts of a command's context."""
        context.variables = {"PATH": self.terraform.on_path(), "HOME": str(self.project)} | {
            "LIVEINSIGHT_PROVIDER_MIRROR": str(self.mirror),
            "LIVEINSIGHT_TARGET": "aws",
        }
        context.aws = self.aws  # type: ignore[assignment]
        context.real_aws = lambda *_: self.aws  # type: ignore[assignment,method-assign,return-value]

    def will_change(self, version: str = "1", stage: Stage = Stage.ALL, **outputs: Any) -> None:
        """Have the next plan show changes, and the apply publish `version` and a stage's outputs, with these."""
        self.catch_up()
        self.version = version
        self.terraform.says("plan", stream="plan-create", exit_code=2)
        lines = (STREAMS / "apply-create.jsonl").read_text().splitlines()
        last = json.loads(lines[-1])
        last["outputs"]["api_gateway_url"]["value"] = self.api.url
        last["outputs"]["cloudfront_url"]["value"] = self.api.url
        last["outputs"] = {name: one for name, one in last["outputs"].items() if name in OUTPUTS[stage]}
        if stage.reaches(Stage.API):
            outputs = {"edge_store_arn": STORE_ARN, **outputs}
        last["outputs"] |= {name: {"value": value, "sensitive": False} for name, value in outputs.items()}
        self.terraform.says("apply", text="\n".join([*lines[:-1], json.dumps(last)]) + "\n")
        self.terraform.says("output", text=json.dumps(last["outputs"]))

    def will_not_change(self) -> None:
        """Have the next plan be empty."""
        self.terraform.says("plan", stream="plan-no-changes")

    @property
    def files(self) -> Path:
        return self.project / ".liveinsight" / "local"
