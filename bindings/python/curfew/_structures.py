"""The structures and callbacks of <curfew/c.h>, field by field."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p


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
        ("waiting_time_ns", c_int64),
    ]


class CScriptOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("folder", c_char_p),
        ("is_typescript", c_int),
        ("is_program", c_int),
        ("source_map", c_char_p),
    ]


class CCallOptions(Structure):
    _fields_ = [("struct_size", c_size_t), ("leave_garbage", c_int), ("count_pages", c_int), ("context", c_void_p), ("cbor", c_int)]


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
        ("form", c_int),
    ]


class COpenCall(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("id", c_uint32),
        ("module", c_char_p),
        ("function", c_char_p),
        ("arguments", POINTER(ctypes.c_char)),
        ("arguments_length", c_size_t),
        ("values", c_void_p),
        ("values_length", c_size_t),
    ]


class CSnapshotInfo(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_int),
        ("size", c_uint64),
        ("heap_size", c_uint64),
        ("stack_size", c_uint64),
        ("jitless", c_int),
        ("waits", c_int),
    ]


class CDescription(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("comment", c_char_p),
        ("signature", c_char_p),
        ("input_schema", c_char_p),
        ("output_schema", c_char_p),
        ("parameters", POINTER(c_char_p)),
    ]


class CFetchHeader(Structure):
    _fields_ = [("struct_size", c_size_t), ("origin", c_char_p), ("name", c_char_p), ("value", c_char_p)]


class CFetchPolicy(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("origins", POINTER(c_char_p)),
        ("methods", POINTER(c_char_p)),
        ("addresses", POINTER(c_char_p)),
        ("headers", POINTER(CFetchHeader)),
        ("header_count", c_size_t),
        ("max_request_bytes", c_uint64),
        ("max_response_bytes", c_uint64),
        ("max_header_bytes", c_uint64),
        ("max_requests", c_uint32),
        ("max_concurrent", c_uint32),
        ("max_redirects", c_uint32),
        ("time_limit_ns", c_int64),
    ]


class CEvent(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_int),
        ("sandbox", c_uint64),
        ("stage", c_char_p),
        ("handler", c_char_p),
        ("module", c_char_p),
        ("function", c_char_p),
        ("monitor", c_char_p),
        ("outcome", c_char_p),
        ("text", POINTER(ctypes.c_char)),
        ("text_length", c_size_t),
        ("level", c_int),
        ("time_ns", c_int64),
        ("error", c_void_p),
        ("usage", POINTER(CUsage)),
    ]


FREE_USER = CFUNCTYPE(None, c_void_p)
PRINT = CFUNCTYPE(None, c_void_p, c_int, POINTER(ctypes.c_char), c_size_t)
FUNCTION = CFUNCTYPE(None, c_void_p, c_void_p, POINTER(CArgument), c_size_t, c_void_p)
ASYNC_FUNCTION = CFUNCTYPE(None, c_void_p, c_void_p, POINTER(CArgument), c_size_t, c_void_p)
START = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_int64))
OBSERVER = CFUNCTYPE(None, c_void_p, POINTER(CEvent))
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
