"""What several benchmarks need: the functions' sources on the path, traffic, and tables in memory."""

import sys

from liveinsight_cli.assets import lambda_sources

VCPU_256_MB = 256 / 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html

if str(lambda_sources()) not in sys.path:
    sys.path.insert(0, str(lambda_sources()))
