"""What a sandbox and its pending invocations share: the handle, and whose turn it is."""

from __future__ import annotations

import collections
import ctypes
import threading
from typing import Any, Deque, Optional

from . import _c
from .errors import Busy, Consumed
from .tools import Callbacks, inside


_PATIENCE = 2.0  # seconds, at the process's end


class Cell:
    """One loaded sandbox of the library. ``with cell as loaded`` is one thread's turn with it."""

    def __init__(self, loaded: ctypes.c_void_p, callbacks: Callbacks) -> None:
        self.loaded: Optional[ctypes.c_void_p] = loaded
        self.callbacks = callbacks
        self.interrupt: Optional[ctypes.c_void_p] = _c.made(_c.lib.curfew_loaded_interrupt, loaded)
        self.dropped: Deque[Any] = collections.deque()  # pending invocations that nobody has any more
        self._process = _c.process()
        self._lock = threading.Lock()
        self._token: Any = None

    def refuse_reentry(self, what: str) -> None:
        if id(self) in inside.get():
            raise Busy(f"a tool must not {what} the sandbox that has called it", code="invalid_argument")

    def __enter__(self) -> ctypes.c_void_p:
        around = inside.get()
        if around and id(self) in around:
            self.refuse_reentry("use")
        _c.check_process(self._process, "sandbox")
        self._lock.acquire()
        loaded = self.loaded
        if loaded is None:
            self._lock.release()
            raise Consumed("the sandbox was closed", code="consumed")
        if self.dropped:
            self._free_dropped()
        self._token = inside.set((*around, id(self)))
        return loaded

    def __exit__(self, *_: Any) -> None:
        inside.reset(self._token)
        self._lock.release()

    def kill(self) -> bool:
        interrupt = self.interrupt
        if self._process != _c.process():
            return False
        return interrupt is not None and bool(_c.lib.curfew_interrupt_kill(interrupt))

    def drop(self, pending: ctypes.c_void_p) -> None:
        """Ends an invocation that waits: now, or when whoever has the turn is done. Any thread, also in the middle of a
        collection of garbage."""
        self.dropped.append(pending)
        if self._lock.acquire(blocking=False):
            try:
                self._free_dropped()
            finally:
                self._lock.release()

    def _free_dropped(self) -> None:
        while self.dropped:
            _c.lib.curfew_pending_free(self.dropped.popleft())

    def close(self) -> None:
        """Ends what runs, and frees it. In a forked child it leaves the parent's alone."""
        if self._process != _c.process():
            return
        self.kill()
        with self._lock:
            self._free()

    def finalize(self) -> None:
        """The same when nobody has the sandbox any more, or the process ends: then threads that do not end may use it still."""
        if self._process != _c.process():
            return
        self.kill()
        if self._lock.acquire(timeout=_PATIENCE):
            try:
                self._free()
            finally:
                self._lock.release()

    def _free(self) -> None:
        loaded, interrupt = self.loaded, self.interrupt
        self.loaded = self.interrupt = None
        if loaded is None:
            return
        self._free_dropped()
        _c.lib.curfew_loaded_free(loaded)
        _c.lib.curfew_interrupt_free(interrupt)
