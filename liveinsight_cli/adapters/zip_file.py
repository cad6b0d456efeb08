"""Makes zips whose bytes depend on names and contents alone."""

import io
import zipfile
from collections.abc import Iterable

from liveinsight_cli.core.build import file_mode

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
UNIX = 3
REGULAR_FILE = 0o100000


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of (name, content): sorted, dated 1980, modes by content, not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = UNIX
            info.external_attr = (REGULAR_FILE | file_mode(content)) << 16
            archive.writestr(info, content)
    return buffer.getvalue()
