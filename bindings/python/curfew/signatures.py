"""Tools as TypeScript declares them, by their annotations and docstrings: for language models who write code that calls them."""

from __future__ import annotations

import collections.abc
import ctypes
import datetime
import inspect
import json
import typing
from typing import Any, Callable, Dict, FrozenSet, List, Literal, Mapping, Tuple, Union

from . import _c

_PLAIN: Dict[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    bytes: "Uint8Array",
    bytearray: "Uint8Array",
    datetime.datetime: "Date",
    None: "null",
    type(None): "null",
    list: "any[]",
    dict: "Record<string, any>",
    set: "Set<any>",
}
_DEEPEST = 16


def type_text(annotation: Any, depth: int = 0) -> str:
    """What a value of an annotation is in TypeScript; "any" for what it does not know."""
    try:
        if annotation in _PLAIN:
            return _PLAIN[annotation]
    except TypeError:  # it cannot be hashed
        return "any"
    if depth > _DEEPEST:
        return "any"

    def inner(one: Any) -> str:
        return type_text(one, depth + 1)

    origin = typing.get_origin(annotation)
    parts = typing.get_args(annotation)
    if origin is Union or getattr(origin, "__name__", "") == "UnionType":
        return " | ".join(dict.fromkeys(inner(part) for part in parts))
    if origin is Literal:
        return " | ".join(json.dumps(part) for part in parts)
    if origin in (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection) and parts:
        return f"{_in_parentheses(inner(parts[0]))}[]"
    if origin is tuple and parts:
        if len(parts) == 2 and parts[1] is Ellipsis:
            return f"{_in_parentheses(inner(parts[0]))}[]"
        return f"[{', '.join(inner(part) for part in parts)}]"
    if origin in (dict, collections.abc.Mapping) and len(parts) == 2:
        return f"Record<string, {inner(parts[1])}>" if parts[0] is str else f"Map<{inner(parts[0])}, {inner(parts[1])}>"
    if origin in (set, frozenset, collections.abc.Set) and parts:
        return f"Set<{inner(parts[0])}>"
    if isinstance(annotation, type) and issubclass(annotation, dict) and hasattr(annotation, "__total__"):
        return _typed_dict(annotation, depth)
    return "any"


def _in_parentheses(text: str) -> str:
    return f"({text})" if " | " in text else text


def _typed_dict(annotation: Any, depth: int) -> str:
    required: FrozenSet[str] = getattr(annotation, "__required_keys__", frozenset())
    members = [
        f"{name}{'' if name in required else '?'}: {type_text(kind, depth + 1)};"
        for name, kind in _hints(annotation).items()
    ]
    return "{ " + " ".join(members) + " }"


def _hints(of: Any) -> Dict[str, Any]:
    try:
        return typing.get_type_hints(of)
    except Exception:  # annotations that name what is not there
        return {}


def signature_text(tool: Callable[..., Any]) -> str:
    """Parameters and result; "" for a function that says nothing of them."""
    try:
        signature = inspect.signature(tool)
    except (TypeError, ValueError):
        return ""
    called: Any = tool
    hints = _hints(called if inspect.isroutine(called) else getattr(called, "__call__", called))
    texts: List[str] = []
    for name, parameter in signature.parameters.items():
        kind = type_text(hints.get(name, Any))
        if parameter.kind is parameter.VAR_POSITIONAL:
            texts.append(f"...{name}: {_in_parentheses(kind)}[]")
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            texts.append(f"{name}{'' if parameter.default is parameter.empty else '?'}: {kind}")
    result = "void" if hints.get("return", Any) in (None, type(None)) else type_text(hints.get("return", Any))
    is_async = inspect.iscoroutinefunction(tool) or inspect.iscoroutinefunction(getattr(tool, "__call__", None))
    return f"({', '.join(texts)}): {f'Promise<{result}>' if is_async else result}"


def describe(
    tools: Mapping[Tuple[str, str], Callable[..., Any]],
    deferred: List[Tuple[str, str]],
    add_to: Callable[[Any], None],
) -> str:
    """The declarations of all of them."""
    lib = _c.lib
    builder = _c.made(lib.curfew_builder_new)
    try:
        proto = _c.made(lib.curfew_builder_build, builder)
    finally:
        lib.curfew_builder_free(builder)
    try:
        add_to(proto)
        for (module, name), tool in tools.items():
            comment = inspect.getdoc(tool) if inspect.isroutine(tool) else None
            description = _c.CDescription(
                struct_size=ctypes.sizeof(_c.CDescription),
                comment=(comment or "").replace("\0", " ").encode("utf-8", "replace"),
                signature=signature_text(tool).encode("utf-8", "replace"),
            )
            _c.check(
                lib.curfew_proto_describe_function(proto, _c.name(module), _c.name(name), ctypes.byref(description))
            )
        for module, name in deferred:
            description = _c.CDescription(
                struct_size=ctypes.sizeof(_c.CDescription), signature=b"(...args: any[]): Promise<any>"
            )
            _c.check(
                lib.curfew_proto_describe_function(proto, _c.name(module), _c.name(name), ctypes.byref(description))
            )
        return _c.text_made(lib.curfew_proto_describe, proto)
    finally:
        lib.curfew_proto_free(proto)
