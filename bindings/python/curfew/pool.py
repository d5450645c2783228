"""A pool of sandboxes that start from one snapshot and go back to it after every request."""

from __future__ import annotations

import asyncio
import ctypes
import weakref
from typing import Any, Dict, Optional

from . import _c
from .errors import Consumed, InvalidArgument
from .limits import LimitsLike, as_limits, handle_of
from .pending import Result
from .settings import count_of, host_of_snapshot, seconds_of
from .snapshots import Snapshot, snapshot_handle
from .tools import Callbacks

_POLICIES = {"every": 0, "errors": 1, "never": 2}


class Pool:
    """Any number of threads may call it at once.

    :param snapshot: in whose state its sandboxes start. Of this process: its tools are theirs
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
        _loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        if restore not in _POLICIES:
            raise InvalidArgument(f'restore is {restore!r}; it is "every", "errors" or "never"', code="invalid_argument")
        options = _c.CPoolOptions(
            struct_size=ctypes.sizeof(_c.CPoolOptions),
            size=count_of(size, "size"),
            made_at_start=0,
            restore=_POLICIES[restore],
            queue_limit=count_of(queue, "queue"),
            wait_limit_ns=seconds_of(wait, "wait"),
        )
        handle = snapshot_handle(snapshot)
        self._process = _c.process()
        self._callbacks: Callbacks = snapshot._callbacks if snapshot._callbacks is not None else Callbacks({})
        host = None
        if not self._callbacks.serves(_loop):
            self._callbacks = Callbacks(self._callbacks.options, _loop)
            host = host_of_snapshot(self._callbacks, self._callbacks.options)
        try:
            self._handle = _c.made(_c.lib.curfew_pool_new, handle, host, ctypes.byref(options))
        finally:
            _c.lib.curfew_proto_free(host)
        self._finalizer = weakref.finalize(self, _free, self._handle, self._callbacks, self._process)
        self._closed = False

    def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler in one of the sandboxes."""
        return self.call_with_usage(handler, event, limits=limits).value

    def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        """As :meth:`call`, with what the call used."""
        held = as_limits(limits)
        form = self._callbacks.format
        text = form.encode(event)
        name = _c.name(handler, "a handler's name")
        _c.check_process(self._process, "pool")
        if self._closed:
            raise Consumed("the pool was closed", code="consumed")
        options = _c.WITH_CBOR if form.is_cbor else None
        thread = self._callbacks.begin()
        try:
            result = _c.made(_c.lib.curfew_pool_call, self._handle, name, text, len(text), handle_of(held), options)
        except BaseException as error:
            self._callbacks.finish(thread, held, error)
            raise
        data, usage = _c.result_and_usage_of(result)
        self._callbacks.finish(thread, held)
        return Result(form.decode(data), usage)

    def report(self) -> Dict[str, int]:
        """What the pool has, and what it has done."""
        _c.check_process(self._process, "pool")
        report = _c.CPoolReport(struct_size=ctypes.sizeof(_c.CPoolReport))
        _c.lib.curfew_pool_report_now(self._handle, ctypes.byref(report))
        return {name: int(getattr(report, name)) for name, *_ in _c.CPoolReport._fields_ if name != "struct_size"}

    def close(self) -> None:
        """From now on requests fail. Those that run go on."""
        if self._process != _c.process():
            return
        self._closed = True
        _c.lib.curfew_pool_shut_down(self._handle)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: Optional[Any]) -> None:
        self.close()


def _free(handle: ctypes.c_void_p, _callbacks: Callbacks, process: int) -> None:
    if process == _c.process():
        _c.lib.curfew_pool_free(handle)
