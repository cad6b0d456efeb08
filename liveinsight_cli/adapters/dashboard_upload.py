"""Brings the dashboard's bucket to the state of `dashboard/` and config.json; what is the same is left alone."""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.assets import dashboard_sources
from liveinsight_cli.context import Context
from liveinsight_cli.core.site_files import CONFIG, SiteChanges, SiteFile, dashboard_config, site_changes

REQUESTS_AT_ONCE = 8
DELETIONS_AT_ONCE = 1000
DIGEST = "md5"  # name of the note in an object's metadata


@dataclass(frozen=True)
class Site:
    """The deployed dashboard, and the directory it is made from."""

    aws: Aws
    deployed: Deployed
    sources: Path
    config: bytes
    now: Callable[[], float] = time.time

    @classmethod
    def of(cls, context: Context, deployed: Deployed) -> "Site":
        """Return the dashboard as it belongs into the bucket of a deployed environment."""
        settings = context.settings
        config = dashboard_config(
            context.environment, deployed.public_api_url, settings.public_dashboard, tuple(settings.sites)
        )
        return cls(context.aws, deployed, dashboard_sources(), config, context.clock.now)

    def changes(self) -> SiteChanges:
        """Compare by content; one read per thousand files, and one for each that seems to be different."""
        files, present = self._files(), self._present()
        doubtful = [key for key, file in files.items() if present.get(key, file.md5) != file.md5]
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            recorded = pool.map(self._recorded, doubtful)
            return site_changes(files, present | dict(zip(doubtful, recorded, strict=True)))

    def tampered(self) -> dict[str, str]:
        """Return what no deploy did to the bucket, key -> "missing", "changed" or "added".

        An upload notes the digest of what it puts there. A file that differs from this machine's but fits its note is
        from a deploy of other sources.
        """
        files, present = self._files(), self._present()
        found = {key: "missing" for key in files if key not in present}
        doubtful = [key for key in present if key not in files or present[key] != files[key].md5]
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            noted = dict(zip(doubtful, pool.map(self._is_noted, doubtful), strict=True))
        return found | {
            key: "changed" if key in files else "added" for key, is_noted in noted.items() if not is_noted
        }

    def upload(self, changes: SiteChanges) -> None:
        """Upload and remove, then tell CloudFront what to forget."""
        pages = tuple(file for file in changes.upload if file.key.endswith(".html"))
        loaded_by_pages = tuple(file for file in changes.upload if file not in pages)
        for files in (loaded_by_pages, pages):
            with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
                list(pool.map(self._put, files))
        for start in range(0, len(changes.remove), DELETIONS_AT_ONCE):
            keys = [{"Key": key} for key in changes.remove[start : start + DELETIONS_AT_ONCE]]
            deletion = {"Objects": keys, "Quiet": True}
            self.aws.call("s3", "delete_objects", Bucket=self.deployed.dashboard_bucket, Delete=deletion)
        self._invalidate(changes.invalidation_paths)

    def _put(self, file: SiteFile) -> None:
        self.aws.call(
            "s3",
            "put_object",
            Bucket=self.deployed.dashboard_bucket,
            Key=file.key,
            Body=file.content,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
            Metadata={DIGEST: file.md5},
        )

    def _invalidate(self, paths: tuple[str, ...]) -> None:
        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": f"liveinsight-{self.now():.6f}",
        }
        self.aws.call(
            "cloudfront",
            "create_invalidation",
            DistributionId=self.deployed.distribution_id,
            InvalidationBatch=batch,
        )

    def _files(self) -> dict[str, SiteFile]:
        files = {
            path.relative_to(self.sources).as_posix(): path.read_bytes()
            for path in sorted(self.sources.rglob("*"))
            if path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(self.sources).parts)
        }
        files[CONFIG] = self.config
        return {key: SiteFile(key, content, _etag(content)) for key, content in files.items()}

    def _present(self) -> dict[str, str]:
        bucket = self.deployed.dashboard_bucket
        return {
            entry["Key"]: entry["ETag"].strip('"')
            for page in self.aws.pages("s3", "list_objects_v2", Bucket=bucket)
            for entry in page.get("Contents", ())
        }

    def _is_noted(self, key: str) -> bool:
        """Tell whether an object holds what its upload noted."""
        answer = self.aws.call("s3", "head_object", Bucket=self.deployed.dashboard_bucket, Key=key)
        noted = answer["Metadata"].get(DIGEST, "")
        is_digest = not answer.get("ServerSideEncryption", "").startswith("aws:kms")  # else the ETag is none
        return bool(noted) and (not is_digest or noted == answer["ETag"].strip('"'))

    def _recorded(self, key: str) -> str:
        """What an upload noted: an object that a KMS key encrypts has another ETag than its MD5."""
        answer = self.aws.call("s3", "head_object", Bucket=self.deployed.dashboard_bucket, Key=key)
        return str(answer["Metadata"].get(DIGEST, ""))


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
