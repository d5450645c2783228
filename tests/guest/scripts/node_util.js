// event: null
// printed: warn DeprecationWarning: do not
// result: ["a 1.5 42 {\"b\":1} [ 1 ] % more","x 1 { a: 1 }","{ a: [ 1, 'b' ], c: Map(1) { 1 => 2 } }","\"it's\"","mine","hi",true,"waited","failed",[null,2],["isDate","isRegExp","isMap","isSet","isWeakMap","isPromise","isProxy","isArrayBuffer,isAnyArrayBuffer","isTypedArray,isUint8Array,isArrayBufferView","isTypedArray,isUint8Array,isArrayBufferView","isDataView,isArrayBufferView","isNumberObject,isBoxedPrimitive","isStringObject,isBoxedPrimitive","isNativeError","isAsyncFunction","isGeneratorFunction",""],"red","x","\u001b[31m\u001b[1mx\u001b[22m\u001b[39m",false,2,[true,false,true,false,true,true,false,false,true,false,false,false],"ERR_ASSERTION","no error","ERR_ASSERTION","no error","ERR_ASSERTION","no error","no error","ERR_ASSERTION","no error","rejected","given","no error","ERR_ASSERTION","ERR_INVALID_ARG_TYPE"]
// util and assert, as Node.js has them.
import util, { callbackify, deprecate, format, inherits, inspect, isDeepStrictEqual, promisify, types } from "node:util";
import assert, { AssertionError, deepStrictEqual } from "node:assert";
import strict from "assert/strict";

export async function handler() {
    const code = (f) => { try { f(); return "no error"; } catch (error) { return error.code ?? error.name; } };
    function Base() {}
    Base.prototype.hi = () => "hi";
    function Derived() {}
    inherits(Derived, Base);
    const wait = promisify((value, done) => setTimeout(done, 1, null, value));
    const fail = promisify((done) => done(new Error("failed")));
    const answered = await new Promise((done) => callbackify(async (x) => x + 1)(1, (error, value) => done([error, value])));
    const kinds = [new Date(), /x/, new Map(), new Set(), new WeakMap(), Promise.resolve(), new Proxy({}, {}), new ArrayBuffer(1), new Uint8Array(1),
        Buffer.from("x"), new DataView(new ArrayBuffer(1)), Object(1), Object("s"), new Error("e"), async () => {}, function* () {}, {}];
    const asked = ["isDate", "isRegExp", "isMap", "isSet", "isWeakMap", "isPromise", "isProxy", "isArrayBuffer", "isTypedArray", "isUint8Array", "isDataView",
        "isNumberObject", "isStringObject", "isNativeError", "isAsyncFunction", "isGeneratorFunction", "isBoxedPrimitive", "isAnyArrayBuffer", "isArrayBufferView"];
    return [
        format("%s %d %i %j %O %%", "a", 1.5, "42px", { b: 1 }, [1], "more"), format("x", 1, { a: 1 }), inspect({ a: [1, "b"], c: new Map([[1, 2]]) }),
        inspect("it's"), inspect({ [inspect.custom]: () => "mine" }), new Derived().hi(), Derived.super_ === Base,
        await wait("waited"), await fail().catch((error) => error.message), answered,
        kinds.map((value) => asked.filter((name) => types[name](value)).join()),
        util.stripVTControlCharacters("\u001b[31mred\u001b[39m"), util.styleText("red", "x"), util.styleText(["red", "bold"], "x", { validateStream: false }), util.types.isDate(Object.create(Date.prototype)),
        deprecate((x) => x + 1, "do not")(1),
        [[{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }], [0, -0], [NaN, NaN], [[1], ["1"]], [new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]])], [new Set([1, [2]]), new Set([1, [2]])],
            [new Date(1), new Date(2)], [new Error("a"), new Error("b")], [Buffer.from("a"), Buffer.from("a")], [{ a: undefined }, {}], [Object(1), Object(2)], [/a/g, /a/i]]
            .map(([one, other]) => isDeepStrictEqual(one, other)),
        code(() => assert(0)), code(() => assert.equal(1, "1")), code(() => assert.strictEqual(1, "1")), code(() => deepStrictEqual({ a: 1 }, { a: 1 })),
        code(() => strict.deepEqual([1], ["1"])), code(() => assert.deepEqual([1], ["1"])), code(() => assert.throws(() => { throw new TypeError("x"); }, TypeError)),
        code(() => assert.throws(() => {})), code(() => assert.match("abc", /b/)), await assert.rejects(async () => { throw new Error("x"); }, /x/).then(() => "rejected"),
        new AssertionError({ actual: 1, expected: 2, operator: "strictEqual", message: "given" }).code === "ERR_ASSERTION" && new AssertionError({ message: "given" }).message, code(() => assert.ok(1)), code(() => assert.notStrictEqual(1, 1)), code(() => promisify(1)),
    ];
}
