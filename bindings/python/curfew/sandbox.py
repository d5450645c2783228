"""Sandboxes: JavaScript in a cell that reaches nothing but what it is given, under limits that hold."""

from __future__ import annotations

import asyncio
import ctypes
import json
import weakref
from typing import TYPE_CHECKING, Any, Callable, List, Mapping, Optional, Sequence

from . import _c
from .cell import Cell
from .errors import InvalidArgument
from .limits import LimitsLike, as_limits, handle_of
from .observers import Event
from .pending import Pending, Result, finished
from .settings import (
    Cgroup,
    Console,
    Fetch,
    SandboxOptions,
    Script,
    Size,
    Source,
    host_of_snapshot,
    make_proto,
    mapping_of,
    script_of,
    script_options,
)
from .snapshots import Snapshot, snapshot_handle
from .tools import Callbacks, Tool

if TYPE_CHECKING:
    from typing_extensions import Unpack


_PROGRAM = b"curfew:program"  # the name under which a program is a handler


class Sandbox:
    """A JavaScript runtime with handlers.

    >>> with Sandbox({"greet": "export function handler(e) { return 'Hello, ' + e.name }"}) as sandbox:
    ...     sandbox.call("greet", {"name": "World"})
    'Hello, World'

    :param handlers: their names, and their sources: text, or a :class:`curfew.Script`
    :param engine: "quickjs" or "node"
    :param heap: bytes, or text such as "64MiB"; likewise ``stack``
    :param limits: for every call, see :class:`curfew.Limits`; ``call`` can take others
    :param default_wall_limit: seconds that a call may take if no limit of wall-clock time says otherwise: 30. None: no such limit
    :param tools: functions that handlers can import: ``{"weather": f}`` is ``import { weather } from "host:tools"``, and
        ``{"shop.price": f}`` is ``import { price } from "host:shop"``. What a tool raises is an Error in the guest
    :param deferred: names of tools without a function: whoever has begun the invocation answers them, see :meth:`begin`
    :param console: called with a level ("log", "warn", ..., "print") and a text
    :param modules: sources by names; ``{"tax": "export ..."}`` is ``import ... from "user:tax"``, and ``{"books:tax": ...}`` is
        ``"books:tax"``
    :param files: for imports, by their paths: ``{"/lib/tax.js": "export ..."}``; or else a ``folder``
    :param fetch: what scripts may fetch: a :class:`curfew.Fetch`
    :param observer: called with a :class:`curfew.Event` for whatever happens to it; see :func:`curfew.observe`
    :param strict: everything that isolates further; or ``isolation``, by its parts: ``{"side_channels": "strict"}``
    :param jitless: with the engine "node": without V8's compiler
    :param spinning: look for a call's answer for a while before blocking, where a CPU is to spare
    :param output_limit: bytes that a call may print; ``argument_limit``: bytes of a tool's arguments; ``open_calls``: of async tools,
        at a time
    :param cgroup: a control group of its own: a :class:`curfew.Cgroup`
    :param values: how events, results and tools' arguments pass: "cbor", which holds bytes, datetimes, sets and all else that
        docs/python.md lists; or "json", which is faster for large ones

    Used by one thread at a time; several may call it, and wait for each other. While a guest runs, other threads go on.
    """

    _cell: Cell

    def __init__(
        self,
        handlers: Optional[Mapping[str, Source]] = None,
        *,
        engine: Optional[str] = None,
        heap: Optional[Size] = None,
        stack: Optional[Size] = None,
        limits: LimitsLike = None,
        default_wall_limit: Optional[float] = 30.0,
        tools: Optional[Mapping[str, Tool]] = None,
        deferred: Sequence[str] = (),
        console: Optional[Console] = None,
        modules: Optional[Mapping[str, str]] = None,
        files: Optional[Mapping[str, str]] = None,
        folder: Any = None,
        fetch: Optional[Fetch] = None,
        observer: Optional[Callable[[Event], None]] = None,
        strict: bool = False,
        isolation: Optional[Mapping[str, str]] = None,
        jitless: Optional[bool] = None,
        spinning: bool = False,
        output_limit: Optional[Size] = None,
        argument_limit: Optional[Size] = None,
        open_calls: Optional[int] = None,
        cgroup: Optional[Cgroup] = None,
        values: str = "cbor",
        _loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        lib = _c.lib
        options: SandboxOptions = {
            "engine": engine,
            "heap": heap,
            "stack": stack,
            "limits": limits,
            "default_wall_limit": default_wall_limit,
            "tools": tools,
            "deferred": deferred,
            "console": console,
            "files": files,
            "folder": folder,
            "fetch": fetch,
            "observer": observer,
            "strict": strict,
            "isolation": isolation,
            "jitless": jitless,
            "spinning": spinning,
            "output_limit": output_limit,
            "argument_limit": argument_limit,
            "open_calls": open_calls,
            "cgroup": cgroup,
            "values": values,
        }
        handlers = mapping_of(handlers, "handlers")
        callbacks = Callbacks(options, _loop)
        proto = make_proto(callbacks, options)
        try:
            sandbox = _c.made(lib.curfew_proto_load_runtime, proto)
        finally:
            lib.curfew_proto_free(proto)
        try:
            for name, source in handlers.items():
                script = script_of(source, name)
                text = _c.source(script.source, "a script")
                _c.check(
                    lib.curfew_sandbox_add_handler(
                        sandbox,
                        _c.name(name, "a handler's name"),
                        text,
                        len(text),
                        ctypes.byref(script_options(script, name)),
                    )
                )
            for name, source in mapping_of(modules, "modules").items():
                text = _c.source(source, "a module")
                space, _, own = _c.name(name, "a module's name").rpartition(b":")
                _c.check(lib.curfew_sandbox_add_module(sandbox, own, text, len(text), space or None))
            self._take(_load(sandbox, bool(handlers), callbacks), callbacks)
        finally:
            lib.curfew_sandbox_free(sandbox)

    def _take(self, loaded: ctypes.c_void_p, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._cell = Cell(loaded, callbacks)
        self._finalizer = weakref.finalize(self, self._cell.finalize)

    @classmethod
    def from_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        _loop: Optional[asyncio.AbstractEventLoop] = None,
        **options: "Unpack[SandboxOptions]",
    ) -> "Sandbox":
        """A new sandbox in the saved state. Without tools and so on, it has those of the saved one, if it is of this process. It takes
        the keyword arguments of :class:`Sandbox`, but for ``modules``; ``heap`` and ``stack`` are the most that the saved one may
        have."""
        lib = _c.lib
        handle = snapshot_handle(snapshot)
        unknown = options.keys() - SandboxOptions.__annotations__.keys()
        if unknown or "modules" in options:
            raise InvalidArgument(
                f"a sandbox from a snapshot takes no {' and no '.join(sorted(unknown)) or 'modules: it has its own'}",
                code="invalid_argument",
            )
        callbacks = snapshot._callbacks
        if callbacks is not None and not options and not callbacks.serves(_loop):
            options = callbacks.options  # the same tools, on the loop of now
        proto = None
        if callbacks is None or options:
            callbacks = Callbacks(options, _loop)
            proto = host_of_snapshot(callbacks, options)
        made = cls.__new__(cls)
        try:
            if snapshot.is_loaded:
                loaded = _c.made(lib.curfew_loaded_from_snapshot, handle, proto)
            else:
                sandbox = _c.made(lib.curfew_sandbox_from_snapshot, handle, proto)
                try:
                    loaded = _load(sandbox, bool(snapshot.handlers), callbacks)
                finally:
                    lib.curfew_sandbox_free(sandbox)
            made._take(loaded, callbacks)
        finally:
            lib.curfew_proto_free(proto)
        return made

    def call(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Any:
        """Calls a handler with an event and gives its result. Raises a CurfewError."""
        held = as_limits(limits)
        form = self._callbacks.format
        text = form.encode(event)
        name = _c.name(handler, "a handler's name")
        call_options = _c.WITH_CBOR if form.is_cbor else None
        cell = self._cell
        with cell as loaded:
            thread = cell.callbacks.begin()
            result = finished(
                cell,
                thread,
                held,
                _c.lib.curfew_loaded_call,
                loaded,
                name,
                text,
                len(text),
                handle_of(held),
                call_options,
            )
        return form.decode(_c.result_of(result))

    def call_with_usage(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Result:
        """As :meth:`call`, with what the call used."""
        held = as_limits(limits)
        text = self._callbacks.format.encode(event)
        name = _c.name(handler, "a handler's name")
        return self._run(held, _c.lib.curfew_loaded_call, name, text, len(text), handle_of(held))

    def run(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Any:
        """Runs some code and gives its value: what it returns, or that of its last expression. It may ``await`` and import at
        its top level, and sees what earlier code has declared there."""
        return self.run_with_usage(program, limits=limits, name=name).value

    def run_with_usage(self, program: str, *, limits: LimitsLike = None, name: str = "program.js") -> Result:
        """As :meth:`run`, with what the code used."""
        held = as_limits(limits)
        text = _c.source(program, "a program")
        script_name = _c.name(name, "a program's name")
        return self._run(held, _c.lib.curfew_loaded_evaluate, text, len(text), script_name, handle_of(held))

    def _run(self, held: Any, function: Any, *arguments: Any) -> Result:
        form = self._callbacks.format
        call_options = _c.WITH_CBOR if form.is_cbor else None
        cell = self._cell
        with cell as loaded:
            thread = cell.callbacks.begin()
            result = finished(cell, thread, held, function, loaded, *arguments, call_options)
        data, usage = _c.result_and_usage_of(result)
        return Result(form.decode(data), usage)

    def begin(self, handler: str, event: Any = None, *, limits: LimitsLike = None) -> Pending:
        """As :meth:`call`, but returns when the handler has nothing left to do but to wait: see :class:`curfew.Pending`."""
        held = as_limits(limits)
        text = self._callbacks.format.encode(event)
        name = _c.name(handler, "a handler's name")
        return self._begin(held, _c.lib.curfew_loaded_begin, name, text, len(text), handle_of(held))

    def begin_run(
        self, program: str, event: Any = None, *, limits: LimitsLike = None, name: str = "program.js"
    ) -> Pending:
        """The same for a program, whose names are its own; ``event`` is a global in it."""
        held = as_limits(limits)
        text = _c.source(program, "a program")
        options = script_options(Script(program, name=name, program=True), name)
        encoded = self._callbacks.format.encode(event)
        lib = _c.lib
        with self._cell as loaded:
            # What an earlier one was, if there was one.
            lib.curfew_error_free(lib.curfew_loaded_remove_handler(loaded, _PROGRAM))
            _c.check(
                lib.curfew_loaded_add_handler(
                    loaded, _PROGRAM, text, len(text), ctypes.byref(options), handle_of(held)
                )
            )
            return self._begin_in_turn(
                loaded, held, lib.curfew_loaded_begin, _PROGRAM, encoded, len(encoded), handle_of(held)
            )

    @property
    def waits(self) -> bool:
        """Whether it started from a snapshot of a sandbox in the middle of an invocation: :meth:`go_on` goes on with that."""
        with self._cell as loaded:
            return bool(_c.lib.curfew_loaded_waits(loaded))

    def go_on(self, *, limits: LimitsLike = None) -> Pending:
        """Goes on with the invocation that was saved while it waited. Nothing is run again; what it used before counts."""
        held = as_limits(limits)
        return self._begin(held, _c.lib.curfew_loaded_continue, handle_of(held))

    def _begin(self, held: Any, function: Any, *arguments: Any) -> Pending:
        with self._cell as loaded:
            return self._begin_in_turn(loaded, held, function, *arguments)

    def _begin_in_turn(self, loaded: Any, held: Any, function: Any, *arguments: Any) -> Pending:
        cell = self._cell
        thread = cell.callbacks.begin()
        call_options = _c.WITH_CBOR if cell.callbacks.format.is_cbor else None
        try:
            handle = _c.made(function, loaded, *arguments, call_options)
        except BaseException as error:
            cell.callbacks.finish(thread, held, error)
            raise
        return Pending(self, cell, handle, held, thread)

    def add_handler(self, name: str, source: Source, *, limits: LimitsLike = None) -> None:
        """Loads one more handler, and keeps the state."""
        held = as_limits(limits)
        script = script_of(source, name)
        text = _c.source(script.source, "a script")
        options = script_options(script, _c.name(name, "a handler's name").decode("utf-8", "replace"))
        with self._cell as loaded:
            thread = self._callbacks.begin()
            try:
                _c.check(
                    _c.lib.curfew_loaded_add_handler(
                        loaded, _c.name(name), text, len(text), ctypes.byref(options), handle_of(held)
                    )
                )
            except BaseException as error:
                self._callbacks.finish(thread, held, error)
            self._callbacks.finish(thread, held)

    def remove_handler(self, name: str) -> None:
        """It can no longer be called; what its script left in the sandbox stays."""
        with self._cell as loaded:
            _c.check(_c.lib.curfew_loaded_remove_handler(loaded, _c.name(name, "a handler's name")))

    def snapshot(self) -> Snapshot:
        """Saves the state of now, also while an invocation waits."""
        with self._cell as loaded:
            return Snapshot(_c.made(_c.lib.curfew_loaded_snapshot, loaded), self._callbacks)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a saved state; afterwards the sandbox is not poisoned."""
        handle = snapshot_handle(snapshot)
        with self._cell as loaded:
            _c.check(_c.lib.curfew_loaded_restore(loaded, handle))

    def describe(self) -> str:
        """The tools as TypeScript declares them, by their annotations and docstrings: for a language model's prompt."""
        return self._callbacks.describe()

    def kill(self) -> bool:
        """Ends the call that is running now, from any thread. True if there was one."""
        return self._cell.kill()

    @property
    def poisoned(self) -> bool:
        """True after a call that was cut short."""
        with self._cell as loaded:
            return bool(_c.lib.curfew_loaded_poisoned(loaded))

    @property
    def engine(self) -> str:
        with self._cell as loaded:
            engine: bytes = _c.lib.curfew_loaded_engine(loaded)
            return engine.decode()

    @property
    def handlers(self) -> List[str]:
        with self._cell as loaded:
            names: List[str] = json.loads(_c.result_of(_c.made(_c.lib.curfew_loaded_handlers, loaded)))
            return names

    def close(self) -> None:
        """Frees the cell. Ends a call that is still running, and waits for it. May be called again."""
        self._cell.refuse_reentry("close")
        self._cell.close()
        self._finalizer.detach()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _load(sandbox: ctypes.c_void_p, with_handlers: bool, callbacks: Callbacks) -> ctypes.c_void_p:
    """Loads what was added; a sandbox without handlers is for programs."""
    thread = callbacks.begin()
    try:
        if with_handlers:
            loaded = _c.made(_c.lib.curfew_sandbox_load, sandbox, None)
        else:
            loaded = _c.made(_c.lib.curfew_sandbox_load_without_handlers, sandbox)
    except BaseException as error:
        callbacks.finish(thread, None, error)
        raise
    try:
        callbacks.finish(thread, None)
    except BaseException:
        _c.lib.curfew_loaded_free(loaded)
        raise
    return loaded
