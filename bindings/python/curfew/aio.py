"""Sandboxes for asyncio: the event loop goes on while a guest runs, and tools that are coroutines run side by side on it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
from typing import Any, Callable, List, Mapping, Optional, TypeVar, Union

from .errors import Busy
from .limits import LimitsLike
from .sandbox import Console, Result, Sandbox, Snapshot, Tool, inside

T = TypeVar("T")

#: Threads that wait for guests. They are made when they are needed, and end with the process.
_threads = concurrent.futures.ThreadPoolExecutor(max_workers=256, thread_name_prefix="curfew-wait")


async def _in_thread(work: Callable[[], T], kill: Optional[Callable[[], Any]] = None) -> T:
    """Runs what blocks on another thread. When the task is cancelled, what runs is killed, and waited for."""
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(_threads, contextvars.copy_context().run, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while kill is not None and not future.done():
            kill()
            await asyncio.wait([future], timeout=0.01)
        if future.done() and not future.cancelled():
            future.exception()  # it is nobody's any more
        raise


class AsyncSandbox:
    """As :class:`curfew.Sandbox`; its tools may be coroutines, which run side by side on the event loop.

    >>> async with await AsyncSandbox.create(tools={"weather": weather}) as sandbox:
    ...     await sandbox.run("import { weather } from 'host:tools'; await Promise.all([weather('Bonn'), weather('Rome')])")

    Calls on one sandbox wait for each other. A task that is cancelled ends its call.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._turn = asyncio.Lock()

    @classmethod
    async def create(
        cls,
        handlers: Optional[Mapping[str, str]] = None,
        *,
        engine: Optional[str] = None,
        heap: Union[int, str, None] = None,
        stack: Union[int, str, None] = None,
        limits: LimitsLike = None,
        tools: Optional[Mapping[str, Tool]] = None,
        console: Optional[Console] = None,
        files: Optional[Mapping[str, str]] = None,
        folder: Optional[str] = None,
        modules: Optional[Mapping[str, str]] = None,
        strict: bool = False,
    ) -> "AsyncSandbox":
        """See :class:`curfew.Sandbox` for the parameters."""
        loop = asyncio.get_running_loop()
        return cls(
            await _in_thread(
                lambda: Sandbox(
                    handlers,
                    engine=engine,
                    heap=heap,
                    stack=stack,
                    limits=limits,
                    tools=tools,
                    console=console,
                    files=files,
                    folder=folder,
                    modules=modules,
                    strict=strict,
                    _loop=loop,
                )
            )
        )

    @classmethod
    async def from_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        limits: LimitsLike = None,
        tools: Optional[Mapping[str, Tool]] = None,
        console: Optional[Console] = None,
        files: Optional[Mapping[str, str]] = None,
        folder: Optional[str] = None,
    ) -> "AsyncSandbox":
        """See ``Sandbox.from_snapshot``."""
        loop = asyncio.get_running_loop()
        return cls(
            await _in_thread(
                lambda: Sandbox.from_snapshot(
                    snapshot, limits=limits, tools=tools, console=console, files=files, folder=folder, _loop=loop
                )
            )
        )

    async def _with_turn(self, work: Callable[[], T], kill: bool = False) -> T:
        if id(self._sandbox) in inside.get():
            raise Busy("a tool must not use the sandbox that has called it", code="invalid_argument")
        async with self._turn:
            return await _in_thread(work, self._sandbox.kill if kill else None)

    async def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler with an event and gives its result."""
        return (await self.call_with_usage(handler, event, limits=limits)).value

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

    async def snapshot(self) -> Snapshot:
        """Saves the state of now."""
        return await self._with_turn(self._sandbox.snapshot)

    async def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a saved state."""
        await self._with_turn(lambda: self._sandbox.restore(snapshot))

    def kill(self) -> bool:
        """Ends the call that is running now. True if there was one."""
        return self._sandbox.kill()

    async def poisoned(self) -> bool:
        """True after a call that was cut short."""
        return await self._with_turn(lambda: self._sandbox.poisoned)

    async def handlers(self) -> List[str]:
        return await self._with_turn(lambda: self._sandbox.handlers)

    async def close(self) -> None:
        """Frees the cell. Ends a call that is still running."""
        if id(self._sandbox) in inside.get():
            raise Busy("a tool must not close the sandbox that has called it", code="invalid_argument")
        await _in_thread(self._sandbox.close)

    async def __aenter__(self) -> "AsyncSandbox":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
