"""Which entries to show."""

import re
from dataclasses import dataclass

from liveinsight_cli.core.logs.entries import LEVELS, Entry
from liveinsight_cli.core.logs.values import in_words


@dataclass(frozen=True)
class Choice:
    """What an operator wants to see; None means everything.

    A request that was folded into one line is chosen by any of its parts: it has the level of the worst, and the
    expression is looked for in all that was written of it.
    """

    level: str | None = None
    grep: re.Pattern[str] | None = None
    request_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything is wanted."""
        return not (self.level or self.grep or self.request_id)

    def wants(self, entry: Entry) -> bool:
        """Tell whether an entry is to be shown."""
        if self.level and LEVELS.get(entry.level, LEVELS["INFO"]) < LEVELS[self.level]:
            return False
        if self.request_id and not self._is_of_request(entry, self.request_id):
            return False
        if self.grep is None:
            return True
        return any(map(self.grep.search, entry.texts)) or any(map(self.grep.search, _shown(entry)))

    def _is_of_request(self, entry: Entry, wanted: str) -> bool:
        ids = (entry.request_id, entry.fields.get("api_request_id"))
        return any(str(one).startswith(wanted) for one in ids if one)


def _shown(entry: Entry) -> list[str]:
    """What is shown, where that is not what was written: JSON writes accents and quotes in other ways."""
    fields = " ".join(f"{name}={in_words(value)}" for name, value in entry.fields.items())
    return [entry.message, fields, entry.request_id or "", *entry.detail]
