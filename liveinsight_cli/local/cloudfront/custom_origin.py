"""A custom origin: what of a viewer's request a behaviour's policies pass on, and the answer to it."""

import urllib3

from liveinsight_cli.local.cloudfront.policies import CachePolicy, Config, passes, passing, request_policies
from liveinsight_cli.local.cloudfront.viewer import HOP_BY_HOP, ViewerRequest, joined
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer

PLAIN = (("Content-Type", "text/plain"),)


class CustomOrigins:
    """Passes requests on, over connections that are kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._pool = urllib3.PoolManager(maxsize=32, retries=False)

    def answer(self, origin: Config, behaviour: Config, request: ViewerRequest) -> Answer:
        """Send a request to an origin and return what it answers; 502 and 504 as CloudFront says them."""
        settings = origin["CustomOriginConfig"]
        timeout = urllib3.Timeout(
            connect=float(origin.get("ConnectionTimeout") or 10),
            read=float(settings.get("OriginReadTimeout") or 30),
        )
        query, headers = self._forwarded(behaviour, request)
        try:
            answer = self._pool.request(
                request.method,
                _url(origin, settings) + (origin.get("OriginPath") or "") + request.uri + query,
                headers=headers,
                body=request.body or None,
                timeout=timeout,
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            late = isinstance(error, urllib3.exceptions.TimeoutError)
            if late and not isinstance(
                error, urllib3.exceptions.NewConnectionError
            ):  # refused, which it calls late
                return Answer(504, b"The origin did not answer in time.\n", PLAIN)
            return Answer(502, f"The origin {origin['DomainName']} cannot be reached.\n".encode(), PLAIN)
        kept = tuple(
            (name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP
        )
        return Answer(answer.status, answer.data, kept)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def _forwarded(self, behaviour: Config, request: ViewerRequest) -> tuple[str, dict[str, str]]:
        policies = request_policies(self._documents, behaviour)
        headers = {
            name: value
            for name, value in request.headers.items()
            if any(passes(one, "HeadersConfig", "HeaderBehavior", "Headers", name) for one in policies)
        }
        if encodings := CachePolicy.of(self._documents, behaviour).encodings(request):
            headers["accept-encoding"] = encodings
        query = passing(request.query, policies, "QueryString")
        cookies = passing(request.cookies, policies, "Cookie")
        if cookies:
            headers["cookie"] = joined(cookies, "; ")
        headers.setdefault("user-agent", "Amazon CloudFront")
        before = headers.get("x-forwarded-for")
        headers["x-forwarded-for"] = f"{before}, {request.address}" if before else request.address
        return ("?" + joined(query, "&") if query else ""), headers


def _url(origin: Config, settings: Config) -> str:
    secure = settings.get("OriginProtocolPolicy") == "https-only"
    port = settings["HTTPSPort"] if secure else settings["HTTPPort"]
    return f"{'https' if secure else 'http'}://{origin['DomainName']}:{port}"
