"""CloudFront: the API as documents, and distributions served on ports of their own."""

from liveinsight_cli.local.cloudfront.api import CloudFront
from liveinsight_cli.local.cloudfront.edge import DistributionEdge
from liveinsight_cli.local.cloudfront.key_value_stores import KeyValueData

__all__ = ["CloudFront", "DistributionEdge", "KeyValueData"]
