"""The interface for C (<curfew/c.h>), by ctypes: the library, and how its errors become exceptions.

Foreign calls give the interpreter's lock up, so other threads run while a guest does.
"""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
from ctypes import byref, c_size_t, c_void_p, sizeof
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from . import _functions
from ._structures import *  # noqa: F401,F403
from ._structures import CUsage
from .errors import InvalidArgument, Usage, error_of_code


def _library_path() -> str:
    named = os.environ.get("CURFEW_LIBRARY")
    return named if named else str(pathlib.Path(__file__).with_name("libcurfew-c.so"))


try:
    lib = ctypes.CDLL(_library_path())
except OSError as cause:
    raise ImportError(
        f"curfew's library could not be loaded ({cause}); install the wheel of this platform, or name a "
        "libcurfew-c.so in the environment variable CURFEW_LIBRARY"
    ) from cause
_functions.declare(lib)


class Answers(NamedTuple):
    """The functions by which a tool answers."""

    with_json: Any
    with_cbor: Any
    with_bytes: Any
    with_error: Any


SYNC_ANSWERS = Answers(
    lib.curfew_reply_json, lib.curfew_reply_cbor, lib.curfew_reply_bytes, lib.curfew_reply_error
)
ASYNC_ANSWERS = Answers(
    lib.curfew_async_reply_json, lib.curfew_async_reply_cbor, lib.curfew_async_reply_bytes, lib.curfew_async_reply_error
)

#: How often this process was forked from one that had curfew: what was made before a fork is of the parent.
_forks = 0
#: What has to be made anew in a child.
after_fork: List[Callable[[], None]] = []


def _in_child() -> None:
    global _forks
    _forks += 1
    for renew in after_fork:
        renew()


os.register_at_fork(after_in_child=_in_child)


def process() -> int:
    """The mark of this process, for :func:`check_process`."""
    return _forks


def check_process(made_in: int, what: str) -> None:
    """Refuses what belongs to the parent of a forked child."""
    if made_in != _forks:
        raise InvalidArgument(
            f"the {what} belongs to the process that made it, from which this one was forked; make a new one here",
            code="invalid_argument",
        )


def bytes_of(function: Callable[..., Any], of: Any) -> bytes:
    """What a function gives that returns a text and its length."""
    length = c_size_t()
    data = function(of, byref(length))
    return ctypes.string_at(data, length.value)


def text_of(function: Callable[..., Any], of: Any) -> str:
    return bytes_of(function, of).decode("utf-8", "replace")


def usage_from(usage: CUsage) -> Usage:
    return Usage(
        wall_time=usage.wall_time_ns / 1e9,
        cpu_time=usage.cpu_time_ns / 1e9,
        host_cpu_time=usage.host_cpu_time_ns / 1e9,
        peak_heap=usage.peak_heap,
        host_calls=usage.host_calls,
        bytes_in=usage.bytes_in,
        bytes_out=usage.bytes_out,
        bytes_printed=usage.bytes_printed,
        pages_dirtied=usage.pages_dirtied,
        waiting_time=usage.waiting_time_ns / 1e9,
    )


def usage_of(function: Callable[..., Any], of: Any) -> Usage:
    usage = CUsage(struct_size=sizeof(CUsage))
    function(of, byref(usage))
    return usage_from(usage)


def exception_of(handle: Any) -> BaseException:
    """The exception for an error, which is not freed."""
    return error_of_code(
        code=lib.curfew_error_code_name(handle).decode(),
        message=text_of(lib.curfew_error_message, handle),
        terminated_by=text_of(lib.curfew_error_terminated_by, handle),
        stack=text_of(lib.curfew_error_stack, handle),
        ran=bool(lib.curfew_error_ran(handle)),
        details=_details_of(handle),
        usage=usage_of(lib.curfew_error_usage, handle),
    )


def _details_of(handle: Any) -> Optional[Dict[str, Any]]:
    out = c_void_p()
    failed = lib.curfew_error_details(handle, byref(out))
    if failed:
        lib.curfew_error_free(failed)
    if not out:
        return None
    try:
        details: Dict[str, Any] = json.loads(bytes_of(lib.curfew_text_data, out))
        return details
    finally:
        lib.curfew_text_free(out)


def check(error: Optional[int]) -> None:
    """Raises what a function has returned."""
    if not error:
        return
    handle = c_void_p(error)
    try:
        raise exception_of(handle)
    finally:
        lib.curfew_error_free(handle)


def made(function: Callable[..., Any], *arguments: Any) -> c_void_p:
    """What a function gives through its last parameter."""
    out = c_void_p()
    error = function(*arguments, byref(out))
    if error:
        check(error)
    return out


def text_made(function: Callable[..., Any], *arguments: Any) -> str:
    """The same, of one that gives a text."""
    handle = made(function, *arguments)
    try:
        return text_of(lib.curfew_text_data, handle)
    finally:
        lib.curfew_text_free(handle)


_with_cbor = CCallOptions(struct_size=sizeof(CCallOptions), cbor=1)  # noqa: F405
#: The options of a call whose event and result are CBOR.
WITH_CBOR = ctypes.pointer(_with_cbor)


def result_of(handle: c_void_p) -> bytes:
    """A result's data; the result is freed."""
    try:
        return bytes_of(lib.curfew_result_json, handle)
    finally:
        lib.curfew_result_free(handle)


def result_and_usage_of(handle: c_void_p) -> Tuple[bytes, Usage]:
    try:
        return bytes_of(lib.curfew_result_json, handle), usage_of(lib.curfew_result_usage, handle)
    finally:
        lib.curfew_result_free(handle)


def name(text: Any, what: str = "a name") -> bytes:
    """A text for C, which ends at its first zero byte."""
    if not isinstance(text, str):
        raise InvalidArgument(f"{what} has to be text, not {type(text).__name__}", code="invalid_argument")
    if "\0" in text:
        raise InvalidArgument(f"{what} must not have a NUL in it", code="invalid_argument")
    return text.encode("utf-8", "surrogatepass")


def path(where: Any) -> bytes:
    """A path for C: text or an object such as pathlib's."""
    try:
        return name(os.fsdecode(where), "a path")
    except TypeError as wrong:
        raise InvalidArgument(f"a path has to be text or a path, not {type(where).__name__}", code="invalid_argument") from wrong


def source(text: Any, what: str) -> bytes:
    """A script."""
    if not isinstance(text, str):
        raise InvalidArgument(f"{what} has to be text, not {type(text).__name__}", code="invalid_argument")
    return text.encode("utf-8", "surrogatepass")
