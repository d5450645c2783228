"""Saved states of sandboxes, and their files."""

from __future__ import annotations

import ctypes
import json
import weakref
from typing import Any, Dict, List, NamedTuple, Optional

from . import _c
from .errors import InvalidArgument, Usage
from .tools import Callbacks
from .values import CBOR


class OpenCall(NamedTuple):
    """A call of a tool that has no answer yet."""

    id: int
    name: str  #: as in ``deferred``: "approve", or "shop.approve"
    arguments: List[Any]  #: JSON; bytes are {"$bytes": BASE64} in them


class Waiting(NamedTuple):
    """What an invocation waits for."""

    handler: str
    usage: Usage  #: so far
    due: Optional[float]  #: in so many seconds it goes on by itself, because a timer is due
    open_calls: List[OpenCall]


def waiting_of(handle: Any) -> Optional[Waiting]:
    """The handle is freed; NULL is None."""
    if not handle:
        return None
    lib = _c.lib
    try:
        calls: List[OpenCall] = []
        call = _c.COpenCall(struct_size=ctypes.sizeof(_c.COpenCall))
        while lib.curfew_waiting_call_at(handle, len(calls), ctypes.byref(call)):
            module = call.module.decode("utf-8", "replace")
            function = call.function.decode("utf-8", "replace")
            calls.append(
                OpenCall(
                    call.id,
                    function if module == "tools" else f"{module}.{function}",
                    _arguments_of(call),
                )
            )
        due = lib.curfew_waiting_due_ns(handle)
        return Waiting(
            lib.curfew_waiting_handler(handle).decode("utf-8", "replace"),
            _c.usage_of(lib.curfew_waiting_usage, handle),
            None if due < 0 else due / 1e9,
            calls,
        )
    finally:
        lib.curfew_waiting_free(handle)


def _arguments_of(call: Any) -> List[Any]:
    if call.values:
        values: List[Any] = CBOR.decode(ctypes.string_at(call.values, call.values_length))
        return values
    arguments: List[Any] = json.loads(ctypes.string_at(call.arguments, call.arguments_length))
    return arguments


class SigningKey:
    """A secret of 16 to 4096 bytes by which one's own files are known again. Its copy is overwritten when it goes."""

    def __init__(self, secret: bytes) -> None:
        if not isinstance(secret, (bytes, bytearray)):
            raise InvalidArgument(f"a key is made of bytes, not of {type(secret).__name__}", code="invalid_argument")
        self._take(_c.made(_c.lib.curfew_signing_key_new, bytes(secret), len(secret)))

    @classmethod
    def from_file(cls, path: Any) -> "SigningKey":
        """The whole content of a file."""
        key = cls.__new__(cls)
        key._take(_c.made(_c.lib.curfew_signing_key_from_file, _c.path(path)))
        return key

    def _take(self, handle: ctypes.c_void_p) -> None:
        self._handle = handle
        self._finalizer = weakref.finalize(self, _c.lib.curfew_signing_key_free, handle)


def key_handle(key: Optional[SigningKey]) -> Any:
    if key is not None and not isinstance(key, SigningKey):
        raise InvalidArgument(f"the key is {type(key).__name__}: give a curfew.SigningKey", code="invalid_argument")
    return None if key is None else key._handle


