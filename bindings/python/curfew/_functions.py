"""The functions of <curfew/c.h> that are used here, each with its result and parameters, a letter or name for each.

    p object   s text that ends with a zero byte   n size_t   i int   u uint32_t   U uint64_t   I int64_t   v nothing
    o where an object goes   l where a length goes   e an error, or none   t text with a length of its own
    and the structures and callbacks by name, structures by pointer
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict

from . import _structures

_KINDS: Dict[str, Any] = {
    "p": c_void_p,
    "s": c_char_p,
    "n": c_size_t,
    "i": c_int,
    "u": c_uint32,
    "U": c_uint64,
    "I": c_int64,
    "v": None,
    "o": POINTER(c_void_p),
    "l": POINTER(c_size_t),
    "e": c_void_p,
    "t": c_void_p,
    "tokens": POINTER(c_uint64),
    "Usage": POINTER(_structures.CUsage),
    "ScriptOptions": POINTER(_structures.CScriptOptions),
    "CallOptions": POINTER(_structures.CCallOptions),
    "PoolOptions": POINTER(_structures.CPoolOptions),
    "PoolReport": POINTER(_structures.CPoolReport),
    "LimitKind": POINTER(_structures.CLimitKind),
    "Monitor": POINTER(_structures.CMonitor),
    "OpenCall": POINTER(_structures.COpenCall),
    "SnapshotInfo": POINTER(_structures.CSnapshotInfo),
    "Description": POINTER(_structures.CDescription),
    "FetchPolicy": POINTER(_structures.CFetchPolicy),
    "Print": _structures.PRINT,
    "Function": _structures.FUNCTION,
    "AsyncFunction": _structures.ASYNC_FUNCTION,
    "Observer": _structures.OBSERVER,
}

SIGNATURES = """
version = s
text_data = t p l
text_free = v p
error_code_name = s p
error_message = t p l
error_terminated_by = t p l
error_stack = t p l
error_details = e p o
error_ran = i p
error_usage = v p Usage
error_free = v p
engine_count = n
engine_name = s n
limit_kind_at = i n LimitKind
monitors_new = e o
monitors_free = v p
monitors_add = e p s s
monitors_add_soft = e p s s
monitors_add_wall_clock = e p I i i
monitors_add_quota = e p p
quota_new = e I I o
quota_available_ns = I p
quota_free = v p
monitors_add_custom = e p s Monitor
invocation_handler = s p
invocation_cpu_time_ns = I p
invocation_usage = v p Usage
builder_new = e o
builder_free = v p
builder_set_heap_size = e p U
builder_set_stack_size = e p U
builder_set_output_limit = e p U
builder_set_open_host_calls = e p n
builder_set_host_argument_limit = e p U
builder_set_engine = e p s
builder_set_spinning = e p i
builder_set_strict_isolation = e p
builder_set_isolation = e p i i i
builder_set_jitless = e p i
builder_set_default_wall_limit = e p I
builder_set_default_monitors = e p p
builder_set_cgroup = e p s U I I U
builder_set_print = e p Print p p
builder_set_fetch = e p FetchPolicy
builder_add_file = e p s s n
builder_set_folder = e p s s
builder_add_observer = e p Observer p p
builder_build = e p o
proto_add_function = e p s s Function p p
proto_add_async_function = e p s s AsyncFunction p p
proto_add_cbor_function = e p s s Function p p
proto_add_async_cbor_function = e p s s AsyncFunction p p
proto_add_deferred = e p s s
proto_describe_function = e p s s Description
proto_describe = e p o
proto_free = v p
proto_load_runtime = e p o
reply_json = v p s n
reply_bytes = v p s n
reply_cbor = v p s n
reply_error = v p s n
async_reply_json = i p s n
async_reply_bytes = i p s n
async_reply_cbor = i p s n
async_reply_error = i p s n
sandbox_free = v p
sandbox_add_handler = e p s s n ScriptOptions
sandbox_add_module = e p s s n s
sandbox_load = e p p o
sandbox_load_without_handlers = e p o
sandbox_from_snapshot = e p p o
loaded_free = v p
loaded_call = e p s s n p CallOptions o
loaded_evaluate = e p s n s p CallOptions o
loaded_add_handler = e p s s n ScriptOptions p
loaded_remove_handler = e p s
loaded_handlers = e p o
loaded_engine = s p
loaded_poisoned = i p
loaded_interrupt = e p o
loaded_begin = e p s s n p CallOptions o
loaded_waits = i p
loaded_continue = e p p CallOptions o
loaded_snapshot = e p o
loaded_restore = e p p
loaded_from_snapshot = e p p o
result_json = t p l
result_is_cbor = i p
result_usage = v p Usage
result_free = v p
pending_free = v p
pending_done = i p
pending_result = e p o
pending_usage = v p Usage
pending_resume = e p u s n
pending_resume_cbor = e p u s n
pending_fail = e p u s n
pending_go_on = e p
pending_can_go_on = i p
pending_wait = i p I
pending_finish = e p o
pending_waiting = e p o
pending_notify = e p p U
waiting_handler = s p
waiting_usage = v p Usage
waiting_due_ns = I p
waiting_call_at = i p n OpenCall
waiting_free = v p
ready_queue_new = e o
ready_queue_descriptor = i p
ready_queue_take = n p I tokens n
ready_queue_free = v p
interrupt_kill = i p
interrupt_free = v p
snapshot_save = e p s
snapshot_load = e s o
snapshot_save_signed = e p s p
snapshot_load_signed = e s p o
snapshot_save_as = e p s s o
snapshot_load_from = e s s o
snapshot_look = v p SnapshotInfo
snapshot_handlers = e p o
snapshot_requirements = e p o
snapshot_waiting = e p o
snapshot_free = v p
signing_key_new = e s n o
signing_key_from_file = e s o
signing_key_free = v p
folder_tags = e s o
folder_digest = e s s o
folder_remove = e s s
folder_remove_untagged = e s l
pool_new = e p p PoolOptions o
pool_call = e p s s n p CallOptions o
pool_report_now = v p PoolReport
pool_shut_down = v p
pool_free = v p
observe = e Observer p p o
registration_free = v p
"""


def declare(library: ctypes.CDLL) -> None:
    """Tells ctypes of all of them."""
    for line in SIGNATURES.split("\n"):
        name, _, kinds = line.partition(" = ")
        if name:
            function = getattr(library, "curfew_" + name)
            function.restype, *function.argtypes = [_KINDS[kind] for kind in kinds.split()]
