"""Plans once more, with imports, where a plan would create what an interrupted apply has created already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveinsight_cli.adapters.terraform_workspace import Workspace
from liveinsight_cli.adapters.unfinished import Unfinished
from liveinsight_cli.core.recovery import CREATING, Creation, Found, creations, in_words

if TYPE_CHECKING:
    from liveinsight_cli.adapters.terraform_runner import Run

Search = Callable[[Sequence[Creation]], Found]


def nothing_found(_: Sequence[Creation]) -> Found:
    """Search nowhere."""
    return Found({})


@dataclass(frozen=True)
class Importing:
    """How what exists gets into a plan. `show` gives a saved plan as JSON, `say` hears what is taken over.

    With `everything` also what no apply of this directory began is looked for.
    """

    unfinished: Unfinished
    workspace: Workspace
    search: Search
    show: Callable[[Path], Mapping[str, Any]]
    region: str
    say: Callable[[str], None]
    everything: bool = False

    def replan(self, run: Run, plan: Path, plan_again: Callable[[], Run]) -> tuple[Run, frozenset[str]]:
        """Plan again while something is found that the plan would create; return the last run, and what it imports.

        More than once, as what is part of an API can be found only where the plan knows the API.
        """
        imports: dict[str, str] = {}
        wanted = self._created_before(run)
        try:
            while wanted:
                found = self.search(creations(self.show(plan), wanted, self.region))
                if not found.imports:
                    break
                self.say(f"Taking over what an interrupted deploy created: {in_words(found.imports)}.")
                imports |= found.imports
                self.workspace.write_imports(imports)
                run = plan_again()
                wanted = found.hidden
        finally:
            self.workspace.write_imports({})
        return run, frozenset(imports)

    def _created_before(self, run: Run) -> frozenset[str]:
        """Return what a plan would create although an earlier apply may have created it."""
        from liveinsight_cli.adapters.orphans import FOUND_BY_NAME

        created = [one.resource for one in run.changes if one.action == CREATING and not one.is_drift]
        addresses = frozenset(one.address for one in created if one.type in FOUND_BY_NAME)
        return addresses if self.everything else addresses & self.unfinished.creations()
