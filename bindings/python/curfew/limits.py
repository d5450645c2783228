"""Limits of a call: built-in ones by name and value, and your own.

>>> limits = Limits(cpu_time="100ms", memory="32MiB")
"""

from __future__ import annotations

import ctypes
import datetime
import threading
import weakref
from typing import Any, Dict, List, NamedTuple, Optional, Protocol, Union

from . import _c
from .errors import InvalidArgument, Usage

LimitValue = Union[str, int, float, datetime.timedelta, datetime.datetime]

LimitTime = Union[int, float, datetime.timedelta]

_FORMS = {1: "duration", 2: "size", 3: "count", 4: "point in time", 5: ""}


class LimitKind(NamedTuple):
    """A built-in limit."""

    name: str  #: "cpu-time"; as an argument, "cpu_time"
    form: str  #: what its value is: a "duration", "size", "count" or "point in time"
    example: str  #: of its value as text
    help: str  #: what it limits


def limit_kinds() -> List[LimitKind]:
    """All built-in limits."""
    kinds: List[LimitKind] = []
    kind = _c.CLimitKind(struct_size=ctypes.sizeof(_c.CLimitKind))
    while _c.lib.curfew_limit_kind_at(len(kinds), ctypes.byref(kind)):
        kinds.append(
            LimitKind(kind.name.decode(), _FORMS.get(kind.form, ""), kind.example.decode(), kind.help.decode())
        )
    return kinds


_form_of = {kind.name: kind.form for kind in limit_kinds()}


def _as_text(name: str, value: Any) -> str:
    """A number is seconds for limits on time, and bytes or a count for the others."""
    form = _form_of.get(name, "")
    if isinstance(value, str):
        return value
    if form == "point in time" and isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise InvalidArgument(f'the limit "{name}" is a datetime without a time zone', code="invalid_argument")
        text = value.astimezone(datetime.timezone.utc).isoformat()
        return text.replace("+00:00", "Z")
    if isinstance(value, datetime.timedelta) and form in ("duration", "point in time"):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidArgument(
            f'the limit "{name}" is {type(value).__name__}: give text such as "100ms" or "32MiB", or a number of seconds, '
            "bytes or times",
            code="invalid_argument",
        )
    if form not in ("duration", "point in time"):
        return str(int(value))
    if not 0 < value < 1e9:
        raise InvalidArgument(f'the limit "{name}" is {value} s; it has to be more than zero', code="invalid_argument")
    return f"{'+' if form == 'point in time' else ''}{max(1, round(value * 1e6))}us"


class Watched:
    """What a custom limit may ask of the call that it watches, from any thread, until ``finish`` returns."""

    def __init__(self, handle: Any) -> None:
        self._handle: Optional[Any] = handle
        self.thread = threading.get_ident()  #: on which the call was begun

    def _there(self) -> Any:
        if self._handle is None:
            raise InvalidArgument("the call that was watched is over", code="invalid_argument")
        return self._handle

    @property
    def handler(self) -> str:
        name: bytes = _c.lib.curfew_invocation_handler(self._there())
        return name.decode("utf-8", "replace")

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


class Quota:
    """CPU time that many calls share: ``budget`` seconds at first, and so much in each ``period`` of seconds from then on. Give it to
    :class:`Limits` as one of its monitors; any threads may share it."""

    def __init__(self, budget: float, period: float) -> None:
        self._handle = _c.made(
            _c.lib.curfew_quota_new, _nanoseconds_of(budget, "the budget"), _nanoseconds_of(period, "the period")
        )
        self._finalizer = weakref.finalize(self, _c.lib.curfew_quota_free, self._handle)

    @property
    def available(self) -> float:
        """Seconds that could be used now."""
        nanoseconds: int = _c.lib.curfew_quota_available_ns(self._handle)
        return nanoseconds / 1e9


