"""Invocations that wait without a thread."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, List, NamedTuple, Optional, Union

from . import _c
from .cell import Cell
from .errors import InvalidArgument, Usage
from .limits import Limits
from .snapshots import OpenCall, Waiting, waiting_of
from .values import CBOR, JSON


class Result(NamedTuple):
    """What a call gave, and what it used."""

    value: Any
    usage: Usage


def finished(cell: Cell, thread: int, limits: Optional[Limits], function: Any, *arguments: Any) -> ctypes.c_void_p:
    """The result that a function of C's gives which runs a guest, with what Python's own functions raised meanwhile in place of its error. The
    sandbox's turn has to be the caller's."""
    try:
        handle = _c.made(function, *arguments)
    except BaseException as error:
        cell.callbacks.finish(thread, limits, error)
        raise
    try:
        cell.callbacks.finish(thread, limits)
    except BaseException:
        _c.lib.curfew_result_free(handle)
        raise
    return handle


class Pending:
    """An invocation that was begun: it is done, or it waits for open calls of deferred or async tools, or for a timer.

    >>> with Sandbox({"main": SOURCE}, deferred=["approve"]) as sandbox:
    ...     pending = sandbox.begin("main", {"item": "cake"})
    ...     for call in pending.open_calls:
    ...         pending.resume(call, ask(call.name, *call.arguments))
    ...     pending.result()

    Made by :meth:`curfew.Sandbox.begin`. Meanwhile of the sandbox only ``snapshot`` may be called. Used by one thread at a time, as
    its sandbox. One that nobody has any more is ended, and the sandbox is poisoned.
    """

    def __init__(self, sandbox: Any, cell: Cell, handle: ctypes.c_void_p, limits: Optional[Limits], thread: int) -> None:
        self._sandbox = sandbox  # which has to last
        self._cell = cell
        self._handle = handle
        self._limits = limits
        self._thread = thread
        self._finalizer = weakref.finalize(self, cell.drop, handle)

    def _open(self) -> Any:
        if not self._finalizer.alive:
            raise InvalidArgument("the pending invocation was closed", code="invalid_argument")
        return self._handle

    @property
    def done(self) -> bool:
        """Whether it is over; also when a limit has ended it since."""
        with self._cell:
            return bool(_c.lib.curfew_pending_done(self._open()))

    @property
    def waiting(self) -> Optional[Waiting]:
        """What it waits for now; None if it is done."""
        with self._cell:
            return waiting_of(_c.made(_c.lib.curfew_pending_waiting, self._open()))

    @property
    def open_calls(self) -> List[OpenCall]:
        """The calls of tools without an answer, in the order in which they were made."""
        waiting = self.waiting
        return [] if waiting is None else waiting.open_calls

    @property
    def usage(self) -> Usage:
        """What it has used so far."""
        with self._cell:
            return _c.usage_of(_c.lib.curfew_pending_usage, self._open())

    def resume(self, call: Union[OpenCall, int], value: Any = None) -> None:
        """Answers an open call, and runs the handler to its next wait or its end. What becomes of the handler shows in
        :meth:`result`."""
        data = CBOR.encode(value)
        with self._cell:
            _c.check(_c.lib.curfew_pending_resume_cbor(self._open(), _id_of(call), data, len(data)))

    def fail(self, call: Union[OpenCall, int], error: Union[BaseException, str]) -> None:
        """The same with an Error, which the handler can catch."""
        text = (str(error) or type(error).__name__).encode("utf-8", "replace")
        with self._cell:
            _c.check(_c.lib.curfew_pending_fail(self._open(), _id_of(call), text, len(text)))

    def go_on(self) -> None:
        """Goes on if an async tool has answered or a timer is due; otherwise does nothing."""
        with self._cell:
            _c.check(_c.lib.curfew_pending_go_on(self._open()))

    @property
    def can_go_on(self) -> bool:
        """Whether it is done, or :meth:`go_on` would do something."""
        with self._cell:
            return bool(_c.lib.curfew_pending_can_go_on(self._open()))

    def wait(self, seconds: Optional[float] = None) -> bool:
        """Blocks until :attr:`can_go_on`, or the time is over, and gives that."""
        nanoseconds = -1 if seconds is None else int(max(0.0, seconds) * 1e9)
        with self._cell:
            return bool(_c.lib.curfew_pending_wait(self._open(), nanoseconds))

    def finish(self) -> Any:
        """Blocks to the end, and gives the handler's result. Fails at once if it waits for nothing but deferred tools."""
        return self._result_of(_c.lib.curfew_pending_finish).value

    def result(self) -> Any:
        """The handler's result, once it is done; or raises what ``call`` would have raised."""
        return self.result_with_usage().value

    def result_with_usage(self) -> Result:
        """As :meth:`result`, with what the invocation used."""
        return self._result_of(_c.lib.curfew_pending_result)

    def _result_of(self, function: Any) -> Result:
        with self._cell:
            handle = finished(self._cell, self._thread, self._limits, function, self._open())
        form = CBOR if _c.lib.curfew_result_is_cbor(handle) else JSON  # that it was begun with, perhaps elsewhere
        data, usage = _c.result_and_usage_of(handle)
        return Result(form.decode(data), usage)

    def close(self) -> None:
        """Ends the invocation if it still waits, which poisons the sandbox. May be called again."""
        self._finalizer()

    def __enter__(self) -> "Pending":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _id_of(call: Any) -> int:
    number = call.id if isinstance(call, OpenCall) else call
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 1 << 32:
        raise InvalidArgument(f"{call!r} is no open call: give one of open_calls, or its id", code="invalid_argument")
    return number
