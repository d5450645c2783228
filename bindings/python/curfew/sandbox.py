"""Sandboxes: JavaScript in a cell that reaches nothing but what it is given, under limits that hold."""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import inspect
import json
import threading
import weakref
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from . import _c
from .errors import Busy, Consumed, InvalidArgument, Usage
from .limits import LimitsLike, as_limits, c_name, handle_of

Console = Callable[[str, str], None]
Tool = Callable[..., Any]

_LEVELS = ("print", "log", "info", "warn", "error", "debug")


class Result(NamedTuple):
    """What a call gave, and what it used."""

    value: Any
    usage: Usage


def encode(value: Any) -> bytes:
    """JSON for the guest."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise InvalidArgument(f"this value cannot be passed to the guest: {cause}", code="invalid_argument") from cause


def size_of(size: Union[int, str]) -> int:
    """Bytes: a number, or text such as "16MiB"."""
    if isinstance(size, int) and not isinstance(size, bool):
        return size
    units = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 10**3, "MB": 10**6, "GB": 10**9, "B": 1}
    if isinstance(size, str):
        for unit, factor in units.items():
            number = size[: -len(unit)].strip()
            if size.endswith(unit) and number.replace(".", "", 1).isdigit():
                return int(float(number) * factor)
        if size.isdigit():
            return int(size)
    raise InvalidArgument(f'{size!r} is no size: give bytes, or text such as "16MiB"', code="invalid_argument")


#: The sandboxes whose calls the present code is part of: it runs in their tools. Passed on to threads and tasks, as contexts are.
inside: contextvars.ContextVar[Tuple[int, ...]] = contextvars.ContextVar("curfew.inside", default=())


class _Callbacks:
    """What the library calls. Holds no sandbox, so that sandboxes are freed when nobody has them any more."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        console: Optional[Console],
        loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        self.raised: Optional[BaseException] = None  # by a print function or KeyboardInterrupt: for the caller
        self.console = console
        self.functions: Dict[Tuple[str, str], Any] = {}
        self.async_functions: Dict[Tuple[str, str], Any] = {}
        for name, tool in tools.items():
            module, _, function = name.rpartition(".")
            if not callable(tool):
                raise InvalidArgument(f"the tool {name!r} is {type(tool).__name__}, and cannot be called", code="invalid_argument")
            where = (module or "tools", function)
            if inspect.iscoroutinefunction(tool) or inspect.iscoroutinefunction(getattr(tool, "__call__", None)):
                if loop is None:
                    raise InvalidArgument(
                        f"the tool {name!r} is async: use curfew.AsyncSandbox, which has an event loop to run it on",
                        code="invalid_argument",
                    )
                self.async_functions[where] = _c.ASYNC_FUNCTION(self._of_async(tool, loop))
            else:
                self.functions[where] = _c.FUNCTION(self._of(tool))
        self.print = _c.PRINT(self._print)

    def _of(self, tool: Tool) -> Callable[..., None]:
        def call(_user: Any, _call: Any, arguments: Any, count: int, reply: Any) -> None:
            try:
                _answer(_c.SYNC_ANSWERS, reply, tool(*_values(arguments, count)))
            except Exception as thrown:
                _answer_error(_c.SYNC_ANSWERS, reply, thrown)
            except BaseException as thrown:  # such as KeyboardInterrupt: for the caller
                self.raised = thrown
                _c.lib.curfew_reply_error(reply, b"interrupted", 11)

        return call

    def _of_async(self, tool: Tool, loop: asyncio.AbstractEventLoop) -> Callable[..., None]:
        async def run(values: List[Any], reply: int) -> None:
            try:
                _answer(_c.ASYNC_ANSWERS, reply, await tool(*values))
            except Exception as thrown:
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)
            except BaseException as thrown:
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)
                raise

        def call(_user: Any, _call: Any, arguments: Any, count: int, reply: int) -> None:
            try:
                # In the context of the call, so that the tool cannot wait for the sandbox that waits for it.
                asyncio.run_coroutine_threadsafe(run(_values(arguments, count), reply), loop)
            except BaseException as thrown:  # the loop is closed
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)

        return call

    def _print(self, _user: Any, level: int, text: Any, length: int) -> None:
        if self.console is None:
            return
        try:
            self.console(_LEVELS[level], ctypes.string_at(text, length).decode("utf-8", "replace"))
        except BaseException as thrown:
            self.raised = thrown

    def check(self) -> None:
        raised, self.raised = self.raised, None
        if raised is not None:
            raise raised


