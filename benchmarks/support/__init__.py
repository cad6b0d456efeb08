"""What several benchmarks need: the functions' sources on the path, traffic, and tables in memory."""

import sys

from liveinsight_cli.assets import lambda_sources

if str(lambda_sources()) not in sys.path:
    sys.path.insert(0, str(lambda_sources()))
