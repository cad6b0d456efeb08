"""The checks of `doctor` that ask as a visitor's browser or a viewer would: the dashboard's address, and the API."""

from dataclasses import dataclass

from liveinsight_cli.adapters import health
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Check
from liveinsight_cli.core.site_files import CONFIG
from liveinsight_cli.errors import PreconditionError


@dataclass(frozen=True)
class ServiceExamination:
    """What must be right for those who look at the figures."""

    context: Context
    http: health.Http

    def dashboard(self) -> Check:
        """CloudFront serves the dashboard, which asks the API that is deployed."""
        deployed = self.context.deployed
        url = deployed.cloudfront_url
        page, config = self._get(f"{url}/"), self._get(f"{url}/{CONFIG}")
        for answer, path in ((page, "/"), (config, f"/{CONFIG}")):
            if answer.status != 200:
                return Check("dashboard", "fail", f"{url}{path} answers {answer.status}", self._deploy)
        asked = str(config.body.get("apiUrl"))
        if asked != deployed.public_api_url:
            found = f"it asks {asked}, but the API is {deployed.public_api_url}"
            return Check("dashboard", "fail", found, self._deploy)
        read = self._get(f"{url}/api/realtime?limit=1", **deployed.authorization())
        if read.status in (403, 404):  # it does not come to the API; what that answers is another check's
            return Check("dashboard", "fail", f"{url}/api/realtime answers {read.status}", self._deploy)
        return Check("dashboard", "ok", url)

    def token(self) -> Check:
        """The API answers, and takes this machine's read token."""
        deployed = self.context.deployed
        self._require_address()
        answer = self._get(f"{deployed.api_gateway_url}/api/realtime?limit=1", **deployed.authorization())
        if answer.status == 401 and deployed.token is None:
            found = "the API wants one, and this machine has none"
            mend = f"Put the token of whoever deployed into {self.context.files.read_token} (mode 600)"
            return Check("read token", "warn", found, mend)  # it can deploy all the same
        if answer.status == 401:
            return Check("read token", "fail", "the API refuses the token of this machine", self._deploy)
        if answer.status != 200:
            return Check(
                "read token", "fail", f"the API answers {answer.status}", "liveinsight tail --since 10m"
            )
        if self.context.files.next_read_token.exists():
            mend = f"liveinsight token rotate --env {self.context.environment}"
            return Check("read token", "warn", "accepted; its rotation was cut off half-way", mend)
        return Check("read token", "ok", "accepted" if deployed.token else "none is needed")

    def _require_address(self) -> None:
        """Ask nobody else: another program may have taken the port of the embedded AWS."""
        if self.context.settings.target == "embedded":
            self.context.embedded.require_serving(self.context.deployed.api_gateway_url)

    def _get(self, url: str, **headers: str) -> health.Answer:
        try:
            return self.http("GET", url, headers)
        except OSError as error:
            raise PreconditionError(f"{url} does not answer: {error}", hint=self._deploy) from error

    @property
    def _deploy(self) -> str:
        return deploy_command(self.context.environment)
