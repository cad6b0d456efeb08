"""The log of a function: what Lambda writes around its output, in text or JSON, filtered by level as Lambda does."""

import base64
import json
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from liveinsight_cli.local.execution.deployed import Deployed
from liveinsight_cli.local.execution.output import LogLine

TAIL_BYTES = 4096
LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "FATAL": 5, "CRITICAL": 5}


@dataclass(frozen=True)
class Report:
    """What REPORT says; times in milliseconds, `init_ms` on a cold start only."""

    duration_ms: float
    memory_used_mb: int
    init_ms: float | None = None
    status: str = "success"
    error_type: str | None = None

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds of init and invocation."""
        return -int(-(self.duration_ms + (self.init_ms or 0)) // 1)


class FunctionLog:
    """Collects the log events of one invocation."""

    def __init__(self, deployed: Deployed, request_id: str) -> None:
        self._deployed = deployed
        self._request_id = request_id
        self._is_json = deployed.logging.format == "JSON"
        self.events: list[LogLine] = []

    def init_start(self) -> None:
        """The worker is about to start."""
        version = "python:{}.{}.{}".format(*sys.version_info[:3])
        arn = f"{self._deployed.arn.replace(':function:', ':runtime:').rpartition(':')[0]}:embedded"
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": version,
            "runtimeVersionArn": arn,
            "functionName": self._deployed.name,
            "functionVersion": self._deployed.version,
            "instanceMaxMemory": self._deployed.memory_mb << 20,
        }
        self._platform(
            "INFO",
            "initStart",
            record,
            f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n",
        )

    def start(self) -> None:
        """The invocation is handed over."""
        record = {"requestId": self._request_id, "version": self._deployed.version}
        text = f"START RequestId: {self._request_id} Version: {self._deployed.version}\n"
        self._platform("INFO", "start", record, text)

    def output(self, lines: Iterable[LogLine]) -> None:
        """What the function printed and logged."""
        if not self._is_json:
            self.events += lines
            return
        least = LEVELS.get(self._deployed.logging.application_level, LEVELS["INFO"])
        self.events += [(at, text) for at, text in lines if _level(text) >= least]

    def fault(self, message: str) -> None:
        """What Lambda itself says about a timeout or a crash; in JSON the report says it."""
        if not self._is_json:
            stamp = _stamp(time.time())
            self._add(f"{stamp} {self._request_id} {message}\n\n")

    def end(self, report: Report) -> None:
        """END and REPORT."""
        metrics: dict[str, float] = {
            "durationMs": round(report.duration_ms, 3),
            "billedDurationMs": report.billed_ms,
            "memorySizeMB": self._deployed.memory_mb,
            "maxMemoryUsedMB": report.memory_used_mb,
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = round(report.init_ms, 3)
        outcome = {"status": report.status} | ({"errorType": report.error_type} if report.error_type else {})
        level = "INFO" if report.status == "success" else "WARN"
        done = {"requestId": self._request_id, **outcome, "metrics": {"durationMs": metrics["durationMs"]}}
        self._platform("DEBUG" if level == "INFO" else level, "runtimeDone", done, "")
        self._platform("INFO", "end", {}, f"END RequestId: {self._request_id}\n", text_only=True)
        record = {"requestId": self._request_id, "metrics": metrics, **outcome}
        self._platform(level, "report", record, _report_line(self._request_id, self._deployed, report))

    def tail(self) -> str:
        """The last 4 KiB, base64."""
        text = "".join(text for _, text in self.events).encode()
        return base64.b64encode(text[-TAIL_BYTES:]).decode()

    def _platform(
        self, level: str, kind: str, record: Mapping[str, object], text: str, text_only: bool = False
    ) -> None:
        if not self._is_json:
            if text:
                self._add(text)
            return
        if not text_only and LEVELS[level] >= LEVELS.get(self._deployed.logging.system_level, LEVELS["INFO"]):
            line = {"time": _stamp(time.time()), "type": f"platform.{kind}", "record": record}
            self._add(json.dumps(line, separators=(",", ":")) + "\n")

    def _add(self, text: str) -> None:
        self.events.append((int(time.time() * 1000), text))


def _report_line(request_id: str, deployed: Deployed, report: Report) -> str:
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {report.duration_ms:.2f} ms",
        f"Billed Duration: {report.billed_ms} ms",
        f"Memory Size: {deployed.memory_mb} MB",
        f"Max Memory Used: {report.memory_used_mb} MB",
    ]
    if report.init_ms is not None:
        fields.append(f"Init Duration: {report.init_ms:.2f} ms")
    if report.status != "success":
        fields.append(f"Status: {report.status}")
    if report.error_type is not None:
        fields.append(f"Error Type: {report.error_type}")
    return "\t".join(fields) + "\t\n"


def _level(text: str) -> int:
    """The level of a JSON line that has one and a timestamp; anything else counts as INFO."""
    if text.startswith("{"):
        try:
            line = json.loads(text)
        except ValueError:
            return LEVELS["INFO"]
        if isinstance(line, dict) and "timestamp" in line:
            return LEVELS.get(str(line.get("level", "INFO")).upper(), LEVELS["INFO"])
    return LEVELS["INFO"]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
