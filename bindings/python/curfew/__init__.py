"""Runs untrusted JavaScript in sealed cells, under limits that hold.

>>> import curfew
>>> with curfew.Sandbox(limits={"cpu_time": "100ms"}) as sandbox:
...     sandbox.run("[1, 2, 3].map((n) => n * n)")
[1, 4, 9]
"""

from __future__ import annotations

from ._c import lib as _lib
from .aio import AsyncSandbox
from .errors import (
    Busy,
    Cancelled,
    Consumed,
    CurfewError,
    GuestAbort,
    GuestOutOfMemory,
    HandlerError,
    InvalidArgument,
    MonitorFailed,
    Overloaded,
    Poisoned,
    Unavailable,
    Usage,
)
from .limits import LimitKind, Limits, Monitor, Watched, limit_kinds
from .pool import Pool
from .sandbox import Result, Sandbox, Snapshot

__version__ = _lib.curfew_version().decode()


def engines() -> list[str]:
    """The engines of this build, the default first."""
    return [_lib.curfew_engine_name(i).decode() for i in range(_lib.curfew_engine_count())]


__all__ = [
    "AsyncSandbox",
    "Busy",
    "Cancelled",
    "Consumed",
    "CurfewError",
    "GuestAbort",
    "GuestOutOfMemory",
    "HandlerError",
    "InvalidArgument",
    "LimitKind",
    "Limits",
    "Monitor",
    "MonitorFailed",
    "Overloaded",
    "Pool",
    "Poisoned",
    "Result",
    "Sandbox",
    "Snapshot",
    "Unavailable",
    "Usage",
    "Watched",
    "engines",
    "limit_kinds",
]
