"""What a sandbox can be told when it is made."""

from __future__ import annotations

import ctypes
import dataclasses
import datetime
from typing import TYPE_CHECKING, Any, Callable, List, Mapping, Optional, Sequence, TypedDict, Union

from . import _c
from .errors import InvalidArgument
from .limits import LimitsLike, as_limits, handle_of

if TYPE_CHECKING:
    from .observers import Event
    from .tools import Callbacks, Tool

Console = Callable[[str, str], None]
Size = Union[int, str]


@dataclasses.dataclass(frozen=True)
class Script:
    """A handler's source with more than its text."""

    source: str
    name: Optional[str] = None  #: in stack traces
    folder: Optional[str] = None  #: where its imports are looked for
    typescript: bool = False
    program: bool = False  #: code rather than a handler: a call runs it from its beginning, with the event as ``event``
    source_map: Optional[str] = None


Source = Union[str, Script]


@dataclasses.dataclass(frozen=True)
class Fetch:
    """What scripts may ``fetch``. None: the default, as in docs/fetch.md."""

    origins: Sequence[str]  #: "https://api.example.com", "https://*.example.com"
    methods: Optional[Sequence[str]] = None
    addresses: Sequence[str] = ()  #: that may be reached though they are not public
    headers: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)  #: by origin; the guest never sees them
    max_request_bytes: Optional[int] = None
    max_response_bytes: Optional[int] = None
    max_header_bytes: Optional[int] = None
    max_requests: Optional[int] = None
    max_concurrent: Optional[int] = None
    max_redirects: Optional[int] = None
    time_limit: Union[float, datetime.timedelta, None] = None  #: seconds


@dataclasses.dataclass(frozen=True)
class Cgroup:
    """A control group of the sandboxes' own. None: not limited."""

    parent: Optional[str] = None
    memory_max: Optional[Size] = None
    cpu_quota: Optional[float] = None  #: seconds of CPU time in each period
    cpu_period: float = 0.1
    pids_max: Optional[int] = None


class SandboxOptions(TypedDict, total=False):
    """The keyword arguments of :class:`curfew.Sandbox`, for type checkers; see there."""

    engine: Optional[str]
    heap: Optional[Size]
    stack: Optional[Size]
    limits: LimitsLike
    tools: Optional[Mapping[str, "Tool"]]
    deferred: Sequence[str]
    console: Optional[Console]
    files: Optional[Mapping[str, str]]
    folder: Any
    modules: Optional[Mapping[str, str]]
    fetch: Optional[Fetch]
    cgroup: Optional[Cgroup]
    observer: Optional[Callable[["Event"], None]]
    strict: bool
    isolation: Optional[Mapping[str, str]]
    jitless: Optional[bool]
    spinning: bool
    output_limit: Optional[Size]
    argument_limit: Optional[Size]
    open_calls: Optional[int]
    default_wall_limit: Optional[float]
    values: str


_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 10**3, "MB": 10**6, "GB": 10**9, "B": 1}
_ISOLATION = {"as it is": 0, "basic": 1, "strict": 2, "where possible": 3}
_ISOLATED = ("side_channels", "restores", "branch_barrier")
_MOST_HEAP = 1 << 36
_MOST_STACK = 60 << 20


def size_of(size: Any) -> int:
    """Bytes: a number, or text such as "16MiB"."""
    if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 1 << 63:
        return size
    if isinstance(size, str):
        for unit, factor in _UNITS.items():
            number = size[: -len(unit)].strip()
            if size.endswith(unit) and number.replace(".", "", 1).isdigit():
                return int(float(number) * factor)
        if size.isdigit():
            return int(size)
    raise InvalidArgument(f'{size!r} is no size: give bytes, or text such as "16MiB"', code="invalid_argument")


def count_of(count: Any, what: str) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 1 << 31:
        raise InvalidArgument(f"{what} is {count!r}; it has to be a count", code="invalid_argument")
    return count


