"""moto's state to disk and back, so that the control plane outlives the process.

A snapshot is one JSON line that says what it was made with, then a pickle of every backend's attributes. References
from one backend to another are stored by name, so each backend object stays where moto put it. Only classes of moto and
a few of the standard library are read back: a snapshot in a directory that came from somewhere else runs no code.
"""

import io
import json
import logging
import os
import pickle
import sys
import threading
import time
import weakref
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from liveinsight_cli.local import fixups

STATELESS = frozenset({"moto_api", "instance_metadata"})
STANDARD = {
    "builtins": {"set", "frozenset", "bytearray", "complex", "object", "slice", "range"},
    "collections": {"OrderedDict", "defaultdict", "deque", "Counter", "ChainMap"},
    "datetime": {"datetime", "date", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "uuid": {"UUID", "SafeUUID"},
    "copyreg": {"_reconstructor"},
    "re": {"_compile"},
}

log = logging.getLogger(__name__)
BackendKey = tuple[str, str, str]  # service, account, region


@dataclass(frozen=True)
class Header:
    """What a snapshot was made with; one made with anything else is not read."""

    moto: str
    fixups: int
    python: str
    saved_at: float

    def fits(self, other: "Header") -> bool:
        """Tell whether a snapshot with the other header can be read."""
        return (self.moto, self.fixups, self.python) == (other.moto, other.fixups, other.python)


@dataclass(frozen=True)
class Restoration:
    """How the control plane came up: `empty` (nothing was saved), `restored`, or `lost` with the reason."""

    state: str
    saved_at: float | None = None
    reason: str | None = None
    left_out: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The same in one sentence."""
        if self.state == "empty":
            return "nothing was deployed before"
        if self.state == "lost":
            return f"control plane lost ({self.reason}): deploy again"
        when = datetime.fromtimestamp(self.saved_at or 0).astimezone()
        return f"control plane restored from the snapshot of {when:%H:%M:%S}"


def current_header() -> Header:
    """Describe the software that runs now."""
    python = ".".join(map(str, sys.version_info[:2]))
    return Header(fixups.MOTO_VERSION, fixups.VERSION, python, time.time())


def save(path: Path) -> tuple[str, ...]:
    """Write a snapshot atomically; returns the services that could not be written (none, as a rule)."""
    header, left_out = current_header(), []
    state = {key: dict(vars(backend)) for key, backend in _backends().items() if key[0] not in STATELESS}
    try:
        body = _dump_patiently(state)
    except Exception:
        log.exception("the control plane does not pickle as a whole; leaving out what does not")
        kept = {}
        for key, attributes in state.items():
            try:
                _dump({key: attributes})
                kept[key] = attributes
            except Exception:
                log.exception("%s is not in the snapshot", key[0])
                left_out.append(key[0])
        body = _dump(kept)
    description = {**asdict(header), "left_out": sorted(set(left_out))}
    scratch = path.with_suffix(".new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(description).encode() + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    return tuple(description["left_out"])


def restore(path: Path) -> Restoration:
    """Bring the saved control plane back into moto's (still empty) backends."""
    if not path.exists():
        return Restoration("empty")
    saved_at = None
    try:
        with path.open("rb") as file:
            description = json.loads(file.readline())
            body = file.read()
        left_out = tuple(description.pop("left_out"))
        header = Header(**description)
        saved_at = header.saved_at
        if not header.fits(current_header()):
            return _lost(path, saved_at, "the snapshot was made by another version")
        state: dict[BackendKey, dict[str, Any]] = _Unpickler(io.BytesIO(body)).load()
    except Exception as error:
        log.exception("the snapshot cannot be read")
        return _lost(path, saved_at, f"the snapshot cannot be read ({type(error).__name__})")
    for key, attributes in state.items():
        backend = _backend(key)
        vars(backend).clear()
        vars(backend).update(attributes)
    _register_buckets()
    return Restoration("restored", saved_at, None, left_out)


def _lost(path: Path, saved_at: float | None, reason: str) -> Restoration:
    """Set the snapshot aside, so that the version which made it can still be given it."""
    path.replace(path.with_suffix(".lost"))
    return Restoration("lost", saved_at, reason)


class _Pickler(pickle.Pickler):
    """Names backends instead of copying them, and knows the few things of moto's that do not pickle."""

    def __init__(self, file: io.BytesIO, keys: dict[int, BackendKey]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._keys = keys

    def persistent_id(self, obj: Any) -> BackendKey | None:
        return self._keys.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is _LOCK:
            return _new_lock, ()
        if kind is _RLOCK:
            return _new_rlock, ()
        if kind is weakref.WeakValueDictionary:
            return weakref.WeakValueDictionary, (dict(obj),)
        if kind is defaultdict and getattr(obj.default_factory, "__name__", "") == "<lambda>":
            # moto's lambdas all make an empty dict (LambdaStorage._aliases and its like)
            return defaultdict, (type(obj.default_factory()),), None, None, iter(obj.items())
        if kind.__module__.startswith("cryptography.") and hasattr(obj, "private_bytes"):
            return _private_key, (_key_bytes(obj),)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        return _backend(pid)

    def find_class(self, module: str, name: str) -> Any:
        if "." in name:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a snapshot")
        if module == __name__ and name in ("_new_lock", "_new_rlock", "_private_key"):
            return globals()[name]
        if (module, name) == ("weakref", "WeakValueDictionary"):
            return weakref.WeakValueDictionary
        found = super().find_class(module, name)
        if module in STANDARD:
            allowed = name in STANDARD[module] or found in (dict, list, set, tuple, int, str, bytes, float)
        else:
            allowed = (
                module.startswith("moto.")
                and isinstance(found, type)
                and found.__module__.startswith("moto.")
            )
        if not allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a snapshot")
        return found


_LOCK, _RLOCK = type(threading.Lock()), type(threading.RLock())


def _new_lock() -> Any:
    return threading.Lock()


def _new_rlock() -> Any:
    return threading.RLock()


def _key_bytes(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return made


def _private_key(content: bytes) -> Any:
    """A key of moto's KMS, which makes a pair even for a symmetric key."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(content, None)


def _dump(state: dict[BackendKey, dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, {id(backend): key for key, backend in _backends().items()}).dump(state)
    return buffer.getvalue()


def _dump_patiently(state: dict[BackendKey, dict[str, Any]]) -> bytes:
    """Background work (alarms, log groups) changes moto's dicts without passing the gate; then once more."""
    for _ in range(4):
        try:
            return _dump(state)
        except RuntimeError:
            time.sleep(0.05)
    return _dump(state)


def _registries() -> list[Any]:
    from moto.core import base_backend

    registry: Any = base_backend.BackendDict
    return list(registry._instances)


def _backends() -> dict[BackendKey, Any]:
    return {
        (registry.service_name, account, region): backend
        for registry in _registries()
        for account, region, backend in list(registry.iter_backends())
    }


def _backend(key: BackendKey) -> Any:
    from moto.backends import get_backend

    service, account, region = key
    return get_backend(service)[account][region]  # type: ignore[call-overload]


def _register_buckets() -> None:
    """moto keeps the owner of each bucket name beside the backends."""
    from moto.s3.models import s3_backends

    for account, regions in s3_backends.items():
        for partition, backend in regions.items():
            for name in backend.buckets:
                s3_backends.bucket_accounts[name] = (partition, account)
