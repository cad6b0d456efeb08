"""Where the stack's own sources are: beside the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _sources(name: str) -> Path:
    packaged = PACKAGE / "_assets" / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


def terraform_sources() -> Path:
    """Return the directory of the Terraform configuration; never run terraform in it."""
    return _sources("terraform")


def lambda_sources() -> Path:
    """Return the directory that holds one package per function and `shared`."""
    return _sources("lambdas")


def dashboard_sources() -> Path:
    """Return the directory of the files that CloudFront serves."""
    return _sources("dashboard")


def price_file() -> Path:
    """Return the file of AWS's list prices."""
    return PACKAGE / "prices.toml"
