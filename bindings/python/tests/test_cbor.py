"""CBOR, to and from Python's values, and what is hostile."""

import array
import datetime
import decimal
import math
import random

import pytest
from curfew import cbor

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    "value, written",
    [
        # Most of them of RFC 8949, appendix A.
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (100, "1864"),
        (1000, "1903e8"),
        (1000000, "1a000f4240"),
        (1000000000000, "1b000000e8d4a51000"),
        (2**53, "1b0020000000000000"),
        (2**53 + 1, "c24720000000000001"),
        (18446744073709551616, "c249010000000000000000"),
        (-18446744073709551617, "c349010000000000000000"),
        (-1, "20"),
        (-1000, "3903e7"),
        (1.1, "fb3ff199999999999a"),
        (1.0, "01"),
        (-0.0, "fb8000000000000000"),
        (math.inf, "fb7ff0000000000000"),
        (False, "f4"),
        (True, "f5"),
        (None, "f6"),
        (datetime.datetime(2013, 3, 21, 20, 4, 0, tzinfo=UTC), "c11a514b67b0"),
        (datetime.datetime(2013, 3, 21, 20, 4, 0, 500000, tzinfo=UTC), "c1fb41d452d9ec200000"),
        (b"\x01\x02\x03\x04", "4401020304"),
        ("IETF", "6449455446"),
        ("\u00fc\u6c34\U00010151", "69c3bce6b0b4f0908591"),
        ([1, [2, 3], [4, 5]], "8301820203820405"),
        ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
        ({1: 2}, "d90103a10102"),
        ({1}, "d901028101"),
        (cbor.BigInt(1), "c24101"),
        (cbor.RegExp("a+", "g"), "d9524a8262612b6167"),
        (array.array("H", [1, 2]), "d8454401000200"),
    ],
)
def test_values_are_written_and_read(value, written):
    assert cbor.dumps(value).hex() == written
    back = cbor.loads(bytes.fromhex(written))
    assert back == value and (isinstance(back, type(value)) or isinstance(value, float) or value == back)


@pytest.mark.parametrize(
    "written, value",
    [
        ("f93c00", 1.0),
        ("f7", None),
        ("fa47c35000", 100000.0),
        ("f97e00", None),  # NaN
        ("c074323031332d30332d32315432303a30343a30305a", datetime.datetime(2013, 3, 21, 20, 4, tzinfo=UTC)),
        ("c1fb7ff8000000000000", None),  # an invalid date
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("d9d9f701", 1),
        ("d8236161", cbor.RegExp("a")),
        ("1b0020000000000001", 2**53 + 1),
        ("3bffffffffffffffff", -(2**64)),
        ("d8414400010002", array.array("H", [1, 2])),
        ("d8544400380038", array.array("f", [0.5, 0.5])),
        ("d81b826b417272617942756666657241aa", b"\xaa"),
        ("d81b8269547970654572726f72a1676d657373616765626e6f", cbor.JSError("TypeError", "no", "", {})),
        ("d90103a101f6", {1: None}),
    ],
)
def test_more_forms_are_read(written, value):
    back = cbor.loads(bytes.fromhex(written))
    assert back == value or (value is None and (back is None or back != back))


def test_what_is_shared_is_shared():
    inner = [1]
    back = cbor.loads(cbor.dumps([inner, {"x": inner}, inner]))
    assert back == [[1], {"x": [1]}, [1]]
    assert back[0] is back[1]["x"] is back[2]
    around = {"list": [1]}
    around["self"] = around
    around["list"].append(around["list"])
    back = cbor.loads(cbor.dumps(around))
    assert back["self"] is back and back["list"][1] is back["list"]


@pytest.mark.parametrize(
    "value, said",
    [
        (object(), "object has no counterpart"),
        ([{"a": datetime.date(2000, 1, 1)}], "date has no counterpart"),
        (datetime.datetime(2000, 1, 1), "time zone"),
        ("\ud800", "surrogate"),
        (decimal.Decimal("1.5"), "whole number"),
        (decimal.Decimal("NaN"), "whole number"),
        (decimal.Decimal("1e1000000"), "digits"),
        (array.array("u", "ab"), "no counterpart"),
        (1j, "complex"),
    ],
)
def test_what_has_no_counterpart_is_refused(value, said):
    with pytest.raises(cbor.CborError, match=said):
        cbor.dumps(value)


def test_further_classes_are_written():
    class Name(str):
        pass

    assert cbor.loads(cbor.dumps([Name("a"), (1, 2), decimal.Decimal(7), bytearray(b"x"), memoryview(b"y"), frozenset({1})])) == [
        "a",
        [1, 2],
        7,
        b"x",
        b"y",
        {1},
    ]
    assert cbor.loads(cbor.dumps(ValueError("no"))) == cbor.JSError("ValueError", "no", "", {})
    assert cbor.loads(cbor.dumps(cbor.JSError("RangeError", "far", "at x", {"cause": 1}))).fields == {"cause": 1}
    assert type(cbor.loads(cbor.dumps(cbor.Map(a=1)))) is cbor.Map
    assert cbor.dumps([cbor.undefined, None]).hex() == "82f7f6"
    assert not cbor.undefined and repr(cbor.undefined) == "curfew.undefined"


def test_depth_is_bounded():
    deep = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(cbor.CborError, match="deeper"):
        cbor.dumps(deep)
    for begin in (b"\x81", b"\xa1\x61a", b"\xd8\x1c", b"\xd9\xd9\xf7", b"\xd9\x01\x02\x81", b"\x9f"):
        with pytest.raises(cbor.CborError, match="deeper|too many"):
            cbor.loads(begin * 100_000 + b"\x01")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "18",
        "1c",
        "5bffffffffffffffff",
        "9bffffffffffffffff",
        "bb7fffffffffffffff",
        "61ff",
        "f0",
        "f8ff",
        "ff",
        "0000",
        "c301",
        "d81d00",
        "d81c82d81d00",
        "d9010281d81d05",
        "a2616101616102",
        "d90103a2010101f5",
        "d90103a18001",
        "d901028180",
        "d90102820101",
        "d8454101",
        "d84b4101",
        "c06161",
        "d9524a8101",
        "d81b820102",
        "d81b8263466f6f01",
        "d8640000",
        "5f01ff",
        "d81cd9010281d81d00",
        "c11b7fffffffffffffff",
    ],
)
def test_what_is_none_is_refused(written):
    with pytest.raises(cbor.CborError):
        cbor.loads(bytes.fromhex(written))


def test_whatever_comes_is_a_value_or_refused():
    chance = random.Random(7)
    seeds = [
        cbor.dumps(value)
        for value in (
            [1, "two", {"a": [b"bytes", None]}],
            {1: {2, 3}, "b": datetime.datetime(2000, 1, 1, tzinfo=UTC)},
            [cbor.RegExp("a", "b"), array.array("d", [1.5]), 2**70, cbor.JSError("Error", "m", "s", {"x": 1})],
        )
    ]
    for _ in range(20_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        try:
            cbor.loads(bytes(data))
        except cbor.CborError:
            pass