def _values(arguments: Any, count: int) -> List[Any]:
    values = []
    for i in range(count):
        data = ctypes.string_at(arguments[i].data, arguments[i].length)
        values.append(data if arguments[i].is_bytes else json.loads(data))
    return values


def _answer(answers: _c.Answers, reply: Any, result: Any) -> None:
    if isinstance(result, (bytes, bytearray, memoryview)):
        data = bytes(result)
        answers.with_bytes(reply, data, len(data))
    else:
        data = encode(result)
        answers.with_json(reply, data, len(data))


def _answer_error(answers: _c.Answers, reply: Any, thrown: BaseException) -> None:
    text = (str(thrown) or type(thrown).__name__).encode("utf-8", "replace")
    answers.with_error(reply, text, len(text))


class Snapshot:
    """A saved state of a sandbox. Any number of threads may use it."""

    def __init__(self, handle: ctypes.c_void_p, callbacks: Optional[_Callbacks]) -> None:
        self._handle = handle
        self._callbacks = callbacks
        self._finalizer = weakref.finalize(self, _c.lib.curfew_snapshot_free, handle)

    def save(self, path: Any) -> None:
        """Writes it to a file, for :meth:`load` in this or another process with the same build of Curfew."""
        _c.check(_c.lib.curfew_snapshot_save(self._handle, c_name(str(path))))

    @staticmethod
    def load(path: Any) -> "Snapshot":
        """Reads a file of :meth:`save`. Tools and limits are not in it: ``Sandbox.from_snapshot`` takes them."""
        return Snapshot(_c.made(_c.lib.curfew_snapshot_load, c_name(str(path))), None)

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return int(_c.lib.curfew_snapshot_size(self._handle))


def make_proto(
    callbacks: _Callbacks,
    *,
    engine: Optional[str],
    heap: Union[int, str, None],
    stack: Union[int, str, None],
    limits: LimitsLike,
    files: Optional[Mapping[str, str]],
    folder: Optional[str],
    strict: bool,
) -> ctypes.c_void_p:
    """A configuration, to be freed by curfew_proto_free."""
    lib = _c.lib
    builder = _c.made(lib.curfew_builder_new)
    try:
        if engine is not None:
            _c.check(lib.curfew_builder_set_engine(builder, c_name(engine)))
        if heap is not None:
            _c.check(lib.curfew_builder_set_heap_size(builder, size_of(heap)))
        if stack is not None:
            _c.check(lib.curfew_builder_set_stack_size(builder, size_of(stack)))
        if strict:
            _c.check(lib.curfew_builder_set_strict_isolation(builder))
        held = as_limits(limits)
        if held is not None:
            _c.check(lib.curfew_builder_set_default_monitors(builder, handle_of(held)))
            callbacks.default_limits = held  # type: ignore[attr-defined]  # its callbacks have to last
        if callbacks.console is not None:
            _c.check(lib.curfew_builder_set_print(builder, callbacks.print, None, None))
        for path, content in (files or {}).items():
            text = content.encode()
            _c.check(lib.curfew_builder_add_file(builder, c_name(path), text, len(text)))
        if folder is not None:
            _c.check(lib.curfew_builder_set_folder(builder, c_name(str(folder)), None))
        proto = _c.made(lib.curfew_builder_build, builder)
    finally:
        lib.curfew_builder_free(builder)
    try:
        for (module, name), function in callbacks.functions.items():
            _c.check(lib.curfew_proto_add_function(proto, c_name(module), c_name(name), function, None, None))
        for (module, name), function in callbacks.async_functions.items():
            _c.check(lib.curfew_proto_add_async_function(proto, c_name(module), c_name(name), function, None, None))
    except BaseException:
        lib.curfew_proto_free(proto)
        raise
    return proto


