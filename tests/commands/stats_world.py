"""A deployed environment for `stats`: fake API and metrics from the composition root, a clock that only sleeps."""

import io
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from liveinsight_cli import cli
from liveinsight_cli.context import Clock, Context, GlobalOptions
from liveinsight_cli.core.stats_filters import FILTERS
from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.errors import LiveInsightError, PreconditionError
from liveinsight_cli.terminal import Terminal
from tests.conftest import REPOSITORY, Outcome
from tests.core import stats_answers

SCHEMA = json.loads((REPOSITORY / "docs/schemas/stats.schema.json").read_text(encoding="utf-8"))
AWAY = PreconditionError("The API cannot be reached: refused", code="api_unreachable", hint="Look.")


@dataclass
class FakeApi:
    """Answers like the deployed API, or raises what is due: `troubles` are used up call by call, None is no trouble.

    An API that does not know filters overlooks them, as those of older releases do.
    """

    troubles: list[LiveInsightError | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    realtime_knows_filters: bool = True
    stats_knows_filters: bool = True

    tokens: list[str | None] = field(default_factory=list)
    is_impatient: bool = False

    def impatient(self) -> "FakeApi":
        self.is_impatient = True
        return self

    def with_token(self, token: str | None) -> "FakeApi":
        self.tokens.append(token)
        return self

    def realtime(self, **query: object) -> dict[str, Any]:
        self.asked.append(("realtime", query))
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
        filters = self._filters(query) if self.realtime_knows_filters else {}
        return self.answers.get("realtime") or stats_answers.realtime(filtered=bool(filters))

    def stats(self, **query: object) -> dict[str, Any]:
        self.asked.append(("stats", query))
        answer = self.answers.get("stats") or stats_answers.stats()
        if self.stats_knows_filters:
            answer["query"]["filters"] = self._filters(query)
        return answer

    def _filters(self, query: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in query.items() if name in FILTERS}


@dataclass
class FakeMetrics:
    """Answers with a known platform."""

    windows: list[int] = field(default_factory=list)
    trouble: LiveInsightError | None = None
    renewals: int = 0

    def platform(self, now: float, window_seconds: int) -> Platform:
        self.windows.append(window_seconds)
        if self.trouble is not None:
            raise self.trouble
        return stats_answers.platform(asked_at=int(now * 1000))

    def renewed(self) -> "FakeMetrics":
        self.renewals += 1
        return self


@dataclass
class World:
    """A deployed environment that is watched for `looks` looks, until somebody presses Ctrl-C."""

    api: FakeApi = field(default_factory=FakeApi)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    looks: int = 1
    slept: list[float] = field(default_factory=list)

    def compose(self, context: Context) -> None:
        vars(context).update(
            api=self.api,
            metrics=self.metrics,
            deployed=SimpleNamespace(functions={"aggregator": None, "stats-api": None}),
            clock=Clock(
                lambda: stats_answers.NOW / 1000 + 0.5 + sum(self.slept),
                lambda: 100.0 + sum(self.slept),
                self.sleep,
            ),
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self.looks:
            raise KeyboardInterrupt


def valid(text: str) -> dict[str, Any]:
    """The JSON answer, after the schema has agreed to it."""
    answer: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(answer)
    return answer


class Tty(io.StringIO):
    """A terminal that remembers what was written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def watched(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str,
    size: tuple[int, int],
    term: str = "xterm-256color",
) -> Outcome:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", str(size[0]))
    monkeypatch.setenv("LINES", str(size[1]))
    out, err = Tty(), io.StringIO()

    def compose(options: GlobalOptions, terminal: Terminal) -> Context:
        context = Context(options, terminal)
        world.compose(context)
        return context

    code = cli.run(["stats", "--watch", *arguments], Terminal(stdout=out, stderr=err), compose)
    return Outcome(int(code), out.getvalue(), err.getvalue())
