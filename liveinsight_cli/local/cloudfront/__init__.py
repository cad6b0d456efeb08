"""CloudFront: the API as documents, and distributions served on ports of their own."""

from liveinsight_cli.local.cloudfront.api import CloudFront
from liveinsight_cli.local.cloudfront.edge import DistributionEdge

__all__ = ["CloudFront", "DistributionEdge"]
