"""What AWS and the DNS know of an environment's domain."""

import socket

from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.context import Context
from liveinsight_cli.core.domain import DomainStatus, domain_state, is_own

CERTIFICATES = "us-east-1"  # the only region that CloudFront takes certificates from


def certificate_is_issued(context: Context) -> bool:
    """Return whether the environment's certificate for a domain without a zone is there and issued.

    AWS is asked, not a file of this machine: any machine plans the same. The tags tell the environment's own
    certificate from others for the same name.
    """
    settings = context.settings
    if settings.domain is None or settings.hosted_zone_id is not None:
        return False
    aws = context.aws.in_region(CERTIFICATES)
    for page in aws.pages("acm", "list_certificates", CertificateStatuses=["ISSUED"]):
        for certificate in page["CertificateSummaryList"]:
            if certificate["DomainName"] != settings.domain:
                continue
            arn = certificate["CertificateArn"]
            tags = aws.call("acm", "list_tags_for_certificate", CertificateArn=arn)["Tags"]
            if is_own(tags, settings.project, context.environment):
                return True
    return False


def domain_status(context: Context, deployed: Deployed) -> DomainStatus | None:
    """Return the state of the deployed domain, or None when there is none."""
    if deployed.domain is None:
        return None
    embedded = context.settings.target == "embedded"
    looked_up = deployed.domain_attached and not embedded
    state = domain_state(
        attached=deployed.domain_attached,
        embedded=embedded,
        resolves=looked_up and _resolves(deployed.domain),
    )
    return DomainStatus(deployed.domain, state, deployed.dns_records)


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM))
    except OSError:
        return False
