"""What can go wrong, and what a call has used."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Type


class Usage(NamedTuple):
    """What a call used. Times are seconds, the others bytes or counts."""

    wall_time: float = 0.0  #: from the first limit's start to the end
    cpu_time: float = 0.0  #: of the guest, by the kernel's account
    host_cpu_time: float = 0.0  #: that the calling thread burnt for it: tools, printing, imports
    peak_heap: int = 0  #: most bytes on the guest's heap at one time
    host_calls: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    bytes_printed: int = 0
    pages_dirtied: int = 0
    waiting_time: float = 0.0  #: the part of wall_time in which it waited, as a :class:`curfew.Pending`


class CurfewError(Exception):
    """Any failure. ``code`` is its kind, as in all of Curfew's interfaces ("invalid_argument" ...)."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "internal",
        terminated_by: str = "",
        stack: str = "",
        ran: bool = False,
        usage: Optional[Usage] = None,
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.terminated_by = terminated_by  #: who ended a cancelled call: a limit's name, or "kill"; else ""
        self.stack = stack  #: the JavaScript stack, a line a frame; or ""
        self.ran = ran  #: False: none of the call's code ran, and it is safe to try again
        self.usage = usage if usage is not None else Usage()
        #: What JavaScript threw: name, message, file, line, column, source_line, value, cause, errors; see docs/errors.md
        self.details = details if details is not None else {}

    @property
    def cause(self) -> Any:
        """What one of your tools or limits raised, if that is what the call failed with; else the ``cause`` of JavaScript's error, as
        in :attr:`details`; or None."""
        return self.__cause__ if self.__cause__ is not None else self.details.get("cause")


class InvalidArgument(CurfewError, ValueError):
    """Something unusable was passed; nothing was changed."""


class Consumed(CurfewError):
    """The sandbox was closed."""


class Poisoned(CurfewError):
    """An earlier call was cut short: restore the sandbox first."""


class Cancelled(CurfewError):
    """A limit or ``kill()`` ended the call; ``terminated_by`` says which."""


class NotRun(Cancelled):
    """A limit or ``kill()`` came before the call had begun: nothing was run."""


class HandlerError(CurfewError):
    """JavaScript threw, or did not compile; ``stack`` says where."""


class CompileError(HandlerError):
    """JavaScript did not compile."""


class StackOverflow(HandlerError):
    """JavaScript called itself too deep."""


class GuestOutOfMemory(CurfewError):
    """JavaScript filled its heap."""


class GuestAbort(CurfewError):
    """The cell died."""


class MonitorFailed(CurfewError):
    """A limit could not be watched over; the handler was not run."""


class Unavailable(CurfewError, OSError):
    """This machine lacks something that Curfew needs."""


class Overloaded(CurfewError):
    """A pool had no sandbox free in time."""


class Busy(CurfewError):
    """A tool has used the sandbox that called it."""


_CLASSES: Dict[str, Type[CurfewError]] = {
    "invalid_argument": InvalidArgument,
    "consumed": Consumed,
    "poisoned": Poisoned,
    "cancelled": Cancelled,
    "not_run": NotRun,
    "handler_error": HandlerError,
    "syntax_error": CompileError,
    "stack_overflow": StackOverflow,
    "out_of_memory": GuestOutOfMemory,
    "guest_abort": GuestAbort,
    "monitor_failed": MonitorFailed,
    "unavailable": Unavailable,
    "overloaded": Overloaded,
}


def error_of_code(
    *,
    code: str,
    message: str,
    terminated_by: str,
    stack: str,
    ran: bool,
    usage: Usage,
    details: Optional[Dict[str, Any]] = None,
) -> BaseException:
    """The exception for a failure of the library."""
    if code == "host_memory":
        return MemoryError(message)
    return _CLASSES.get(code, CurfewError)(
        message, code=code, terminated_by=terminated_by, stack=stack, ran=ran, usage=usage, details=details
    )
