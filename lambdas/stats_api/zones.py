"""Time zones by their IANA names, wherever the runtime keeps them."""

from __future__ import annotations

import io
import pkgutil
import tarfile
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.http import HttpError

_LONGEST_NAME = 64
# Files that lie beside the zones: the machine's own zone, and others that count leap seconds.
_NOT_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_VARIANTS = ("right/", "posix/")


@lru_cache(maxsize=64)
def read_zone(name: str) -> tzinfo:
    """The time zone of that name; UTC when none is given."""
    if name in ("", "UTC"):
        return UTC
    if name in _NOT_ZONES or name.startswith(_VARIANTS):
        raise HttpError(400, "invalid_field", "timezone must be an IANA time zone.", "timezone")
    try:
        return _system_zone(name) or bundled_zone(name)
    except (ValueError, OSError, LookupError, ImportError, tarfile.TarError) as error:
        raise HttpError(400, "invalid_field", "timezone must be an IANA time zone.", "timezone") from error


def _system_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name[:_LONGEST_NAME])
    except ZoneInfoNotFoundError:
        return None


def bundled_zone(name: str) -> ZoneInfo:
    """The zone from the data that boto3's dependency dateutil brings along: small images have no system data.

    Raises LookupError for an unknown name.
    """
    archive = pkgutil.get_data("dateutil.zoneinfo", "dateutil-zoneinfo.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(archive or b"")) as files:
        member = files.extractfile(name)
        if member is None:
            raise LookupError(name)
        return ZoneInfo.from_file(member, key=name)