def seconds_of(seconds: Any, what: str) -> int:
    """Nanoseconds."""
    if isinstance(seconds, datetime.timedelta):
        seconds = seconds.total_seconds()
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < 9e9:
        raise InvalidArgument(f"{what} is {seconds!r}; it has to be seconds", code="invalid_argument")
    return int(seconds * 1e9)


def mapping_of(given: Any, what: str) -> Mapping[Any, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidArgument(f"{what} are {type(given).__name__}: give a dict by names", code="invalid_argument")
    return given


def _list(texts: Optional[Sequence[str]], what: str) -> Any:
    """An array of texts that ends with NULL."""
    if texts is None:
        return None
    if isinstance(texts, str):
        raise InvalidArgument(f"{what} are text: give a list of texts", code="invalid_argument")
    names = [_c.name(text, f"one of {what}") for text in texts]
    return (ctypes.c_char_p * (len(names) + 1))(*names, None)


def _set_fetch(builder: Any, fetch: Fetch) -> None:
    if not isinstance(fetch, Fetch):
        raise InvalidArgument(f"fetch is {type(fetch).__name__}: give curfew.Fetch(origins=[...])", code="invalid_argument")
    headers = [
        _c.CFetchHeader(
            struct_size=ctypes.sizeof(_c.CFetchHeader),
            origin=_c.name(origin, "an origin"),
            name=_c.name(name, "a header's name"),
            value=_c.name(value, "a header's value"),
        )
        for origin, each in mapping_of(fetch.headers, "headers").items()
        for name, value in mapping_of(each, "an origin's headers").items()
    ]
    counts = {
        name: count_of(getattr(fetch, name), name)
        for name in (
            "max_request_bytes",
            "max_response_bytes",
            "max_header_bytes",
            "max_requests",
            "max_concurrent",
            "max_redirects",
        )
        if getattr(fetch, name) is not None
    }
    policy = _c.CFetchPolicy(
        struct_size=ctypes.sizeof(_c.CFetchPolicy),
        origins=_list(fetch.origins, "origins"),
        methods=_list(fetch.methods, "methods"),
        addresses=_list(fetch.addresses, "addresses"),
        headers=(_c.CFetchHeader * len(headers))(*headers),
        header_count=len(headers),
        time_limit_ns=0 if fetch.time_limit is None else seconds_of(fetch.time_limit, "time_limit"),
        **counts,
    )
    _c.check(_c.lib.curfew_builder_set_fetch(builder, ctypes.byref(policy)))


def _set_cgroup(builder: Any, group: Cgroup) -> None:
    if not isinstance(group, Cgroup):
        raise InvalidArgument(f"cgroup is {type(group).__name__}: give curfew.Cgroup(...)", code="invalid_argument")
    quota = 0 if group.cpu_quota is None else seconds_of(group.cpu_quota, "cpu_quota") // 1000
    _c.check(
        _c.lib.curfew_builder_set_cgroup(
            builder,
            None if group.parent is None else _c.path(group.parent),
            0 if group.memory_max is None else size_of(group.memory_max),
            quota,
            seconds_of(group.cpu_period, "cpu_period") // 1000 if quota else 0,
            0 if group.pids_max is None else count_of(group.pids_max, "pids_max"),
        )
    )


def _set_isolation(builder: Any, isolation: Mapping[str, str]) -> None:
    asked = mapping_of(isolation, "the parts of isolation")
    for name, how in asked.items():
        if name not in _ISOLATED or how not in _ISOLATION:
            raise InvalidArgument(
                f"isolation has {name!r}: {how!r}; the parts are {', '.join(_ISOLATED)}, each of them "
                '"basic" or "strict", and the last one also "where possible"',
                code="invalid_argument",
            )
    parts = [_ISOLATION[asked.get(name, "as it is")] for name in _ISOLATED]
    _c.check(_c.lib.curfew_builder_set_isolation(builder, *parts))


def make_proto(callbacks: "Callbacks", options: SandboxOptions) -> ctypes.c_void_p:
    """A configuration, to be freed by curfew_proto_free."""
    lib = _c.lib
    get: Any = options.get
    builder = _c.made(lib.curfew_builder_new)
    try:

        def set_to(function: Any, name: str, convert: Callable[[Any], Any]) -> None:
            value = get(name)
            if value is not None:
                _c.check(function(builder, convert(value)))

        set_to(lib.curfew_builder_set_engine, "engine", lambda name: _c.name(name, "the engine"))
        set_to(lib.curfew_builder_set_heap_size, "heap", size_of)
        set_to(lib.curfew_builder_set_stack_size, "stack", size_of)
        set_to(lib.curfew_builder_set_output_limit, "output_limit", size_of)
        set_to(lib.curfew_builder_set_host_argument_limit, "argument_limit", size_of)
        set_to(lib.curfew_builder_set_open_host_calls, "open_calls", lambda n: count_of(n, "open_calls"))
        set_to(lib.curfew_builder_set_jitless, "jitless", int)
        set_to(lib.curfew_builder_set_spinning, "spinning", int)
        if get("strict"):
            _c.check(lib.curfew_builder_set_strict_isolation(builder))
        if get("isolation") is not None:
            _set_isolation(builder, get("isolation"))
        if "default_wall_limit" in options:
            limit = get("default_wall_limit")
            nanoseconds = 0 if limit is None else seconds_of(limit, "default_wall_limit")
            if limit is not None and nanoseconds == 0:
                raise InvalidArgument("default_wall_limit is zero; None is for no limit", code="invalid_argument")
            _c.check(lib.curfew_builder_set_default_wall_limit(builder, nanoseconds))
        callbacks.limits = as_limits(get("limits"))  # which have to last, for their callbacks
        if callbacks.limits is not None:
            _c.check(lib.curfew_builder_set_default_monitors(builder, handle_of(callbacks.limits)))
        if callbacks.console is not None:
            _c.check(lib.curfew_builder_set_print(builder, callbacks.print, None, None))
        for path, content in mapping_of(get("files"), "files").items():
            text = _c.source(content, "a file's content")
            _c.check(lib.curfew_builder_add_file(builder, _c.name(path, "a file's path"), text, len(text)))
        if get("folder") is not None:
            _c.check(lib.curfew_builder_set_folder(builder, _c.path(get("folder")), None))
        if get("fetch") is not None:
            _set_fetch(builder, get("fetch"))
        if get("cgroup") is not None:
            _set_cgroup(builder, get("cgroup"))
        if callbacks.observer is not None:
            _c.check(lib.curfew_builder_add_observer(builder, callbacks.observer, None, None))
        proto = _c.made(lib.curfew_builder_build, builder)
    finally:
        lib.curfew_builder_free(builder)
    try:
        callbacks.add_to(proto)
    except BaseException:
        lib.curfew_proto_free(proto)
        raise
    return proto


def host_of_snapshot(callbacks: "Callbacks", options: SandboxOptions) -> ctypes.c_void_p:
    """The same, for what starts from a snapshot: its own heap and stack may be as large as `heap` and `stack` say, or any."""
    given: Any = dict(options)
    if given.get("heap") is None:
        given["heap"] = _MOST_HEAP
    if given.get("stack") is None:
        given["stack"] = _MOST_STACK
    return make_proto(callbacks, given)


def script_options(script: Script, name: str) -> Any:
    return _c.CScriptOptions(
        struct_size=ctypes.sizeof(_c.CScriptOptions),
        name=_c.name(script.name or f"{name}.{'ts' if script.typescript else 'js'}", "a script's name"),
        folder=None if script.folder is None else _c.name(script.folder, "a script's folder"),
        is_typescript=int(script.typescript),
        is_program=int(script.program),
        source_map=None if script.source_map is None else _c.name(script.source_map, "a source map"),
    )


def script_of(source: Any, handler: str) -> Script:
    if isinstance(source, Script):
        return source
    if not isinstance(source, str):
        raise InvalidArgument(
            f"the source of {handler!r} is {type(source).__name__}: give text, or a curfew.Script", code="invalid_argument"
        )
    return Script(source)


def names_of(names: Any, what: str) -> List[str]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InvalidArgument(f"{what} has to be a list of names", code="invalid_argument")
    return list(names)
