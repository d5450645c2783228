"""What happens to sandboxes, told as it happens: for logs, metrics and traces."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, Callable, NamedTuple, Optional

from . import _c
from .errors import InvalidArgument, Usage

KINDS = (
    "",
    "sandbox_made",
    "sandbox_loaded",
    "sandbox_restored",
    "sandbox_unloaded",
    "sandbox_dropped",
    "invocation_begun",
    "invocation_ended",
    "host_call_begun",
    "host_call_ended",
    "printed",
    "alarm",
    "engine_ready",
    "monitor_fired",
    "monitor_warned",
)
LEVELS = ("print", "log", "info", "warn", "error", "debug")


class Event(NamedTuple):
    """Something that happened. What does not belong to its kind is empty. Texts may be a guest's."""

    kind: str  #: "invocation_ended" and so on: one of ``curfew.observers.KINDS``
    sandbox: int  #: a number that no other sandbox of this process has; 0: none
    stage: str = ""  #: "proto", "runtime" or "loaded"
    handler: str = ""
    module: str = ""
    function: str = ""
    monitor: str = ""  #: the limit that fired or warned
    outcome: str = ""  #: "completed" and so on; of an alarm, its kind
    text: str = ""  #: what was printed, an error's message, a limit in words
    level: str = ""  #: of what was printed
    time: float = 0.0  #: seconds that it took
    error: Optional[BaseException] = None
    usage: Optional[Usage] = None


def _text(data: Optional[bytes]) -> str:
    return data.decode("utf-8", "replace") if data else ""


def callback(observer: Callable[[Event], None]) -> Any:
    """A function of C's that tells the observer. What that raises goes to sys.unraisablehook, as ctypes has it."""
    if not callable(observer):
        raise InvalidArgument(f"the observer is {type(observer).__name__}, and cannot be called", code="invalid_argument")

    def tell(_user: Any, told: Any) -> None:
        event = told.contents
        kind = KINDS[event.kind] if 0 < event.kind < len(KINDS) else str(event.kind)
        observer(
            Event(
                kind=kind,
                sandbox=event.sandbox,
                stage=_text(event.stage),
                handler=_text(event.handler),
                module=_text(event.module),
                function=_text(event.function),
                monitor=_text(event.monitor),
                outcome=_text(event.outcome),
                text=ctypes.string_at(event.text, event.text_length).decode("utf-8", "replace"),
                level=LEVELS[event.level] if kind == "printed" and event.level < len(LEVELS) else "",
                time=event.time_ns / 1e9,
                error=_c.exception_of(event.error) if event.error else None,
                usage=_c.usage_from(event.usage.contents) if event.usage else None,
            )
        )

    return _c.OBSERVER(tell)


class Observation:
    """Tells of every sandbox of this process until it is closed, or nobody has it any more. See :func:`observe`."""

    def __init__(self, observer: Callable[[Event], None]) -> None:
        self._callback = callback(observer)
        handle = _c.made(_c.lib.curfew_observe, self._callback, None, None)
        self._finalizer = weakref.finalize(self, _free, handle, self._callback)

    def close(self) -> None:
        self._finalizer()

    def __enter__(self) -> "Observation":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _free(handle: ctypes.c_void_p, _callback: Any) -> None:
    _c.lib.curfew_registration_free(handle)


def observe(observer: Callable[[Event], None]) -> Observation:
    """Calls ``observer`` with an :class:`Event` for whatever happens to any sandbox, on the thread on which it happens. It must not
    use the sandbox that it is told of."""
    return Observation(observer)
