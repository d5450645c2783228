"""The interface for C (<curfew/c.h>), by ctypes: what is needed of it, and how its errors become exceptions.

Foreign calls give the interpreter's lock up, so other threads run while a guest does.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_int64,
    c_size_t,
    c_uint64,
    c_void_p,
    sizeof,
)
from typing import Any, Callable, NamedTuple, Optional

from .errors import Usage, error_of_code


class CUsage(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("wall_time_ns", c_int64),
        ("cpu_time_ns", c_int64),
        ("host_cpu_time_ns", c_int64),
        ("peak_heap", c_uint64),
        ("host_calls", c_uint64),
        ("bytes_in", c_uint64),
        ("bytes_out", c_uint64),
        ("bytes_printed", c_uint64),
        ("pages_dirtied", c_uint64),
    ]


class CScriptOptions(Structure):
    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("folder", c_char_p)]


class CCallOptions(Structure):
    _fields_ = [("struct_size", c_size_t), ("leave_garbage", c_int), ("count_pages", c_int), ("context", c_void_p)]


class CPoolOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("size", c_size_t),
        ("made_at_start", c_size_t),
        ("restore", c_int),
        ("queue_limit", c_size_t),
        ("wait_limit_ns", c_int64),
    ]


class CPoolReport(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("ready", c_size_t),
        ("in_use", c_size_t),
        ("waiting", c_size_t),
        ("requests", c_uint64),
        ("created", c_uint64),
        ("restored", c_uint64),
        ("replaced", c_uint64),
        ("not_created", c_uint64),
        ("queue_full", c_uint64),
        ("waited_too_long", c_uint64),
    ]


class CArgument(Structure):
    _fields_ = [("struct_size", c_size_t), ("is_bytes", c_int), ("data", POINTER(ctypes.c_char)), ("length", c_size_t)]


class CLimitKind(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("option", c_char_p),
        ("example", c_char_p),
        ("help", c_char_p),
    ]


FREE_USER = CFUNCTYPE(None, c_void_p)
PRINT = CFUNCTYPE(None, c_void_p, c_int, POINTER(ctypes.c_char), c_size_t)
FUNCTION = CFUNCTYPE(None, c_void_p, c_void_p, POINTER(CArgument), c_size_t, c_void_p)
ASYNC_FUNCTION = CFUNCTYPE(None, c_void_p, c_void_p, POINTER(CArgument), c_size_t, c_void_p)
START = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_int64))
CHECK = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_void_p)
FINISH = CFUNCTYPE(None, c_void_p, c_void_p)


class CMonitor(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("user", c_void_p),
        ("free_user", FREE_USER),
        ("start", START),
        ("check", CHECK),
        ("finish", FINISH),
    ]


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

_VOID = None
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "curfew_version": (c_char_p, []),
    "curfew_error_code": (c_int, [c_void_p]),
    "curfew_error_code_name": (c_char_p, [c_void_p]),
    "curfew_error_message": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "curfew_error_terminated_by": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "curfew_error_stack": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "curfew_error_ran": (c_int, [c_void_p]),
    "curfew_error_usage": (_VOID, [c_void_p, POINTER(CUsage)]),
    "curfew_error_free": (_VOID, [c_void_p]),
    "curfew_engine_count": (c_size_t, []),
    "curfew_engine_name": (c_char_p, [c_size_t]),
    "curfew_limit_kind_at": (c_int, [c_size_t, POINTER(CLimitKind)]),
    "curfew_monitors_new": (c_void_p, [POINTER(c_void_p)]),
    "curfew_monitors_free": (_VOID, [c_void_p]),
    "curfew_monitors_add": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "curfew_monitors_add_custom": (c_void_p, [c_void_p, c_char_p, POINTER(CMonitor)]),
    "curfew_invocation_handler": (c_char_p, [c_void_p]),
    "curfew_invocation_cpu_time_ns": (c_int64, [c_void_p]),
    "curfew_invocation_usage": (_VOID, [c_void_p, POINTER(CUsage)]),
    "curfew_builder_new": (c_void_p, [POINTER(c_void_p)]),
    "curfew_builder_free": (_VOID, [c_void_p]),
    "curfew_builder_set_heap_size": (c_void_p, [c_void_p, c_uint64]),
    "curfew_builder_set_stack_size": (c_void_p, [c_void_p, c_uint64]),
    "curfew_builder_set_output_limit": (c_void_p, [c_void_p, c_uint64]),
    "curfew_builder_set_host_argument_limit": (c_void_p, [c_void_p, c_uint64]),
    "curfew_builder_set_engine": (c_void_p, [c_void_p, c_char_p]),
    "curfew_builder_set_strict_isolation": (c_void_p, [c_void_p]),
    "curfew_builder_set_default_wall_limit": (c_void_p, [c_void_p, c_int64]),
    "curfew_builder_set_default_monitors": (c_void_p, [c_void_p, c_void_p]),
    "curfew_builder_set_print": (c_void_p, [c_void_p, PRINT, c_void_p, c_void_p]),
    "curfew_builder_add_file": (c_void_p, [c_void_p, c_char_p, c_char_p, c_size_t]),
    "curfew_builder_set_folder": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "curfew_builder_build": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_reply_json": (_VOID, [c_void_p, c_char_p, c_size_t]),
    "curfew_reply_bytes": (_VOID, [c_void_p, c_char_p, c_size_t]),
    "curfew_reply_error": (_VOID, [c_void_p, c_char_p, c_size_t]),
    "curfew_async_reply_json": (c_int, [c_void_p, c_char_p, c_size_t]),
    "curfew_async_reply_bytes": (c_int, [c_void_p, c_char_p, c_size_t]),
    "curfew_async_reply_error": (c_int, [c_void_p, c_char_p, c_size_t]),
    "curfew_proto_add_async_function": (c_void_p, [c_void_p, c_char_p, c_char_p, ASYNC_FUNCTION, c_void_p, c_void_p]),
    "curfew_sandbox_add_module": (c_void_p, [c_void_p, c_char_p, c_char_p, c_size_t, c_char_p]),
    "curfew_sandbox_load_without_handlers": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_loaded_evaluate": (
        c_void_p,
        [c_void_p, c_char_p, c_size_t, c_char_p, c_void_p, POINTER(CCallOptions), POINTER(c_void_p)],
    ),
    "curfew_proto_add_function": (c_void_p, [c_void_p, c_char_p, c_char_p, FUNCTION, c_void_p, c_void_p]),
    "curfew_proto_free": (_VOID, [c_void_p]),
    "curfew_proto_load_runtime": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_sandbox_free": (_VOID, [c_void_p]),
    "curfew_sandbox_add_handler": (
        c_void_p,
        [c_void_p, c_char_p, c_char_p, c_size_t, POINTER(CScriptOptions)],
    ),
    "curfew_sandbox_load": (c_void_p, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "curfew_loaded_free": (_VOID, [c_void_p]),
    "curfew_loaded_call": (
        c_void_p,
        [c_void_p, c_char_p, c_char_p, c_size_t, c_void_p, POINTER(CCallOptions), POINTER(c_void_p)],
    ),
    "curfew_result_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "curfew_result_usage": (_VOID, [c_void_p, POINTER(CUsage)]),
    "curfew_result_free": (_VOID, [c_void_p]),
    "curfew_loaded_poisoned": (c_int, [c_void_p]),
    "curfew_loaded_engine": (c_char_p, [c_void_p]),
    "curfew_loaded_handlers": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_loaded_unload": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_loaded_interrupt": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_interrupt_kill": (c_int, [c_void_p]),
    "curfew_interrupt_free": (_VOID, [c_void_p]),
    "curfew_loaded_snapshot": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "curfew_loaded_restore": (c_void_p, [c_void_p, c_void_p]),
    "curfew_snapshot_save": (c_void_p, [c_void_p, c_char_p]),
    "curfew_snapshot_load": (c_void_p, [c_char_p, POINTER(c_void_p)]),
    "curfew_snapshot_size": (c_uint64, [c_void_p]),
    "curfew_snapshot_free": (_VOID, [c_void_p]),
    "curfew_loaded_from_snapshot": (c_void_p, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "curfew_pool_new": (c_void_p, [c_void_p, c_void_p, POINTER(CPoolOptions), POINTER(c_void_p)]),
    "curfew_pool_call": (
        c_void_p,
        [c_void_p, c_char_p, c_char_p, c_size_t, c_void_p, POINTER(CCallOptions), POINTER(c_void_p)],
    ),
    "curfew_pool_report_now": (_VOID, [c_void_p, POINTER(CPoolReport)]),
    "curfew_pool_shut_down": (_VOID, [c_void_p]),
    "curfew_pool_free": (_VOID, [c_void_p]),
}

for _name, (_result, _arguments) in _SIGNATURES.items():
    _function = getattr(lib, _name)
    _function.restype = _result
    _function.argtypes = _arguments


class Answers(NamedTuple):
    """The functions by which a tool answers."""

    with_json: Any
    with_bytes: Any
    with_error: Any


SYNC_ANSWERS = Answers(lib.curfew_reply_json, lib.curfew_reply_bytes, lib.curfew_reply_error)
ASYNC_ANSWERS = Answers(lib.curfew_async_reply_json, lib.curfew_async_reply_bytes, lib.curfew_async_reply_error)


def _text(function: Callable[..., Any], of: c_void_p) -> str:
    return _bytes(function, of).decode("utf-8", "replace")


def _bytes(function: Callable[..., Any], of: c_void_p) -> bytes:
    length = c_size_t()
    data = function(of, byref(length))
    return ctypes.string_at(data, length.value)


def usage_of(function: Callable[..., Any], of: Any) -> Usage:
    usage = CUsage(struct_size=sizeof(CUsage))
    function(of, byref(usage))
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
    )


def check(error: Optional[int]) -> None:
    """Raises what a function has returned."""
    if not error:
        return
    handle = c_void_p(error)
    try:
        raise error_of_code(
            code=lib.curfew_error_code_name(handle).decode(),
            message=_text(lib.curfew_error_message, handle),
            terminated_by=_text(lib.curfew_error_terminated_by, handle),
            stack=_text(lib.curfew_error_stack, handle),
            ran=bool(lib.curfew_error_ran(handle)),
            usage=usage_of(lib.curfew_error_usage, handle),
        )
    finally:
        lib.curfew_error_free(handle)


def made(function: Callable[..., Any], *arguments: Any) -> c_void_p:
    """What a function gives through its last parameter."""
    out = c_void_p()
    check(function(*arguments, byref(out)))
    return out


def result_of(handle: c_void_p) -> tuple[bytes, Usage]:
    """A result's JSON and usage; the result is freed."""
    try:
        return _bytes(lib.curfew_result_json, handle), usage_of(lib.curfew_result_usage, handle)
    finally:
        lib.curfew_result_free(handle)
