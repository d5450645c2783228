"""A pool of sandboxes that start from one snapshot and go back to it after every request."""

from __future__ import annotations

import ctypes
import json
import weakref
from typing import Any, Dict, Optional

from . import _c
from .errors import InvalidArgument
from .limits import LimitsLike, as_limits, c_name, handle_of
from .sandbox import Result, Snapshot, encode

_POLICIES = {"every": 0, "errors": 1, "never": 2}


class Pool:
    """Any number of threads may call it at once.

    :param size: sandboxes at most; this machine's CPUs by default
    :param restore: "every" (request sees none of what another has left), "errors", or "never"
    :param queue: requests that may wait at a time
    :param wait: seconds that each of them may wait
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        size: int = 0,
        restore: str = "every",
        queue: int = 1024,
        wait: float = 10.0,
    ) -> None:
        if restore not in _POLICIES:
            raise InvalidArgument(f'restore is {restore!r}; it is "every", "errors" or "never"', code="invalid_argument")
        options = _c.CPoolOptions(
            struct_size=ctypes.sizeof(_c.CPoolOptions),
            size=size,
            made_at_start=0,
            restore=_POLICIES[restore],
            queue_limit=queue,
            wait_limit_ns=int(wait * 1e9),
        )
        self._callbacks = snapshot._callbacks
        self._handle = _c.made(_c.lib.curfew_pool_new, snapshot._handle, None, ctypes.byref(options))
        self._finalizer = weakref.finalize(self, _c.lib.curfew_pool_free, self._handle)

    def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler in one of the sandboxes."""
        return self.call_with_usage(handler, event, limits=limits).value

    def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        """As :meth:`call`, with what the call used."""
        held = as_limits(limits)
        text = encode(event)
        result = _c.made(
            _c.lib.curfew_pool_call, self._handle, c_name(handler), text, len(text), handle_of(held), None
        )
        data, usage = _c.result_of(result)
        return Result(json.loads(data), usage)

    def report(self) -> Dict[str, int]:
        """What the pool has, and what it has done."""
        report = _c.CPoolReport(struct_size=ctypes.sizeof(_c.CPoolReport))
        _c.lib.curfew_pool_report_now(self._handle, ctypes.byref(report))
        return {name: int(getattr(report, name)) for name, *_ in _c.CPoolReport._fields_ if name != "struct_size"}

    def close(self) -> None:
        """From now on requests fail. Those that run go on."""
        _c.lib.curfew_pool_shut_down(self._handle)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: Optional[Any]) -> None:
        self.close()
