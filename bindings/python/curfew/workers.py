"""Threads that wait for guests on behalf of event loops."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any, Callable, Generic, List, Optional, TypeVar

from . import _c

T = TypeVar("T")

#: Seconds for which the event loop itself waits for what may well be over in an instant: what it would cost it to be told later.
INSTANT = 200e-6
_IDLE = 5.0  # seconds after which a thread ends that has had nothing to do


class Task(Generic[T]):
    """Some work that another thread does."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work: Any = work
        self._context = contextvars.copy_context()
        self._value: Any = None
        self._error: Optional[BaseException] = None
        self._future: "Optional[asyncio.Future[None]]" = None
        self._over = threading.Lock()
        self._over.acquire()
        self.is_done = False

    def do(self) -> None:
        try:
            self._value = self._context.run(self._work)
        except BaseException as error:
            self._error = error
        self._work = None
        self.is_done = True
        self._over.release()
        future = self._future
        if future is not None:  # else whoever makes one sees that it is done
            try:
                future.get_loop().call_soon_threadsafe(_settle, future)
            except RuntimeError:
                pass  # the loop is closed, and nobody waits any more

    def wait_an_instant(self) -> None:
        self._over.acquire(True, INSTANT)

    def future_of(self, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[None]":
        """For the event loop, when it is done."""
        self._future = future = loop.create_future()
        if self.is_done:
            _settle(future)
        return future

    def result(self) -> T:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        value: T = self._value
        return value


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class _Worker(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="curfew-wait", daemon=True)
        self._go = threading.Lock()
        self._go.acquire()
        self._task: Optional[Task[Any]] = None

    def give(self, task: Task[Any]) -> None:
        self._task = task
        self._go.release()

    def run(self) -> None:
        while True:
            if not self._go.acquire(True, _IDLE):
                try:
                    _idle.remove(self)
                except ValueError:  # it was just taken
                    self._go.acquire()
                else:
                    return
            task, self._task = self._task, None
            assert task is not None
            task.do()
            del task
            _idle.append(self)


#: The one that worked last comes first: its memory is warm. Appending and taking are atomic.
_idle: List[_Worker] = []
_c.after_fork.append(lambda: _idle.clear())


def start(work: Callable[[], T], quick: bool) -> Task[T]:
    """Has another thread do it; `quick`: and gives it an instant to be done."""
    task = Task(work)
    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
        worker.start()
    worker.give(task)
    if quick:
        task.wait_an_instant()
    return task
