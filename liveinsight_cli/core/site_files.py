"""The dashboard's files: content types, caching, and what has to be uploaded, removed and invalidated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

CONFIG = "config.json"
# A fixed table: what the machine's own mime.types says differs from machine to machine.
CONTENT_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
# The dashboard reads by way of its own CloudFront, where many viewers of one page share an answer.
READ_URL = "/"
# Pages and settings are asked for anew each time; CloudFront keeps the rest until it is told of a change.
REVALIDATED = "no-cache"
KEPT_FOR_MINUTES = "public, max-age=300, stale-while-revalidate=86400"
LARGEST_INVALIDATION = 15


@dataclass(frozen=True)
class SiteFile:
    """One file to serve. `md5` is what S3 calls its ETag."""

    key: str
    content: bytes
    md5: str

    @property
    def content_type(self) -> str:
        """Its media type."""
        return CONTENT_TYPES.get(PurePosixPath(self.key).suffix.lower(), "application/octet-stream")

    @property
    def cache_control(self) -> str:
        """How long browsers and CloudFront may keep it."""
        return (
            REVALIDATED
            if self.content_type.startswith(("text/html", "application/json"))
            else KEPT_FOR_MINUTES
        )


@dataclass(frozen=True)
class SiteChanges:
    """What differs between the files and the bucket."""

    upload: tuple[SiteFile, ...]
    remove: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.upload or self.remove)

    @property
    def invalidation_paths(self) -> tuple[str, ...]:
        """What CloudFront has to forget; many files are one wildcard, which costs one path."""
        keys = sorted({file.key for file in self.upload} | set(self.remove))
        if len(keys) > LARGEST_INVALIDATION:
            return ("/*",)
        paths = [f"/{key}" for key in keys]
        return tuple([*paths, "/"] if "index.html" in keys else paths)


def site_changes(files: Mapping[str, SiteFile], present: Mapping[str, str]) -> SiteChanges:
    """Compare files with a bucket (key -> ETag). Pages come last: what they load is there before them."""
    changed = [file for key, file in files.items() if present.get(key) != file.md5]
    changed.sort(key=lambda file: (file.key.endswith(".html"), file.key))
    return SiteChanges(tuple(changed), tuple(sorted(present.keys() - files.keys())))


def dashboard_config(environment: str, api_url: str, public: bool, sites: tuple[str, ...]) -> bytes:
    """Return config.json: where trackers send and where the page reads, nothing secret."""
    document: dict[str, object] = {
        "apiUrl": api_url,
        "readUrl": READ_URL,
        "environment": environment,
        "public": public,
    }
    if len(sites) == 1:
        document["site"] = sites[0]
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