class Limits:
    """Limits for any number of calls. Names are those of :func:`limit_kinds`, with ``_`` for ``-``; values are text ("100ms",
    "32MiB"), or numbers: seconds for times, bytes or counts for others. Times may be a timedelta, and a deadline a datetime."""

    def __init__(self, *monitors: Union[Monitor, Quota], **limits: Optional[LimitValue]) -> None:
        self._kept: List[Any] = []
        self._raised: Dict[int, BaseException] = {}
        self._handle = _c.made(_c.lib.curfew_monitors_new)
        self._finalizer = weakref.finalize(self, _c.lib.curfew_monitors_free, self._handle)
        for name, value in limits.items():
            if value is not None:
                name = name.replace("_", "-")
                _c.check(_c.lib.curfew_monitors_add(self._handle, _c.name(name), _c.name(_as_text(name, value))))
        for monitor in monitors:
            if isinstance(monitor, Quota):
                _c.check(_c.lib.curfew_monitors_add_quota(self._handle, monitor._handle))
            else:
                self._add(monitor)

    def wall_clock(self, limit: LimitTime, *, without_tools: bool = False, without_pauses: bool = False) -> "Limits":
        """Adds a limit of wall-clock time that leaves out the time in tools, or in which the call waits as a
        :class:`curfew.Pending`. Before its first use."""
        nanoseconds = _nanoseconds_of(limit, "the limit")
        _c.check(
            _c.lib.curfew_monitors_add_wall_clock(self._handle, nanoseconds, int(without_tools), int(without_pauses))
        )
        return self

    def soft(self, **limits: LimitValue) -> "Limits":
        """Adds limits that only warn: observers are told, and the call goes on. Before its first use."""
        for name, value in limits.items():
            name = name.replace("_", "-")
            _c.check(_c.lib.curfew_monitors_add_soft(self._handle, _c.name(name), _c.name(_as_text(name, value))))
        return self

    def _add(self, monitor: Monitor) -> None:
        for part in ("start", "check"):
            if not callable(getattr(monitor, part, None)):
                raise InvalidArgument(
                    f"{monitor!r} is no limit: it needs a name, start(call) and check(call)", code="invalid_argument"
                )
        watching: Dict[int, Watched] = {}

        def start(_user: Any, call: Any, state: Any, first_check: Any) -> int:
            state[0] = call
            one = Watched(call)
            try:
                first_check[0] = _nanoseconds(monitor.start(one))
                watching[call] = one
                return 0
            except BaseException as thrown:  # nothing may leave a callback; the call fails
                self._raised[one.thread] = thrown
                return 1

        def check(_user: Any, _call: Any, state: Any) -> int:
            one = watching[state]
            try:
                return _nanoseconds(monitor.check(one))
            except BaseException as thrown:  # as above; the call ends
                self._raised[one.thread] = thrown
                return 0

        def finish(_user: Any, state: Any) -> None:
            one = watching.pop(state, None)
            if one is not None:
                one._handle = None

        functions = (_c.START(start), _c.CHECK(check), _c.FINISH(finish))
        c_monitor = _c.CMonitor(
            struct_size=ctypes.sizeof(_c.CMonitor),
            user=None,
            start=functions[0],
            check=functions[1],
            finish=functions[2],
        )
        name = _c.name(getattr(monitor, "name", None), "a limit's name")
        _c.check(_c.lib.curfew_monitors_add_custom(self._handle, name, ctypes.byref(c_monitor)))
        self._kept.append((functions, monitor))

    def take_raised(self, thread: int) -> Optional[BaseException]:
        """What a limit of one's own raised in a call that was begun on that thread."""
        return self._raised.pop(thread, None) if self._raised else None


def _nanoseconds_of(seconds: Any, what: str) -> int:
    if isinstance(seconds, datetime.timedelta):
        seconds = seconds.total_seconds()
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 9e9:
        raise InvalidArgument(f"{what} is {seconds!r}; it has to be seconds, more than zero", code="invalid_argument")
    return max(1, int(seconds * 1e9))


def _nanoseconds(seconds: Any) -> int:
    return int(min(max(float(seconds), 0.0), 9e9) * 1e9)


LimitsLike = Union[Limits, Dict[str, LimitValue], None]


def as_limits(limits: LimitsLike) -> Optional[Limits]:
    if limits is None or isinstance(limits, Limits):
        return limits
    if isinstance(limits, dict):
        if not all(isinstance(name, str) for name in limits):
            raise InvalidArgument("the names of limits have to be text", code="invalid_argument")
        return Limits(**limits)
    raise InvalidArgument(
        f"limits are {type(limits).__name__}: give a dict such as {{'cpu_time': '100ms'}}, or curfew.Limits",
        code="invalid_argument",
    )


def handle_of(limits: Optional[Limits]) -> Any:
    return None if limits is None else limits._handle
