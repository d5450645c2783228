"""Sandboxes for asyncio: the event loop goes on while a guest runs, and tools that are coroutines run side by side on it."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import time
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, Generator, List, Mapping, Optional, TypeVar, Union

from . import _c
from .errors import InvalidArgument
from .limits import LimitsLike
from .pending import Pending, Result
from .pool import Pool
from .sandbox import Sandbox
from .settings import SandboxOptions, Source
from .snapshots import OpenCall, Snapshot, Waiting
from .workers import INSTANT, start

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


async def _in_thread(work: Callable[[], T], kill: Optional[Callable[[], Any]] = None, quick: bool = False) -> T:
    """Runs what blocks on another thread. When the task is cancelled, what runs is killed, and waited for. `quick`: it may well be
    over in an instant."""
    task = start(work, quick)
    if not task.is_done:
        future = task.future_of(asyncio.get_running_loop())
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError:
            while kill is not None and not future.done():
                kill()
                await asyncio.wait([future], timeout=0.01)
            raise
    return task.result()


class _Ready:
    """Tells one event loop which pending invocations can go on."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue = _c.made(_c.lib.curfew_ready_queue_new)
        self._waiters: Dict[int, "asyncio.Future[None]"] = {}
        self._tokens = itertools.count(1)
        self._finalizer = weakref.finalize(self, _c.lib.curfew_ready_queue_free, self._queue)
        loop.add_reader(_c.lib.curfew_ready_queue_descriptor(self._queue), self._take)

    def _take(self) -> None:
        room = 64
        tokens = (ctypes.c_uint64 * room)()
        count = room
        while count == room:
            count = _c.lib.curfew_ready_queue_take(self._queue, 0, tokens, room)
            for token in tokens[:count]:
                waiter = self._waiters.pop(token, None)
                if waiter is not None and not waiter.done():
                    waiter.set_result(None)

    async def wait(self, pending: Pending) -> None:
        """Until the invocation can go on, or is done."""
        token = next(self._tokens)
        waiter: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
        self._waiters[token] = waiter
        try:
            with pending._cell:
                _c.check(_c.lib.curfew_pending_notify(pending._open(), self._queue, token))
            await waiter
        finally:
            self._waiters.pop(token, None)


_ready: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Ready]" = weakref.WeakKeyDictionary()
_c.after_fork.append(lambda: _ready.clear())


def _ready_of_loop() -> _Ready:
    loop = asyncio.get_running_loop()
    ready = _ready.get(loop)
    if ready is None:
        ready = _ready[loop] = _Ready(loop)
    return ready


class _Coming:
    """A sandbox that is being made: ``await`` it, or ``async with`` it."""

    def __init__(self, make: Callable[[], Sandbox], on_loop: bool) -> None:
        self._make = make
        self._on_loop = on_loop
        self._made: Optional[AsyncSandbox] = None

    def __await__(self) -> Generator[Any, None, "AsyncSandbox"]:
        return self._get().__await__()

    async def _get(self) -> "AsyncSandbox":
        made = await _in_thread(self._make)
        if self._on_loop and made._callbacks.has_async_tools:
            await _in_thread(made.close)
            raise InvalidArgument(
                "async tools need the event loop while a call runs, which on_loop gives to the call; leave on_loop out",
                code="invalid_argument",
            )
        return AsyncSandbox(made, self._on_loop)

    async def __aenter__(self) -> "AsyncSandbox":
        self._made = await self._get()
        return self._made

    async def __aexit__(self, *_: Any) -> None:
        if self._made is not None:
            await self._made.close()


