"""LiveInsight: real-time web analytics in your own AWS account, deployed and operated from the command line."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("liveinsight")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"