class Sandbox:
    """A JavaScript runtime with handlers.

    >>> with Sandbox({"greet": "export function handler(e) { return 'Hello, ' + e.name }"}) as sandbox:
    ...     sandbox.call("greet", {"name": "World"})
    'Hello, World'

    :param handlers: their names, and their sources
    :param engine: "quickjs" or "node"
    :param heap: bytes, or text such as "64MiB"
    :param limits: for every call, see :class:`curfew.Limits`; ``call`` can take others. 30 s of wall clock always hold, unless
        these say otherwise
    :param tools: functions that handlers can import: ``{"weather": f}`` is ``import { weather } from "host:tools"``, and
        ``{"shop.price": f}`` is ``import { price } from "host:shop"``. Arguments and results are JSON values, or bytes. What a tool
        raises is an Error in the guest
    :param console: called with a level ("log", "warn", ..., "print") and a text
    :param modules: sources by names; ``{"tax": "export ..."}`` is ``import ... from "user:tax"``
    :param files: for imports, by their paths: ``{"/lib/tax.js": "export ..."}``; or else a ``folder``

    Used by one thread at a time; several may call it, and wait for each other. While a guest runs, other threads go on.
    """

    def __init__(
        self,
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
        _loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        lib = _c.lib
        callbacks = _Callbacks(tools or {}, console, _loop)
        proto = make_proto(
            callbacks,
            engine=engine,
            heap=heap,
            stack=stack,
            limits=limits,
            files=files,
            folder=folder,
            strict=strict,
        )
        try:
            sandbox = _c.made(lib.curfew_proto_load_runtime, proto)
        finally:
            lib.curfew_proto_free(proto)
        try:
            for name, source in (handlers or {}).items():
                text = source.encode("utf-8", "surrogatepass")
                options = _c.CScriptOptions(struct_size=ctypes.sizeof(_c.CScriptOptions), name=c_name(name + ".js"))
                _c.check(lib.curfew_sandbox_add_handler(sandbox, c_name(name), text, len(text), ctypes.byref(options)))
            for name, source in (modules or {}).items():
                text = source.encode("utf-8", "surrogatepass")
                _c.check(lib.curfew_sandbox_add_module(sandbox, c_name(name), text, len(text), None))
            if handlers:
                loaded = _c.made(lib.curfew_sandbox_load, sandbox, None)
            else:
                loaded = _c.made(lib.curfew_sandbox_load_without_handlers, sandbox)
            callbacks.check()
        finally:
            lib.curfew_sandbox_free(sandbox)
        self._take(loaded, callbacks)

    def _take(self, loaded: ctypes.c_void_p, callbacks: _Callbacks) -> None:
        self._loaded: Optional[ctypes.c_void_p] = loaded
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._interrupt = _c.made(_c.lib.curfew_loaded_interrupt, loaded)
        self._finalizer = weakref.finalize(self, _free, loaded, self._interrupt, callbacks)

    @classmethod
    def from_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        limits: LimitsLike = None,
        tools: Optional[Mapping[str, Tool]] = None,
        console: Optional[Console] = None,
        files: Optional[Mapping[str, str]] = None,
        folder: Optional[str] = None,
        _loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> "Sandbox":
        """A new sandbox in the saved state. Without tools and so on, it has those of the saved one, if it is of this process."""
        made = cls.__new__(cls)
        own = limits is not None or tools is not None or console is not None or files is not None or folder is not None
        if snapshot._callbacks is not None and not own:
            made._take(_c.made(_c.lib.curfew_loaded_from_snapshot, snapshot._handle, None), snapshot._callbacks)
            return made
        callbacks = _Callbacks(tools or {}, console, _loop)
        proto = make_proto(
            callbacks, engine=None, heap=1 << 36, stack=60 << 20, limits=limits, files=files, folder=folder, strict=False
        )
        try:
            made._take(_c.made(_c.lib.curfew_loaded_from_snapshot, snapshot._handle, proto), callbacks)
        finally:
            _c.lib.curfew_proto_free(proto)
        return made

    def _use(self) -> "_Use":
        if id(self) in inside.get():
            raise Busy("a tool must not use the sandbox that has called it", code="invalid_argument")
        return _Use(self)

    def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler with an event and gives its result; both are JSON values. Raises a CurfewError."""
        return self.call_with_usage(handler, event, limits=limits).value

    def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        """As :meth:`call`, with what the call used."""
        held = as_limits(limits)
        text = encode(event)
        name = c_name(handler)
        with self._use() as loaded:
            try:
                result = _c.made(_c.lib.curfew_loaded_call, loaded, name, text, len(text), handle_of(held), None)
            finally:
                self._callbacks.check()
            data, usage = _c.result_of(result)
        return Result(json.loads(data), usage)

    def run(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Any:
        """Runs some code and gives its value: what it returns, or that of its last expression. It may ``await`` and import at
        its top level, and sees what earlier code has declared there."""
        return self.run_with_usage(program, limits=limits, name=name).value

    def run_with_usage(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Result:
        """As :meth:`run`, with what the code used."""
        if not isinstance(program, str):
            raise InvalidArgument(f"a program has to be text, not {type(program).__name__}", code="invalid_argument")
        held = as_limits(limits)
        text = program.encode("utf-8", "surrogatepass")
        with self._use() as loaded:
            try:
                result = _c.made(
                    _c.lib.curfew_loaded_evaluate, loaded, text, len(text), c_name(name), handle_of(held), None
                )
            finally:
                self._callbacks.check()
            data, usage = _c.result_of(result)
        return Result(json.loads(data), usage)

    def snapshot(self) -> Snapshot:
        """Saves the state of now."""
        with self._use() as loaded:
            return Snapshot(_c.made(_c.lib.curfew_loaded_snapshot, loaded), self._callbacks)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a saved state; afterwards the sandbox is not poisoned."""
        with self._use() as loaded:
            _c.check(_c.lib.curfew_loaded_restore(loaded, snapshot._handle))

    def kill(self) -> bool:
        """Ends the call that is running now, from any thread. True if there was one."""
        return bool(_c.lib.curfew_interrupt_kill(self._interrupt)) if self._finalizer.alive else False

    @property
    def poisoned(self) -> bool:
        """True after a call that was cut short."""
        with self._use() as loaded:
            return bool(_c.lib.curfew_loaded_poisoned(loaded))

    @property
    def engine(self) -> str:
        with self._use() as loaded:
            return _c.lib.curfew_loaded_engine(loaded).decode()

    @property
    def handlers(self) -> List[str]:
        with self._use() as loaded:
            return json.loads(_c.result_of(_c.made(_c.lib.curfew_loaded_handlers, loaded))[0])

    def close(self) -> None:
        """Frees the cell. Ends a call that is still running, and waits for it. May be called again."""
        self.kill()
        if id(self) in inside.get():
            raise Busy("a tool must not close the sandbox that has called it", code="invalid_argument")
        with self._lock:
            self._loaded = None
            self._finalizer()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class _Use:
    """One thread's turn with a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __enter__(self) -> ctypes.c_void_p:
        self.sandbox._lock.acquire()
        loaded = self.sandbox._loaded
        if loaded is None:
            self.sandbox._lock.release()
            raise Consumed("the sandbox was closed", code="consumed")
        self._token = inside.set((*inside.get(), id(self.sandbox)))
        return loaded

    def __exit__(self, *_: Any) -> None:
        inside.reset(self._token)
        self.sandbox._lock.release()


def _free(loaded: ctypes.c_void_p, interrupt: ctypes.c_void_p, _callbacks: _Callbacks) -> None:
    _c.lib.curfew_loaded_free(loaded)
    _c.lib.curfew_interrupt_free(interrupt)
