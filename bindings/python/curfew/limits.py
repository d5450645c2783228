"""Limits of a call: built-in ones by name and value, and your own.

>>> limits = Limits(cpu_time="100ms", memory="32MiB")
"""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, Dict, List, Optional, Protocol, Union

from . import _c
from .errors import InvalidArgument, Usage

LimitValue = Union[str, int, float]


class LimitKind:
    """A built-in limit: its name, an example of its value, and what it limits."""

    def __init__(self, name: str, example: str, help: str) -> None:
        self.name = name
        self.example = example
        self.help = help

    def __repr__(self) -> str:
        return f"LimitKind({self.name!r}, {self.example!r}, {self.help!r})"


def limit_kinds() -> List[LimitKind]:
    """All built-in limits."""
    kinds = []
    kind = _c.CLimitKind(struct_size=ctypes.sizeof(_c.CLimitKind))
    while _c.lib.curfew_limit_kind_at(len(kinds), ctypes.byref(kind)):
        kinds.append(LimitKind(kind.name.decode(), kind.example.decode(), kind.help.decode()))
    return kinds


_DURATIONS = {"wall-clock", "cpu-time"}


def _as_text(name: str, value: LimitValue) -> str:
    """A number is seconds for limits on time, and bytes or a count for the others."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidArgument(
            f'the limit "{name}" is {type(value).__name__}: give text such as "100ms" or "32MiB", or a number of seconds, '
            "bytes or times",
            code="invalid_argument",
        )
    if isinstance(value, str):
        return value
    if name in _DURATIONS:
        if not 0 < value < 1e9:
            raise InvalidArgument(f'the limit "{name}" is {value} s; it has to be more than zero', code="invalid_argument")
        return f"{max(1, round(value * 1e6))}us"
    return str(int(value))


class Watched:
    """What a custom limit may ask of the call that it watches, from any thread, until ``finish`` returns."""

    def __init__(self, handle: Any) -> None:
        self._handle: Optional[Any] = handle

    def _there(self) -> Any:
        if self._handle is None:
            raise InvalidArgument("the call that was watched is over", code="invalid_argument")
        return self._handle

    @property
    def handler(self) -> str:
        return _c.lib.curfew_invocation_handler(self._there()).decode("utf-8", "replace")

    @property
    def cpu_time(self) -> Optional[float]:
        """Seconds; None where it cannot be measured."""
        nanoseconds = _c.lib.curfew_invocation_cpu_time_ns(self._there())
        return None if nanoseconds < 0 else nanoseconds / 1e9

    @property
    def usage(self) -> Usage:
        return _c.usage_of(_c.lib.curfew_invocation_usage, self._there())


class Monitor(Protocol):
    """A limit of your own, in two phases. One object may watch several calls at once."""

    name: str

    def start(self, call: Watched) -> float:
        """On the calling thread, before the handler: seconds until the first check. What it raises keeps the handler from
        being run."""

    def check(self, call: Watched) -> float:
        """On a thread of Curfew's: seconds until the next check; 0 or less ends the call, and so does what it raises."""


class Limits:
    """Limits for any number of calls. Names are those of :func:`limit_kinds`, with ``_`` for ``-``; values are text ("100ms",
    "32MiB"), or numbers: seconds for times, bytes or counts for others."""

    def __init__(self, *monitors: Monitor, **limits: Optional[LimitValue]) -> None:
        self._kept: List[Any] = []
        self._handle = _c.made(_c.lib.curfew_monitors_new)
        self._finalizer = weakref.finalize(self, _c.lib.curfew_monitors_free, self._handle)
        for name, value in limits.items():
            if value is None:
                continue
            name = name.replace("_", "-")
            _c.check(_c.lib.curfew_monitors_add(self._handle, _name(name), _name(_as_text(name, value))))
        for monitor in monitors:
            self._add(monitor)

    def _add(self, monitor: Monitor) -> None:
        watched: Dict[int, Watched] = {}

        def start(_user: Any, call: Any, state: Any, first: Any) -> int:
            try:
                one = Watched(call)
                first[0] = int(monitor.start(one) * 1e9)
                watched[call] = one
                return 0
            except BaseException:  # noqa: B902: nothing may leave a callback; the call fails
                return 1

        def check(_user: Any, call: Any, _state: Any) -> int:
            try:
                return int(monitor.check(watched[call]) * 1e9)
            except BaseException:  # noqa: B902: as above; the call ends
                return 0

        def finish(_user: Any, state: Any) -> None:
            one = watched.pop(state, None)
            if one is not None:
                one._handle = None

        def start_with_state(user: Any, call: Any, state: Any, first: Any) -> int:
            state[0] = call
            return start(user, call, state, first)

        functions = (_c.START(start_with_state), _c.CHECK(check), _c.FINISH(finish))
        c_monitor = _c.CMonitor(
            struct_size=ctypes.sizeof(_c.CMonitor),
            user=None,
            free_user=_c.FREE_USER(),
            start=functions[0],
            check=functions[1],
            finish=functions[2],
        )
        _c.check(_c.lib.curfew_monitors_add_custom(self._handle, _name(monitor.name), ctypes.byref(c_monitor)))
        self._kept.append((functions, monitor))


LimitsLike = Union[Limits, Dict[str, LimitValue], None]


def as_limits(limits: LimitsLike) -> Optional[Limits]:
    if limits is None or isinstance(limits, Limits):
        return limits
    if isinstance(limits, dict):
        return Limits(**limits)
    raise InvalidArgument(
        f"limits are {type(limits).__name__}: give a dict such as {{'cpu_time': '100ms'}}, or curfew.Limits",
        code="invalid_argument",
    )


def handle_of(limits: Optional[Limits]) -> Any:
    return None if limits is None else limits._handle


def _name(text: str) -> bytes:
    """A name for C, which ends at its first zero byte."""
    if not isinstance(text, str):
        raise InvalidArgument(f"a name has to be text, not {type(text).__name__}", code="invalid_argument")
    if "\0" in text:
        raise InvalidArgument("a name must not have a NUL in it", code="invalid_argument")
    return text.encode("utf-8", "surrogatepass")


c_name = _name