class AsyncSandbox:
    """As :class:`curfew.Sandbox`; its tools may be coroutines, which run side by side on the event loop.

    >>> async with AsyncSandbox.create(tools={"weather": weather}) as sandbox:
    ...     await sandbox.run("import { weather } from 'host:tools'; await Promise.all([weather('Bonn'), weather('Rome')])")

    Calls on one sandbox wait for each other. A task that is cancelled ends its call.
    """

    def __init__(self, sandbox: Sandbox, on_loop: bool = False) -> None:
        self._sandbox = sandbox
        self._on_loop = on_loop
        self._turn = asyncio.Lock()
        self._is_quick = False  # what it did last was over in an instant

    @classmethod
    def create(
        cls,
        handlers: Optional[Mapping[str, Source]] = None,
        *,
        on_loop: bool = False,
        **options: "Unpack[SandboxOptions]",
    ) -> _Coming:
        """See :class:`curfew.Sandbox` for the arguments. Await it, or use it with ``async with``. ``on_loop``: calls run on the event
        loop's own thread, which saves two changes of threads; nothing else goes on meanwhile. For handlers that are quick, with limits
        that are short, and without async tools."""
        loop = None if on_loop else asyncio.get_running_loop()
        return _Coming(lambda: Sandbox(handlers, _loop=loop, **options), on_loop)

    @classmethod
    def from_snapshot(
        cls, snapshot: Snapshot, *, on_loop: bool = False, **options: "Unpack[SandboxOptions]"
    ) -> _Coming:
        """See ``Sandbox.from_snapshot``."""
        loop = None if on_loop else asyncio.get_running_loop()
        return _Coming(lambda: Sandbox.from_snapshot(snapshot, _loop=loop, **options), on_loop)

    async def _with_turn(self, work: Callable[[], T], kill: bool = False) -> T:
        self._sandbox._cell.refuse_reentry("use")
        async with self._turn:
            if self._on_loop:
                return work()
            begin = time.perf_counter()
            try:
                return await _in_thread(work, self._sandbox.kill if kill else None, quick=self._is_quick)
            finally:
                self._is_quick = time.perf_counter() - begin < INSTANT

    async def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler with an event and gives its result."""
        return await self._with_turn(lambda: self._sandbox.call(handler, event, limits=limits), kill=True)

    async def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        """As :meth:`call`, with what the call used."""
        return await self._with_turn(lambda: self._sandbox.call_with_usage(handler, event, limits=limits), kill=True)

    async def run(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Any:
        """Runs some code and gives its value."""
        return (await self.run_with_usage(program, limits=limits, name=name)).value

    async def run_with_usage(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Result:
        """As :meth:`run`, with what the code used."""
        return await self._with_turn(
            lambda: self._sandbox.run_with_usage(program, limits=limits, name=name), kill=True
        )

    async def begin(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> "AsyncPending":
        """As ``Sandbox.begin``: an invocation that needs neither a thread nor a task while it waits."""
        begun = await self._with_turn(lambda: self._sandbox.begin(handler, event, limits=limits), kill=True)
        return AsyncPending(self, begun)

    async def begin_run(
        self, program: str, event: Any = None, *, limits: LimitsLike = None, name: str = "program.js"
    ) -> "AsyncPending":
        """The same for a program, whose names are its own; ``event`` is a global in it."""
        begun = await self._with_turn(
            lambda: self._sandbox.begin_run(program, event, limits=limits, name=name), kill=True
        )
        return AsyncPending(self, begun)

    async def go_on(self, *, limits: LimitsLike = None) -> "AsyncPending":
        """Goes on with the invocation that was saved while it waited."""
        return AsyncPending(self, await self._with_turn(lambda: self._sandbox.go_on(limits=limits), kill=True))

    async def waits(self) -> bool:
        return await self._with_turn(lambda: self._sandbox.waits)

    async def add_handler(self, name: str, source: Source, *, limits: LimitsLike = None) -> None:
        """Loads one more handler, and keeps the state."""
        await self._with_turn(lambda: self._sandbox.add_handler(name, source, limits=limits), kill=True)

    async def remove_handler(self, name: str) -> None:
        await self._with_turn(lambda: self._sandbox.remove_handler(name))

    async def snapshot(self) -> Snapshot:
        """Saves the state of now."""
        return await self._with_turn(self._sandbox.snapshot)

    async def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a saved state."""
        await self._with_turn(lambda: self._sandbox.restore(snapshot))

    def describe(self) -> str:
        """The tools as TypeScript declares them."""
        return self._sandbox.describe()

    def kill(self) -> bool:
        """Ends the call that is running now. True if there was one."""
        return self._sandbox.kill()

    async def poisoned(self) -> bool:
        """True after a call that was cut short."""
        return await self._with_turn(lambda: self._sandbox.poisoned)

    async def engine(self) -> str:
        return await self._with_turn(lambda: self._sandbox.engine)

    async def handlers(self) -> List[str]:
        return await self._with_turn(lambda: self._sandbox.handlers)

    async def close(self) -> None:
        """Frees the cell. Ends a call that is still running."""
        self._sandbox._cell.refuse_reentry("close")
        await _in_thread(self._sandbox.close)

    async def __aenter__(self) -> "AsyncSandbox":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class AsyncPending:
    """As :class:`curfew.Pending`. Made by ``AsyncSandbox.begin`` and ``go_on``."""

    def __init__(self, sandbox: AsyncSandbox, pending: Pending) -> None:
        self._sandbox = sandbox
        self._pending = pending

    async def done(self) -> bool:
        return await self._sandbox._with_turn(lambda: self._pending.done)

    async def waiting(self) -> Optional[Waiting]:
        """What it waits for now; None if it is done."""
        return await self._sandbox._with_turn(lambda: self._pending.waiting)

    async def open_calls(self) -> List[OpenCall]:
        return await self._sandbox._with_turn(lambda: self._pending.open_calls)

    async def resume(self, call: Union[OpenCall, int], value: Any = None) -> None:
        """Answers an open call, and runs the handler to its next wait or its end."""
        await self._sandbox._with_turn(lambda: self._pending.resume(call, value), kill=True)

    async def fail(self, call: Union[OpenCall, int], error: Union[BaseException, str]) -> None:
        """The same with an Error."""
        await self._sandbox._with_turn(lambda: self._pending.fail(call, error), kill=True)

    async def go_on(self) -> None:
        """Goes on if an async tool has answered or a timer is due; otherwise does nothing."""
        await self._sandbox._with_turn(self._pending.go_on, kill=True)

    async def wait(self) -> None:
        """Until :meth:`go_on` would do something, or it is done. Holds no thread."""
        await _ready_of_loop().wait(self._pending)

    async def finish(self) -> Any:
        """To the end, and gives the handler's result; whoever waits for deferred tools has to answer them meanwhile. Holds no thread
        while the handler waits."""
        return (await self.finish_with_usage()).value

    async def finish_with_usage(self) -> Result:
        while not await self.done():
            await self.wait()
            await self.go_on()
        return await self.result_with_usage()

    async def result(self) -> Any:
        """The handler's result, once it is done; or raises what ``call`` would have raised."""
        return (await self.result_with_usage()).value

    async def result_with_usage(self) -> Result:
        return await self._sandbox._with_turn(self._pending.result_with_usage)

    async def close(self) -> None:
        """Ends the invocation if it still waits, which poisons the sandbox."""
        await self._sandbox._with_turn(self._pending.close)

    async def __aenter__(self) -> "AsyncPending":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class AsyncPool:
    """As :class:`curfew.Pool`, with the same arguments; made where an event loop runs. Its sandboxes have the tools of the snapshot's, which
    may be coroutines."""

    def __init__(self, snapshot: Snapshot, **options: Any) -> None:
        self._pool = Pool(snapshot, _loop=asyncio.get_running_loop(), **options)

    async def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler in one of the sandboxes. A task that is cancelled lets go of the call, which its limits end."""
        return (await self.call_with_usage(handler, event, limits=limits)).value

    async def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        return await _in_thread(lambda: self._pool.call_with_usage(handler, event, limits=limits))

    def report(self) -> Dict[str, int]:
        return self._pool.report()

    def close(self) -> None:
        """From now on requests fail. Those that run go on."""
        self._pool.close()

    async def __aenter__(self) -> "AsyncPool":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()


__all__ = ["AsyncPending", "AsyncPool", "AsyncSandbox"]
