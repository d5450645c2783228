"""Runs untrusted JavaScript in sealed cells, under limits that hold.

>>> import curfew
>>> with curfew.Sandbox(limits={"cpu_time": "100ms"}) as sandbox:
...     sandbox.run("[1, 2, 3].map((n) => n * n)")
[1, 4, 9]
"""

from __future__ import annotations

from typing import List

from ._c import lib as _lib
from .aio import AsyncPending, AsyncPool, AsyncSandbox
from .cbor import BigInt, JSError, Map, RegExp, undefined
from .errors import (
    Busy,
    Cancelled,
    CompileError,
    Consumed,
    CurfewError,
    GuestAbort,
    GuestOutOfMemory,
    HandlerError,
    InvalidArgument,
    MonitorFailed,
    NotRun,
    Overloaded,
    Poisoned,
    StackOverflow,
    Unavailable,
    Usage,
)
from .limits import LimitKind, Limits, Monitor, Quota, Watched, limit_kinds
from .observers import Event, Observation, observe
from .pending import Pending, Result
from .pool import Pool
from .sandbox import Sandbox
from .settings import Cgroup, Fetch, Script
from .snapshots import OpenCall, SigningKey, Snapshot, SnapshotFolder, Waiting

__version__: str = _lib.curfew_version().decode()


def engines() -> List[str]:
    """The engines of this build, the default first."""
    return [_lib.curfew_engine_name(i).decode() for i in range(_lib.curfew_engine_count())]


__all__ = [
    "AsyncPending",
    "AsyncPool",
    "AsyncSandbox",
    "BigInt",
    "Busy",
    "Cancelled",
    "Cgroup",
    "CompileError",
    "Consumed",
    "CurfewError",
    "Event",
    "Fetch",
    "GuestAbort",
    "GuestOutOfMemory",
    "HandlerError",
    "InvalidArgument",
    "JSError",
    "LimitKind",
    "Limits",
    "Map",
    "Monitor",
    "MonitorFailed",
    "NotRun",
    "Observation",
    "OpenCall",
    "Overloaded",
    "Pending",
    "Poisoned",
    "Pool",
    "Quota",
    "RegExp",
    "Result",
    "Sandbox",
    "Script",
    "SigningKey",
    "Snapshot",
    "SnapshotFolder",
    "StackOverflow",
    "Unavailable",
    "Usage",
    "Waiting",
    "Watched",
    "engines",
    "limit_kinds",
    "observe",
    "undefined",
]
