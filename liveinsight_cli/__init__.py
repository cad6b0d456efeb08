"""LiveInsight: real-time web analytics in your own AWS account, deployed and operated from the command line."""


def __getattr__(name: str) -> str:
    """Give `__version__` to whoever asks: reading it takes as long as importing typer, and few commands need it."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("liveinsight")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0.0.0"
