"""Values beyond JSON, through a guest."""

import array
import asyncio
import datetime
import decimal
import math
import random

import curfew
import pytest

UTC = datetime.timezone.utc
ECHO = {"main": "export const handler = (value) => value", "text": "export const handler = (value) => String(value)"}


@pytest.fixture(scope="module")
def echo():
    with curfew.Sandbox(ECHO) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1.5,
        2**53,
        math.inf,
        "W\u00f6rld \U0001f30d",
        b"\x00\xff",
        [1, [b"two"], {"three": None}],
        {},
        {1, "two"},
        curfew.Map({1: "a", "b": {2}}),
        curfew.BigInt(7),
        curfew.BigInt(-(2**200)),
        datetime.datetime(2026, 11, 26, 10, 15, 30, 123000, tzinfo=UTC),
        datetime.datetime(1912, 6, 23, tzinfo=UTC),
        array.array("d", [1.5, -0.25]),
        array.array("h", [-3, 4]),
        curfew.RegExp("a+", "gi"),
    ],
)
def test_values_come_back_as_they_went(echo, value):
    back = echo.call("main", value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize(
    "value, seen, back",
    [
        (2**60, "1152921504606846976", curfew.BigInt(2**60)),
        (decimal.Decimal("12"), "12", curfew.BigInt(12)),
        (curfew.undefined, "undefined", None),
        ((1, 2), "1,2", [1, 2]),
        (frozenset({1}), "[object Set]", {1}),
        ({1: 2}, "[object Map]", curfew.Map({1: 2})),
        (bytearray(b"ab"), "97,98", b"ab"),
        (memoryview(b"ab"), "97,98", b"ab"),
        (3.0, "3", 3),
        (ValueError("no"), "ValueError: no", None),
    ],
)
def test_what_python_has_more_kinds_of(echo, value, seen, back):
    assert echo.call("text", value) == seen
    if back is not None or value is curfew.undefined:
        assert echo.call("main", value) == back


def test_nan_passes(echo):
    assert math.isnan(echo.call("main", math.nan))


@pytest.mark.parametrize(
    "value, said",
    [
        (object(), "object has no counterpart"),
        (datetime.datetime(2026, 1, 1), "time zone"),
        ("\ud800", "surrogate"),
        (decimal.Decimal("1.5"), "whole number"),
        ([[print]], "counterpart"),
    ],
)
def test_what_cannot_pass_is_refused(echo, value, said):
    with pytest.raises(curfew.InvalidArgument, match=said):
        echo.call("main", value)


def test_objects_are_shared(echo):
    inner = {"x": [1]}
    back = echo.call("main", {"a": inner, "b": inner})
    assert back["a"] is back["b"]
    around = [1]
    around.append(around)
    back = echo.call("main", around)
    assert back[1] is back


@pytest.mark.parametrize("program", ["new Map([[[1], 2]])", "new Set([[1]])", "new Map([[1, 'a'], [1n, 'b']])", "new Date(8e15)"])
def test_what_python_cannot_hold_is_an_error(echo, program):
    with pytest.raises(curfew.HandlerError, match="Python cannot hold"):
        echo.run(program)
    assert echo.run("1") == 1


def test_results_of_programs(echo):
    assert echo.run("undefined") is None
    assert echo.run("new Date(NaN)") is None
    assert echo.run("new Float64Array([1])") == array.array("d", [1.0])
    assert echo.run("new Uint8Array([7]).buffer") == b"\x07"
    thrown = echo.run("Object.assign(new RangeError('far'), { cause: 7n })")
    assert (thrown.name, thrown.message, thrown.fields["cause"]) == ("RangeError", "far", 7)


def test_tools_take_and_give_values():
    seen = []

    def take(*values):
        seen.extend(values)
        return {"when": datetime.datetime(2026, 1, 1, tzinfo=UTC), "tags": {"a"}, "big": 2**70, "raw": [b"x"]}

    script = """
        import { take } from 'host:tools';
        const got = take(new Date(0), 7n, new Set([1]), undefined, new Uint8Array([1, 2]));
        return [got.when instanceof Date, got.tags instanceof Set, typeof got.big, got.raw[0] instanceof Uint8Array];"""
    with curfew.Sandbox(tools={"take": take}) as sandbox:
        assert sandbox.run(script) == [True, True, "bigint", True]
    assert seen == [datetime.datetime(1970, 1, 1, tzinfo=UTC), 7, {1}, None, b"\x01\x02"]


def test_async_tools_and_waiting_calls_take_and_give_values():
    async def later(value):
        return value | {2}

    async def main():
        script = {"main": "import { later } from 'host:tools'; export const handler = (set) => later(set)"}
        async with curfew.AsyncSandbox.create(script, tools={"later": later}) as sandbox:
            return await sandbox.call("main", {1})

    assert asyncio.run(main()) == {1, 2}
    waits = {"main": "import { ask } from 'host:tools'; export const handler = async (when) => [when, await ask()]"}
    with curfew.Sandbox(waits, deferred=["ask"]) as sandbox:
        when = datetime.datetime(2026, 1, 1, tzinfo=UTC)
        with sandbox.begin("main", when):
            saved = sandbox.snapshot()
    with curfew.Sandbox.from_snapshot(saved) as other:
        pending = other.go_on()
        pending.resume(pending.open_calls[0], {b"x"})
        assert pending.result() == [when, {b"x"}]


def test_pools_pass_values():
    with curfew.Sandbox(ECHO) as sandbox:
        saved = sandbox.snapshot()
    with curfew.Pool(saved, size=1) as pool:
        assert pool.call("main", {1, b"two"}) == {1, b"two"}


def test_json_where_that_is_asked_for():
    with curfew.Sandbox(ECHO, values="json", tools={"f": lambda value: value}) as sandbox:
        assert sandbox.call("main", {"a": [1]}) == {"a": [1]}
        assert sandbox.run("import { f } from 'host:tools'; f({ a: 1 })") == {"a": 1}
        with pytest.raises(curfew.InvalidArgument):
            sandbox.call("main", b"bytes")
    with pytest.raises(curfew.InvalidArgument, match="cbor"):
        curfew.Sandbox(values="pickle")


def a_value(chance, depth=0):
    kind = chance.randrange(14 if depth < 4 else 10)
    if kind < 10:
        return [
            None,
            True,
            chance.randint(-(10**6), 10**6),
            chance.random() * 1e10,
            "text " * chance.randint(0, 60),
            b"bytes" * chance.randint(0, 60),
            curfew.BigInt(chance.getrandbits(chance.randint(1, 200))),
            datetime.datetime.fromtimestamp(chance.randint(-(10**9), 10**9), UTC),
            curfew.RegExp("a" * chance.randint(1, 5), "g"),
            array.array("i", [chance.randint(-9, 9)] * chance.randint(0, 5)),
        ][kind]
    many = range(chance.randint(0, 5))
    if kind == 10:
        return [a_value(chance, depth + 1) for _ in many]
    if kind == 11:
        return {f"key{i}": a_value(chance, depth + 1) for i in many}
    if kind == 12:
        return {chance.randint(2, 99) for _ in many}
    return curfew.Map({chance.randint(2, 99): a_value(chance, depth + 1) for _ in many})


def test_any_value_comes_back(echo):
    chance = random.Random(11)
    for _ in range(300):
        value = a_value(chance)
        assert echo.call("main", value) == value


def test_what_javascript_threw_is_told_piece_by_piece():
    script = {"main": "export function handler() {\n  throw new TypeError('no', { cause: Object.assign(new Error('why'), { n: 1 }) })\n}"}
    with curfew.Sandbox(script) as sandbox:
        with pytest.raises(curfew.HandlerError) as thrown:
            sandbox.call("main")
        details = thrown.value.details
        assert (details["name"], details["message"], details["file"], details["line"]) == ("TypeError", "no", "main.js", 2)
        assert thrown.value.cause["message"] == "why" and thrown.value.cause["value"] == {"n": 1}
        with pytest.raises(curfew.CompileError):
            sandbox.run("let = 1")
        with pytest.raises(curfew.StackOverflow):
            sandbox.run("const f = () => f() + 1; f()")
        with pytest.raises(curfew.NotRun):
            sandbox.call("main", limits=curfew.Limits(deadline="+1us"))
        with pytest.raises(curfew.InvalidArgument) as refused:
            sandbox.call("nobody")
        assert refused.value.details == {} and refused.value.cause is None
