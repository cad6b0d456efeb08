"""What the last deploy left: the stack's outputs and the read token, read from `.liveinsight/<env>/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_if_changed
from liveinsight_cli.core.domain import DnsRecord
from liveinsight_cli.core.stages import Stage, stage_of
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.project import EnvironmentFiles

# The outputs that are texts, by the stage that brings them.
TEXTS: Mapping[Stage, tuple[str, ...]] = {
    Stage.TABLES: ("environment", "region"),
    Stage.API: (
        *("api_gateway_url", "cloudfront_url", "dashboard_bucket", "artifact_bucket", "distribution_id"),
        *("rest_api_id", "rest_api_name", "stage_name"),
    ),
    Stage.ALL: ("alarm_topic_arn", "monitoring_dashboard"),
}


@dataclass(frozen=True)
class DeployedFunction:
    """One function as AWS knows it."""

    name: str
    function_name: str
    arn: str
    alias: str
    log_group: str


@dataclass(frozen=True)
class Tables:
    """Names of the three tables."""

    events: str
    sessions: str
    state: str


@dataclass(frozen=True)
class Deployed:
    """A deployed environment; what `stage` does not hold is empty.

    `token` is None where this machine has none, or reads are public.
    """

    stage: Stage
    environment: str
    region: str
    api_gateway_url: str
    cloudfront_url: str
    dashboard_bucket: str
    artifact_bucket: str
    distribution_id: str
    rest_api_id: str
    rest_api_name: str
    stage_name: str
    functions: Mapping[str, DeployedFunction]
    tables: Tables
    log_groups: tuple[str, ...]
    alarm_names: tuple[str, ...]
    alarm_topic_arn: str
    monitoring_dashboard: str
    public_api_url: str
    edge_store_arn: str | None = None
    domain: str | None = None
    domain_attached: bool = False
    dns_records: tuple[DnsRecord, ...] = ()
    token: str | None = None

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any], token: str | None = None) -> "Deployed":
        """Return the environment that these Terraform outputs (name -> value) describe; raises KeyError."""
        stage = stage_of(outputs)
        if stage is None:
            raise KeyError("tables")
        functions = {
            name: DeployedFunction(
                name=name,
                function_name=function["function_name"],
                arn=function["arn"],
                alias=function["alias"],
                log_group=function["log_group"],
            )
            for name, function in sorted(outputs.get("functions", {}).items())
        }
        texts = {
            name: str(outputs[name]) if stage.reaches(needed) else ""
            for needed, names in TEXTS.items()
            for name in names
        }
        tables = outputs["tables"]
        return cls(
            **texts,
            stage=stage,
            functions=functions,
            tables=Tables(tables["events"], tables["sessions"], tables["state"]),
            log_groups=tuple(outputs["log_groups"] if stage.reaches(Stage.API) else ()),
            alarm_names=tuple(outputs["alarm_names"] if stage.reaches(Stage.ALL) else ()),
            # Not there yet when an older version deployed.
            public_api_url=str(outputs.get("public_api_url") or texts["api_gateway_url"]),
            edge_store_arn=outputs.get("edge_store_arn"),
            domain=outputs.get("domain"),
            domain_attached=bool(outputs.get("domain_attached")),
            dns_records=tuple(DnsRecord(**record) for record in outputs.get("dns_records") or ()),
            token=token,
        )

    def authorization(self) -> dict[str, str]:
        """Return the headers that a read needs."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def read_outputs(files: EnvironmentFiles, environment: str) -> dict[str, Any]:
    """Return the outputs of the last deploy, name -> value, or raise PreconditionError."""
    try:
        outputs = json.loads(files.outputs.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PreconditionError(
            f"The environment {environment!r} was never deployed from this directory.",
            code="not_deployed",
            hint=f"Deploy it: {deploy_command(environment)}",
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(files.outputs, environment) from error
    if not isinstance(outputs, dict):
        raise _unreadable(files.outputs, environment)
    return outputs


def write_outputs(files: EnvironmentFiles, outputs: Mapping[str, Any]) -> bool:
    """Keep outputs, name -> value, for every other command; tell whether the file changed."""
    with unwritable(files.outputs):
        return write_if_changed(files.outputs, json.dumps(outputs, indent=2, sort_keys=True).encode() + b"\n")


def load(files: EnvironmentFiles, environment: str, at_least: Stage = Stage.API) -> Deployed:
    """Return the deployed environment, or raise PreconditionError when there is none, or not yet so much of it."""
    outputs = read_outputs(files, environment)
    try:
        deployed = Deployed.from_outputs(outputs, read_token(files))
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(files.outputs, environment) from error
    if not deployed.stage.reaches(at_least):
        raise PreconditionError(
            f"Of {environment} only the stage {deployed.stage} is deployed; this needs {at_least}.",
            code="stage",
            hint=f"Go on: {deploy_command(environment)}",
        )
    return deployed


def read_token(files: EnvironmentFiles) -> str | None:
    """Return the read token of this machine, or None; one that may not be read is not taken for none."""
    return _token_in(files.read_token)


def coming_token(files: EnvironmentFiles) -> str | None:
    """Return the token that a rotation under way brings, or None when there is none under way."""
    return _token_in(files.next_read_token)


def _token_in(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise PreconditionError(
            f"{path} cannot be read: {reason}.",
            code="read_token",
            hint="Put back a copy that you may read, or remove it: the next deploy makes a new one.",
        ) from error


def deploy_command(environment: str) -> str:
    """Return the command that deploys an environment."""
    return "liveinsight deploy" + ("" if environment == "local" else f" --env {environment}")


def _unreadable(path: Path, environment: str) -> PreconditionError:
    return PreconditionError(
        f"{path} is damaged or was written by another version.",
        code="outputs_unreadable",
        hint=f"Write it again: {deploy_command(environment)}",
    )
