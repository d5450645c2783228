"""CBOR (RFC 8949) as Curfew has it (docs/values.md), from and to Python's values. What is read is hostile."""

from __future__ import annotations

import array
import datetime
import decimal
import math
import struct
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

DEEPEST = 200  #: levels of arrays and maps, one in the other
GREATEST = 1 << 53  #: integers beyond it are BigInts in JavaScript

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class CborError(ValueError):
    """What cannot be written, or is no CBOR that can be read."""


class Undefined:
    """JavaScript's ``undefined``, of which there is one: :data:`undefined`. It is false, as ``None`` is. What a guest gives as one
    arrives as ``None``, as null does."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "curfew.undefined"


undefined = Undefined()


class BigInt(int):
    """An integer that is a BigInt in JavaScript, however small it is. What a guest gives as one arrives as this."""


class Map(Dict[Any, Any]):
    """A dict that is a Map in JavaScript, also with keys that are all text. What a guest gives as one arrives as this."""


class RegExp(NamedTuple):
    """A regular expression of JavaScript's, as text."""

    source: str
    flags: str = ""


class JSError(NamedTuple):
    """An error of JavaScript's as a value, which was not thrown."""

    name: str
    message: str = ""
    stack: str = ""
    fields: Dict[str, Any] = {}  # noqa: RUF012: never changed; `cause` is one of them


# RFC 8746: tags from 64 on, by item.
_ARRAYS = {
    "B": 64,
    "H": 69,
    "I": 70,
    "L": 71 if array.array("L").itemsize == 8 else 70,
    "Q": 71,
    "b": 72,
    "h": 77,
    "i": 78,
    "l": 79 if array.array("l").itemsize == 8 else 78,
    "q": 79,
    "f": 85,
    "d": 86,
}
# From tags: the array's type code, and whether the most significant byte comes first.
_CODES: Dict[int, Tuple[str, bool]] = {
    64: ("B", False),
    65: ("H", True),
    66: ("I", True),
    67: ("Q", True),
    68: ("B", False),
    69: ("H", False),
    70: ("I", False),
    71: ("Q", False),
    72: ("b", False),
    73: ("h", True),
    74: ("i", True),
    75: ("q", True),
    77: ("h", False),
    78: ("i", False),
    79: ("q", False),
    81: ("f", True),
    82: ("d", True),
    85: ("f", False),
    86: ("d", False),
}
_HALVES = {80: ">", 84: "<"}

_MARK = b"\xd8\x1c"  # tag 28: what follows may be referred to


# ---- Writing ------------------------------------------------------------------------------------------------------------


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    if number < 1 << 8:
        return bytes((major << 5 | 24, number))
    if number < 1 << 16:
        return struct.pack(">BH", major << 5 | 25, number)
    if number < 1 << 32:
        return struct.pack(">BI", major << 5 | 26, number)
    return struct.pack(">BQ", major << 5 | 27, number)


_SMALL = [bytes((number,)) for number in range(24)]
_SHORT_TEXT = [bytes((0x60 | size,)) for size in range(24)]


