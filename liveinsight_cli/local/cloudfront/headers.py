"""A response-headers policy of CloudFront, applied to an answer."""

from typing import Any

from liveinsight_cli.local.http import Answer, Environ

Wanted = list[tuple[str, str, bool]]  # name, value, override


def policy_headers(config: dict[str, Any], answer: Answer, environ: Environ) -> Answer:
    """Return the answer with the policy's headers; one that the origin sent stays unless the policy overrides it."""
    wanted = _security(config.get("SecurityHeadersConfig") or {})
    wanted += [
        (header["Header"], header.get("Value", ""), bool(header.get("Override")))
        for header in (config.get("CustomHeadersConfig") or {}).get("Items") or []
    ]
    if "HTTP_ORIGIN" in environ:
        wanted += _cors(config.get("CorsConfig") or {}, environ["HTTP_ORIGIN"])
    removed = {
        item["Header"].lower() for item in (config.get("RemoveHeadersConfig") or {}).get("Items") or []
    }
    present = {name.lower() for name, _ in answer.headers}
    added = [(name, value) for name, value, override in wanted if override or name.lower() not in present]
    replaced = {name.lower() for name, _ in added} | removed
    kept = [(name, value) for name, value in answer.headers if name.lower() not in replaced]
    return Answer(answer.status, answer.body, (*kept, *added))


def _security(config: dict[str, Any]) -> Wanted:
    wanted: Wanted = []
    if hsts := config.get("StrictTransportSecurity"):
        parts = [f"max-age={hsts['AccessControlMaxAgeSec']}"]
        parts += ["includeSubDomains"] if hsts.get("IncludeSubdomains") else []
        parts += ["preload"] if hsts.get("Preload") else []
        wanted.append(("Strict-Transport-Security", "; ".join(parts), bool(hsts["Override"])))
    if csp := config.get("ContentSecurityPolicy"):
        wanted.append(("Content-Security-Policy", csp["ContentSecurityPolicy"], bool(csp["Override"])))
    if sniff := config.get("ContentTypeOptions"):
        wanted.append(("X-Content-Type-Options", "nosniff", bool(sniff["Override"])))
    if frame := config.get("FrameOptions"):
        wanted.append(("X-Frame-Options", frame["FrameOption"], bool(frame["Override"])))
    if referrer := config.get("ReferrerPolicy"):
        wanted.append(("Referrer-Policy", referrer["ReferrerPolicy"], bool(referrer["Override"])))
    if xss := config.get("XSSProtection"):
        value = "0"
        if xss.get("Protection"):
            value = "1; mode=block" if xss.get("ModeBlock") else "1"
            value += f"; report={xss['ReportUri']}" if xss.get("ReportUri") else ""
        wanted.append(("X-XSS-Protection", value, bool(xss["Override"])))
    return wanted


def _cors(config: dict[str, Any], origin: str) -> Wanted:
    if not config:
        return []
    override = bool(config.get("OriginOverride"))
    origins = (config.get("AccessControlAllowOrigins") or {}).get("Items") or []
    if origin not in origins and "*" not in origins:
        return []
    wanted: Wanted = [("Access-Control-Allow-Origin", "*" if "*" in origins else origin, override)]
    if config.get("AccessControlAllowCredentials"):
        wanted.append(("Access-Control-Allow-Credentials", "true", override))
    exposed = (config.get("AccessControlExposeHeaders") or {}).get("Items") or []
    if exposed:
        wanted.append(("Access-Control-Expose-Headers", ", ".join(exposed), override))
    return wanted
