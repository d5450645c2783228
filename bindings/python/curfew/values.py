"""What passes between Python and a guest, and how it is written."""

from __future__ import annotations

import json
from typing import Any, Callable, NamedTuple

from . import cbor
from .errors import HandlerError, InvalidArgument


class Format(NamedTuple):
    """How values are written for a sandbox."""

    name: str
    is_cbor: bool
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def _refusal(cause: BaseException) -> InvalidArgument:
    return InvalidArgument(f"this value cannot be passed to the guest: {cause}", code="invalid_argument")


def _encode_json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise _refusal(cause) from cause


def _encode_cbor(value: Any) -> bytes:
    try:
        return cbor.dumps(value)
    except cbor.CborError as cause:
        raise _refusal(cause) from None


def _decode_cbor(data: bytes) -> Any:
    try:
        return cbor.loads(data)
    except cbor.CborError as cause:
        raise HandlerError(
            f"the guest gave a value that Python cannot hold: {cause}", code="handler_error", ran=True
        ) from None


JSON = Format("json", False, _encode_json, json.loads)
CBOR = Format("cbor", True, _encode_cbor, _decode_cbor)
_FORMATS = {form.name: form for form in (CBOR, JSON)}


def format_of(name: Any) -> Format:
    if name not in _FORMATS:
        raise InvalidArgument(f'values are {name!r}; they are "cbor" or "json"', code="invalid_argument")
    return _FORMATS[name]