class Snapshot:
    """A saved state of a sandbox. Any number of threads may use it."""

    def __init__(self, handle: ctypes.c_void_p, callbacks: Optional[Callbacks]) -> None:
        self._handle = handle
        self._callbacks = callbacks  # none: it was read from a file
        self._finalizer = weakref.finalize(self, _c.lib.curfew_snapshot_free, handle)

    def save(self, path: Any, *, key: Optional[SigningKey] = None) -> None:
        """Writes it to a file, for :meth:`load` in this or another process with the same build of Curfew."""
        if key is None:
            _c.check(_c.lib.curfew_snapshot_save(self._handle, _c.path(path)))
        else:
            _c.check(_c.lib.curfew_snapshot_save_signed(self._handle, _c.path(path), key_handle(key)))

    @staticmethod
    def load(path: Any, *, key: Optional[SigningKey] = None) -> "Snapshot":
        """Reads a file of :meth:`save`; with a key, only one that was signed with it. Tools and limits are not in it:
        ``Sandbox.from_snapshot`` takes them."""
        if key is None:
            return Snapshot(_c.made(_c.lib.curfew_snapshot_load, _c.path(path)), None)
        return Snapshot(_c.made(_c.lib.curfew_snapshot_load_signed, _c.path(path), key_handle(key)), None)

    def _info(self) -> Any:
        info = _c.CSnapshotInfo(struct_size=ctypes.sizeof(_c.CSnapshotInfo))
        _c.lib.curfew_snapshot_look(self._handle, ctypes.byref(info))
        return info

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return int(self._info().size)

    @property
    def is_loaded(self) -> bool:
        """False: it is of a sandbox whose handlers were not loaded yet; other interfaces of Curfew make such."""
        return int(self._info().kind) == 2

    @property
    def heap_size(self) -> int:
        """Bytes, with which the sandbox was made."""
        return int(self._info().heap_size)

    @property
    def stack_size(self) -> int:
        return int(self._info().stack_size)

    @property
    def jitless(self) -> bool:
        return bool(self._info().jitless)

    @property
    def handlers(self) -> List[str]:
        names: List[str] = json.loads(_c.text_made(_c.lib.curfew_snapshot_handlers, self._handle))
        return names

    @property
    def requirements(self) -> Dict[str, List[str]]:
        """The modules of tools that a sandbox which starts from it needs, and their functions."""
        modules: Dict[str, List[str]] = json.loads(_c.text_made(_c.lib.curfew_snapshot_requirements, self._handle))
        return modules

    @property
    def waiting(self) -> Optional[Waiting]:
        """What the sandbox was in the middle of; None if it was at rest. ``Sandbox.go_on`` goes on with it."""
        return waiting_of(_c.made(_c.lib.curfew_snapshot_waiting, self._handle))


def snapshot_handle(snapshot: Any) -> Any:
    if not isinstance(snapshot, Snapshot):
        raise InvalidArgument(f"this is {type(snapshot).__name__}, and no curfew.Snapshot", code="invalid_argument")
    return snapshot._handle


class SnapshotFolder:
    """Snapshots in a folder: a tag may come to mean another one, a digest ("sha256:...") is that of one content for ever. Any
    number of threads and processes may use a folder at once."""

    def __init__(self, path: Any) -> None:
        self._path = _c.path(path)

    def save(self, snapshot: Snapshot, tag: str) -> str:
        """Gives the digest. The folder is made if it is not there."""
        return _c.text_made(_c.lib.curfew_snapshot_save_as, snapshot_handle(snapshot), self._path, _c.name(tag, "a tag"))

    def load(self, tag_or_digest: str) -> Snapshot:
        return Snapshot(_c.made(_c.lib.curfew_snapshot_load_from, self._path, _c.name(tag_or_digest, "a tag")), None)

    def digest(self, tag: str) -> str:
        return _c.text_made(_c.lib.curfew_folder_digest, self._path, _c.name(tag, "a tag"))

    def tags(self) -> List[str]:
        """All tags, sorted."""
        tags: List[str] = json.loads(_c.text_made(_c.lib.curfew_folder_tags, self._path))
        return tags

    def remove(self, tag: str) -> None:
        """Forgets a tag."""
        _c.check(_c.lib.curfew_folder_remove(self._path, _c.name(tag, "a tag")))

    def remove_untagged(self) -> int:
        """Deletes what no tag means any more, and gives how many. Not while others save into the folder."""
        count = ctypes.c_size_t()
        _c.check(_c.lib.curfew_folder_remove_untagged(self._path, ctypes.byref(count)))
        return count.value
