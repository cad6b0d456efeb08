"""The table of list prices, read from the file that comes with the tool and one that the user gives."""

import tomllib
from pathlib import Path
from typing import Any

from liveinsight_cli.assets import price_file
from liveinsight_cli.core.prices import InvalidPrices, PriceTable, UnknownRegion, price_table, with_changes
from liveinsight_cli.errors import ConfigurationError, PreconditionError

DOCUMENTATION = "docs/cost.md"


def load_prices(region: str, changes: Path | None = None) -> PriceTable:
    """Return the prices of a region, those of the file `changes` first.

    Raises PreconditionError for a region without prices, ConfigurationError for a file that is none of prices.
    """
    document = _read(price_file())
    if changes is not None:
        document = with_changes(document, _read(changes))
    try:
        return price_table(document, region)
    except InvalidPrices as error:
        raise ConfigurationError(
            f"{changes or price_file()}: {error}.",
            hint=f"{DOCUMENTATION} shows what a file of prices looks like.",
        ) from error
    except UnknownRegion as error:
        known = " or ".join(error.known)
        raise PreconditionError(
            f"The prices of {region} are not known"
            + (f" in full: {', '.join(error.missing)} is missing." if error.is_partial else "."),
            code="unknown_prices",
            hint=f"Take another region's instead: --prices-of {known}. Or give them: --prices FILE ({DOCUMENTATION}).",
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PreconditionError(
            f"There is no file {path}.", code="no_prices", hint="Give the path of a file of prices."
        ) from error
    except OSError as error:
        raise PreconditionError(
            f"{path} cannot be read: {error.strerror}.",
            code="no_prices",
            hint="Give a file that you may read.",
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}", hint=f"{DOCUMENTATION} shows what a file of prices looks like."
        ) from error
