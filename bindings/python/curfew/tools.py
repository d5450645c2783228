"""Functions of Python that guests can call."""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import inspect
import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import _c
from .errors import CurfewError, InvalidArgument
from .limits import Limits
from .observers import LEVELS
from .observers import callback as observer_callback
from .settings import SandboxOptions, mapping_of, names_of
from .signatures import describe
from .values import Format, format_of

Tool = Callable[..., Any]
Where = Tuple[str, str]

#: The sandboxes whose calls the present code is part of: it runs in their tools. Passed on to threads and tasks, as contexts are.
inside: "contextvars.ContextVar[Tuple[int, ...]]" = contextvars.ContextVar("curfew.inside", default=())


def _where(name: Any) -> Where:
    """The module and the function that a tool's name means."""
    _c.name(name, "a tool's name")
    module, _, function = name.rpartition(".")
    return (module or "tools", function)


def is_async(tool: Any) -> bool:
    return inspect.iscoroutinefunction(tool) or inspect.iscoroutinefunction(getattr(tool, "__call__", None))


class Callbacks:
    """What the library calls. Holds no sandbox, so that sandboxes are freed when nobody has them any more."""

    def __init__(self, options: SandboxOptions, loop: Optional[asyncio.AbstractEventLoop] = None) -> None:
        self.options = options
        self._loop = loop
        self.limits: Optional[Limits] = None
        self.format = format_of(options.get("values", "cbor"))
        self.console = options.get("console")
        if self.console is not None and not callable(self.console):
            raise InvalidArgument(
                f"the console is {type(self.console).__name__}, and cannot be called", code="invalid_argument"
            )
        observer = options.get("observer")
        self.observer = None if observer is None else observer_callback(observer)
        self.print = _c.PRINT(self._print)
        self._raised: Dict[int, BaseException] = {}  # for the caller on that thread: by a console, or KeyboardInterrupt
        self._failed: Dict[int, BaseException] = {}  # what a tool raised last in a call on that thread
        self._tools: Dict[Where, Tool] = {}
        self._sync: Dict[Where, Any] = {}
        self._async: Dict[Where, Any] = {}
        self.deferred = [_where(name) for name in names_of(options.get("deferred", ()), "deferred")]
        for name, tool in mapping_of(options.get("tools"), "tools").items():
            where = _where(name)
            if not callable(tool):
                raise InvalidArgument(
                    f"the tool {name!r} is {type(tool).__name__}, and cannot be called", code="invalid_argument"
                )
            self._tools[where] = tool
            if not is_async(tool):
                self._sync[where] = _c.FUNCTION(self._of(tool))
            elif loop is None:
                raise InvalidArgument(
                    f"the tool {name!r} is async: use curfew.AsyncSandbox without on_loop, which has an event loop to run it on",
                    code="invalid_argument",
                )
            else:
                self._async[where] = _c.ASYNC_FUNCTION(self._of_async(tool, loop))

    def add_to(self, proto: Any) -> None:
        lib = _c.lib
        add, add_async = lib.curfew_proto_add_function, lib.curfew_proto_add_async_function
        if self.format.is_cbor:
            add, add_async = lib.curfew_proto_add_cbor_function, lib.curfew_proto_add_async_cbor_function
        for (module, name), function in self._sync.items():
            _c.check(add(proto, _c.name(module), _c.name(name), function, None, None))
        for (module, name), function in self._async.items():
            _c.check(add_async(proto, _c.name(module), _c.name(name), function, None, None))
        for module, name in self.deferred:
            _c.check(lib.curfew_proto_add_deferred(proto, _c.name(module), _c.name(name)))

    @property
    def has_async_tools(self) -> bool:
        return bool(self._async)

    def serves(self, loop: Optional[asyncio.AbstractEventLoop]) -> bool:
        """False: its async tools run on another loop than this one."""
        return loop is None or loop is self._loop or not self._async

    def describe(self) -> str:
        """All of them as TypeScript declares them."""
        return describe(self._tools, self.deferred, self.add_to)

    def _of(self, tool: Tool) -> Callable[..., None]:
        form = self.format

        def call(_user: Any, _call: Any, arguments: Any, count: int, reply: Any) -> None:
            try:
                _answer(form, _c.SYNC_ANSWERS, reply, tool(*_values(form, arguments, count)))
            except Exception as thrown:
                self._failed[threading.get_ident()] = thrown
                _answer_error(_c.SYNC_ANSWERS, reply, thrown)
            except BaseException as thrown:  # such as KeyboardInterrupt: for the caller
                self._raised[threading.get_ident()] = thrown
                _c.lib.curfew_reply_error(reply, b"interrupted", 11)

        return call

    def _of_async(self, tool: Tool, loop: asyncio.AbstractEventLoop) -> Callable[..., None]:
        form = self.format

        async def run(values: List[Any], reply: int, caller: int) -> None:
            try:
                _answer(form, _c.ASYNC_ANSWERS, reply, await tool(*values))
            except Exception as thrown:
                self._failed[caller] = thrown
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)
            except BaseException as thrown:
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)
                raise

        def call(_user: Any, _call: Any, arguments: Any, count: int, reply: int) -> None:
            work = None
            try:
                work = run(_values(form, arguments, count), reply, threading.get_ident())
                # In the context of the call, so that the tool cannot wait for the sandbox that waits for it.
                asyncio.run_coroutine_threadsafe(work, loop)
            except BaseException as thrown:  # the loop is closed
                if work is not None:
                    work.close()
                _answer_error(_c.ASYNC_ANSWERS, reply, thrown)

        return call

    def _print(self, _user: Any, level: int, text: Any, length: int) -> None:
        if self.console is None:
            return
        try:
            self.console(LEVELS[level], ctypes.string_at(text, length).decode("utf-8", "replace"))
        except BaseException as thrown:
            self._raised[threading.get_ident()] = thrown

    def begin(self) -> int:
        """The mark of a call that is made now, on this thread, for :meth:`finish`."""
        thread = threading.get_ident()
        if self._failed:
            self._failed.pop(thread, None)
        return thread

    def finish(self, thread: int, limits: Optional[Limits], error: Optional[BaseException] = None) -> None:
        """Raises what a console of Python's or the like raised in that call; else the call's error, with what it came from."""
        raised = self._raised.pop(thread, None) if self._raised else None
        if raised is not None:
            raise raised
        if error is None:
            return
        failed = self._failed.pop(thread, None) if self._failed else None
        for held in (limits, self.limits):
            of_limit = None if held is None else held.take_raised(thread)
            if of_limit is not None and getattr(error, "code", "") in ("cancelled", "not_run", "monitor_failed"):
                raise error from of_limit
        if failed is not None and isinstance(error, CurfewError) and _message(failed) in str(error):
            raise error from failed
        raise error


def _values(form: Format, arguments: Any, count: int) -> List[Any]:
    if form.is_cbor:  # one argument: the array of all
        values: List[Any] = form.decode(ctypes.string_at(arguments[0].data, arguments[0].length))
        return values
    values = []
    for i in range(count):
        data = ctypes.string_at(arguments[i].data, arguments[i].length)
        values.append(data if arguments[i].is_bytes else form.decode(data))
    return values


def _answer(form: Format, answers: _c.Answers, reply: Any, result: Any) -> None:
    if isinstance(result, (bytes, bytearray, memoryview)):
        data = bytes(result)
        answers.with_bytes(reply, data, len(data))
        return
    data = form.encode(result)
    (answers.with_cbor if form.is_cbor else answers.with_json)(reply, data, len(data))


def _message(thrown: BaseException) -> str:
    try:
        return str(thrown) or type(thrown).__name__
    except Exception:  # of its __str__
        return type(thrown).__name__


def _answer_error(answers: _c.Answers, reply: Any, thrown: BaseException) -> None:
    data = _message(thrown).encode("utf-8", "replace")
    answers.with_error(reply, data, len(data))