class _Writer:
    def __init__(self) -> None:
        self.parts: List[Any] = []
        self.seen: Dict[int, int] = {}  # containers, by where their mark would be among the parts
        self.referred: Dict[int, List[int]] = {}  # references to them, likewise
        self.depth = 0

    def finish(self) -> bytes:
        for number, place in enumerate(sorted(self.referred)):
            self.parts[place] = _MARK
            for reference in self.referred[place]:
                self.parts[reference] = b"\xd8\x1d" + _head(0, number)
        return b"".join(self.parts)

    def write(self, value: Any) -> None:
        kind = type(value)
        write = _WRITERS.get(kind)
        if write is not None:
            write(self, value)
        else:
            self.write_other(value)

    def write_other(self, value: Any) -> None:
        """One of a class that is made from a known one, or of none."""
        for known in (bool, int, float, str, list, tuple, dict, set, frozenset, datetime.datetime, array.array):
            if isinstance(value, known):
                _WRITERS[known](self, value)
                return
        if isinstance(value, BaseException):
            self.of_class(type(value).__name__ if type(value).__name__.endswith("Error") else "Error", {"message": str(value)})
        elif isinstance(value, Undefined):
            self.parts.append(b"\xf7")
        else:
            raise CborError(f"{type(value).__name__} has no counterpart in JavaScript")

    def integer(self, value: int) -> None:
        if 0 <= value < 24:
            self.parts.append(_SMALL[value])
        elif -GREATEST <= value <= GREATEST:
            self.parts.append(_head(0, value) if value >= 0 else _head(1, -1 - value))
        else:
            self.bigint(value)

    def bigint(self, value: int) -> None:
        magnitude = value if value >= 0 else -1 - value
        digits = magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big")
        self.parts.append((b"\xc2" if value >= 0 else b"\xc3") + _head(2, len(digits)) + digits)

    def real(self, value: float) -> None:
        if value.is_integer() and abs(value) <= GREATEST and (value or math.copysign(1.0, value) > 0):
            self.integer(int(value))
        else:
            self.parts.append(struct.pack(">Bd", 0xFB, value))

    def decimal(self, value: decimal.Decimal) -> None:
        if not value.is_finite() or value != value.to_integral_value():
            raise CborError(f"the Decimal {value} is no whole number, as a BigInt is; pass a float or text")
        if value.adjusted() > 100_000:
            raise CborError("the Decimal has more than 100,000 digits")
        self.bigint(int(value))

    def text(self, value: str) -> None:
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise CborError("a text has half of a surrogate pair in it") from None
        size = len(data)
        self.parts.append(_SHORT_TEXT[size] + data if size < 24 else _head(3, size) + data)

    def binary(self, value: Union[bytes, bytearray]) -> None:
        data = bytes(value)
        self.parts.append(_head(2, len(data)))
        self.parts.append(data)

    def view(self, value: memoryview) -> None:
        self.binary(value.tobytes())

    def numbers(self, value: "array.array[Any]") -> None:
        tag = _ARRAYS.get(value.typecode)
        if tag is None:
            raise CborError(f"an array of type {value.typecode!r} has no counterpart in JavaScript")
        data = value
        if sys.byteorder == "big" and value.itemsize > 1:
            data = value[:]
            data.byteswap()
        self.parts.append(_head(6, tag))
        self.binary(data.tobytes())

    def date(self, value: datetime.datetime) -> None:
        if value.tzinfo is None:
            raise CborError("a datetime has no time zone; give it one, such as datetime.timezone.utc")
        # In whole milliseconds, as JavaScript has them.
        milliseconds = (value - _EPOCH) // datetime.timedelta(milliseconds=1)
        self.parts.append(b"\xc1")
        if milliseconds % 1000 == 0:
            self.integer(milliseconds // 1000)
        else:
            self.parts.append(struct.pack(">Bd", 0xFB, milliseconds / 1000))

    def open(self, value: Any) -> bool:
        """Begins a container, whose contents are to be written; False: it was written before, and is referred to."""
        place = self.seen.get(id(value))
        if place is not None:
            self.referred.setdefault(place, []).append(len(self.parts))
            self.parts.append(b"")
            return False
        self.seen[id(value)] = len(self.parts)
        self.parts.append(b"")
        self.depth += 1
        if self.depth > DEEPEST:
            raise CborError(f"it is nested deeper than {DEEPEST} levels")
        return True

    def items(self, value: Any) -> None:
        if self.open(value):
            self.parts.append(_head(4, len(value)))
            for item in value:
                self.write(item)
            self.depth -= 1

    def members(self, value: Any) -> None:
        if self.open(value):
            self.parts.append(b"\xd9\x01\x02" + _head(4, len(value)))
            for item in value:
                self.write(item)
            self.depth -= 1

    def mapping(self, value: Dict[Any, Any]) -> None:
        if self.open(value):
            if any(type(key) is not str for key in value) and not all(isinstance(key, str) for key in value):
                self.parts.append(b"\xd9\x01\x03")
            self.parts.append(_head(5, len(value)))
            for key, item in value.items():
                self.write(key)
                self.write(item)
            self.depth -= 1

    def map(self, value: Map) -> None:
        if self.open(value):
            self.parts.append(b"\xd9\x01\x03" + _head(5, len(value)))
            for key, item in value.items():
                self.write(key)
                self.write(item)
            self.depth -= 1

    def regexp(self, value: RegExp) -> None:
        self.parts.append(b"\xd9\x52\x4a\x82")
        self.text(value.source)
        self.text(value.flags)

    def error(self, value: JSError) -> None:
        self.of_class(value.name, {**value.fields, "message": value.message, "stack": value.stack})

    def of_class(self, name: str, fields: Dict[str, Any]) -> None:
        self.parts.append(b"\xd8\x1b\x82")
        self.text(name)
        self.parts.append(_head(5, len(fields)))
        self.depth += 1
        for field, item in fields.items():
            self.write(field)
            self.write(item)
        self.depth -= 1


_WRITERS: Dict[type, Callable[[_Writer, Any], None]] = {
    type(None): lambda writer, _: writer.parts.append(b"\xf6"),
    Undefined: lambda writer, _: writer.parts.append(b"\xf7"),
    bool: lambda writer, value: writer.parts.append(b"\xf5" if value else b"\xf4"),
    int: _Writer.integer,
    BigInt: _Writer.bigint,
    float: _Writer.real,
    decimal.Decimal: _Writer.decimal,
    str: _Writer.text,
    bytes: _Writer.binary,
    bytearray: _Writer.binary,
    memoryview: _Writer.view,
    array.array: _Writer.numbers,
    datetime.datetime: _Writer.date,
    list: _Writer.items,
    tuple: _Writer.items,
    dict: _Writer.mapping,
    Map: _Writer.map,
    set: _Writer.members,
    frozenset: _Writer.members,
    RegExp: _Writer.regexp,
    JSError: _Writer.error,
}


def dumps(value: Any) -> bytes:
    """CBOR of a value. Raises CborError for what has no counterpart in JavaScript. An object in several places is one there, too."""
    kind = type(value)
    if kind is int and 0 <= value < 24:  # what is most frequent of all
        return bytes((value,))
    if value is None:
        return b"\xf6"
    writer = _Writer()
    try:
        writer.write(value)
    except RecursionError:
        raise CborError(f"it is nested deeper than {DEEPEST} levels, or than Python's stack goes") from None
    return writer.finish()


# ---- Reading ------------------------------------------------------------------------------------------------------------


class _Cycle:
    """Where a container will be, of which only a part is there."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.depth = 0
        self.marks: List[Any] = []
        self.mark: Optional[int] = None  # of the container that comes next

    def fail(self, what: str) -> CborError:
        return CborError(f"this is no CBOR that can be read: {what}, at offset {self.at}")

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise self.fail("it is cut short")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def head(self) -> Tuple[int, int, int]:
        """The major type, the lower five bits, and the number."""
        if self.at >= len(self.data):
            raise self.fail("it is cut short")
        first = self.data[self.at]
        self.at += 1
        major, low = first >> 5, first & 31
        if low < 24:
            return major, low, low
        if low < 28:
            return major, low, int.from_bytes(self.take(1 << (low - 24)), "big")
        if low == 31 and major in (2, 3, 4, 5, 7):
            return major, low, -1
        raise self.fail("a byte that begins nothing")

    def read(self) -> Any:
        data, at = self.data, self.at
        # What is most frequent, shortly: small numbers, and texts of up to 23 bytes.
        if self.mark is None and at < len(data):
            first = data[at]
            if first < 24:
                self.at = at + 1
                return first
            if 0x60 <= first < 0x78:
                end = at + 1 + first - 0x60
                if end <= len(data):
                    self.at = end
                    try:
                        return data[at + 1 : end].decode()
                    except UnicodeDecodeError:
                        raise self.fail("a text that is not UTF-8") from None
        major, low, number = self.head()
        mark, self.mark = self.mark, None
        if major == 0:
            value: Any = number if number <= GREATEST else BigInt(number)
        elif major == 1:
            value = -1 - number if number < GREATEST else BigInt(-1 - number)
        elif major == 2 or major == 3:
            value = self.string(major, number)
        elif major == 4:
            return self.items(number, mark)
        elif major == 5:
            return self.mapping(number, mark, False)
        elif major == 6:
            value = self.tagged(number, mark)
        else:
            value = self.simple(low, number)
        if mark is not None:
            self.marks[mark] = value
        return value

    def simple(self, low: int, number: int) -> Any:
        if low == 20 or low == 21:
            return low == 21
        if low == 22 or low == 23:
            return None  # null and undefined
        if low == 25 or low == 26 or low == 27:
            return self.real(low)
        raise self.fail("a simple value that has no meaning here")

    def real(self, low: int) -> float:
        size, code = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}[low]
        value: float = struct.unpack_from(code, self.data, self.at - size)[0]
        return value

    def string(self, major: int, number: int) -> Any:
        if number >= 0:
            data = self.take(number)
        else:
            pieces = []
            while not self.is_end():
                of_piece, _, length = self.head()
                if of_piece != major or length < 0:
                    raise self.fail("a string of pieces that are none")
                piece = self.take(length)
                if major == 3:
                    self.decoded(piece)
                pieces.append(piece)
            data = b"".join(pieces)
        return data if major == 2 else self.decoded(data)

    def decoded(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise self.fail("a text that is not UTF-8") from None

    def is_end(self) -> bool:
        if self.at < len(self.data) and self.data[self.at] == 0xFF:
            self.at += 1
            return True
        return False

    def enter(self, number: int, of_each: int) -> None:
        if number * of_each > len(self.data) - self.at:
            raise self.fail(f"a container of {number}, for which there are not enough bytes")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"it is nested deeper than {DEEPEST} levels")

    def items(self, number: int, mark: Optional[int]) -> List[Any]:
        self.enter(number, 1)
        items: List[Any] = []
        if mark is not None:
            self.marks[mark] = items
        read = self.read
        if number >= 0:
            for _ in range(number):
                items.append(read())
        else:
            while not self.is_end():
                items.append(read())
        self.depth -= 1
        return items

    def mapping(self, number: int, mark: Optional[int], is_map: bool) -> Any:
        self.enter(number, 2)
        count = 0
        entries: Dict[Any, Any] = Map() if is_map else {}
        if mark is not None:
            self.marks[mark] = entries
        read = self.read
        while count < number if number >= 0 else not self.is_end():
            key = read()
            if type(key) is not str and not is_map:
                if mark is not None:
                    raise self.fail("a Map that is referred to, and is not marked as one")
                entries, is_map = Map(entries), True
            value = read()
            try:
                entries[key] = value
            except TypeError:
                raise self.fail(f"a Map with a key that a dict of Python's cannot have: {type(key).__name__}") from None
            count += 1
            if len(entries) != count:
                raise self.fail("two keys that are one for Python's dict")
        self.depth -= 1
        return entries

    def members(self, number: int) -> Any:
        members = self.items(number, None)
        try:
            found = set(members)
        except TypeError:
            raise self.fail("a Set with a member that a set of Python's cannot have") from None
        if len(found) != len(members):
            raise self.fail("two members that are one for Python's set")
        return found

    def tagged(self, tag: int, mark: Optional[int]) -> Any:
        if tag == 28:
            self.marks.append(_Cycle)
            self.mark = number = len(self.marks) - 1
            value = self.deeper()
            if self.marks[number] is _Cycle:
                self.marks[number] = value
            return value
        if tag == 29:
            return self.reference()
        start = self.at
        major, low, number = self.head()
        if tag == 2 or tag == 3:
            if major == 2:
                magnitude = int.from_bytes(self.string(2, number), "big")
                return BigInt(magnitude if tag == 2 else -1 - magnitude)
        elif tag == 1:
            if major == 0 or major == 1:
                return self.date(number if major == 0 else -1 - number)
            if major == 7 and 25 <= low <= 27:
                return self.date(self.real(low))
        elif tag == 0:
            if major == 3:
                return self.date_of_text(self.string(3, number))
        elif tag == 258:
            if major == 4:
                return self.members(number)
        elif tag == 259:
            if major == 5:
                return self.mapping(number, mark, True)
        elif tag == 27:
            if major == 4 and number == 2:
                return self.of_class()
        elif tag == 21066 or tag == 35:
            return self.regexp(tag, major, number)
        elif tag in _CODES or tag in _HALVES:
            if major == 2:
                return self.numbers(tag, self.string(2, number))
        elif tag == 55799:
            self.at = start
            self.mark = mark
            return self.deeper()
        else:
            raise self.fail(f"tag {tag}, which has no meaning here")
        raise self.fail(f"tag {tag} before a value of another kind")

    def deeper(self) -> Any:
        self.depth += 1
        if self.depth > 2 * DEEPEST:
            raise self.fail("it has too many tags, one in the other")
        value = self.read()
        self.depth -= 1
        return value

    def reference(self) -> Any:
        major, _, number = self.head()
        if major != 0 or number >= len(self.marks):
            raise self.fail("a reference to a value that was not marked before")
        value = self.marks[number]
        if value is _Cycle:
            raise self.fail("an object inside of itself, of a kind that cannot be so in Python")
        return value

    def date(self, seconds: Union[int, float]) -> Optional[datetime.datetime]:
        if seconds != seconds:
            return None  # an invalid date
        try:
            return _EPOCH + datetime.timedelta(milliseconds=round(seconds * 1000))
        except OverflowError:
            raise self.fail("a date that Python's datetime cannot hold") from None

    def date_of_text(self, text: str) -> datetime.datetime:
        try:
            date = datetime.datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        except ValueError:
            raise self.fail("a date that is not written as RFC 3339 has it") from None
        if date.tzinfo is None:
            raise self.fail("a date without a time zone")
        return date.astimezone(datetime.timezone.utc)

    def regexp(self, tag: int, major: int, number: int) -> RegExp:
        if tag == 35 and major == 3:
            return RegExp(self.string(3, number))
        if tag == 21066 and major == 4 and 1 <= number <= 2:
            parts = [self.read() for _ in range(number)]
            if all(type(part) is str for part in parts):
                return RegExp(*parts)
        raise self.fail("a regular expression that is none")

    def of_class(self) -> Any:
        name = self.read()
        value = self.deeper()
        if name in ("ArrayBuffer", "DataView") and type(value) is bytes:
            return value
        if type(name) is not str or type(value) is not dict:
            raise self.fail("an object of a class that is not known here")
        message, stack = value.pop("message", ""), value.pop("stack", "")
        return JSError(name, message if type(message) is str else "", stack if type(stack) is str else "", value)

    def numbers(self, tag: int, data: bytes) -> Any:
        if tag == 68:
            return data
        halves = _HALVES.get(tag)
        code, big = ("f", False) if halves else _CODES[tag]
        size = 2 if halves else array.array(code).itemsize
        if len(data) % size:
            raise self.fail("bytes that are no whole number of the array's items")
        if halves:
            return array.array("f", struct.unpack(f"{halves}{len(data) // 2}e", data))
        numbers = array.array(code)
        numbers.frombytes(data)
        if size > 1 and big != (sys.byteorder == "big"):
            numbers.byteswap()
        return numbers


def loads(data: bytes) -> Any:
    """The value. Raises CborError for what is none, and for what Python cannot hold."""
    if len(data) == 1:
        first = data[0]
        if first < 24:
            return first
        if first == 0xF6:
            return None
    reader = _Reader(data)
    try:
        value = reader.read()
    except RecursionError:
        raise reader.fail("it is nested deeper than Python's stack goes") from None
    if reader.at != len(data):
        raise reader.fail("there is more behind the value")
    return value
