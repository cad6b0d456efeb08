"""The embedded AWS as the command line sees it: running, started when needed, or an error with the next step."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.project import CONFIG_NAME, Project

if TYPE_CHECKING:
    from liveinsight_cli.local.process import EmbeddedAws, Server


@dataclass
class Embedded:
    """The embedded AWS of one project. Starting it is `up`; commands that only read use `require`."""

    project: Path
    region: str
    port: int | None = None

    @property
    def process(self) -> "EmbeddedAws":
        """The background process, running or not."""
        from liveinsight_cli.local.process import EmbeddedAws

        return EmbeddedAws(self.project, self.region)

    def up(self) -> "Server":
        """Return the running server, starting it when it is not."""
        from liveinsight_cli.adapters.files import make_private_home, require_space

        work = Project(self.project, self.project / CONFIG_NAME).work
        make_private_home(work)
        require_space(work)
        return self.process.up(self.port)

    def require_serving(self, api_gateway_url: str) -> None:
        """Raise PreconditionError unless the running server is where the last deploy left its API.

        Another program may listen there by now: neither events nor the read token are for it.
        """
        api_url = self.require().api_url
        if not api_gateway_url.startswith(f"{api_url}/"):
            raise PreconditionError(
                f"The embedded AWS serves API Gateway at {api_url} now, as another program took its port; "
                f"what is deployed says {api_gateway_url}.",
                code="addresses_moved",
                hint="Put the new address everywhere: liveinsight deploy",
            )

    def require(self) -> "Server":
        """Return the running server, or raise PreconditionError with the way to start it."""
        server = self.process.running()
        if server is None:
            raise PreconditionError(
                "The embedded AWS of this project is not running.",
                code="embedded_aws_down",
                hint="Start it: liveinsight local up (data is kept). Nothing deployed yet: liveinsight deploy.",
            )
        return server
