// result: []
// error@node: DataCloneError: #<Object> could not be cloned.
const wrong = [];
const check = (what, right) => {
    if (!right) wrong.push(what);
};
const is = (what, value) => check(what, Object.is(structuredClone(value), value));

function primitives() {
    for (const value of [undefined, null, true, 0, -0, NaN, 1.5, 12345678901234567890n, "text", "\ud800"]) is(String(value), value);
    for (const value of [true, -0, "text", 7n]) {
        const boxed = Object(value);
        boxed.extra = 1;
        const clone = structuredClone(boxed);
        check(`boxed ${String(value)}`, typeof clone === "object" && clone !== boxed && Object.is(clone.valueOf(), value) &&
            Object.getPrototypeOf(clone) === Object.getPrototypeOf(boxed) && clone.extra === undefined);
    }
}

function objects() {
    const source = { a: 1, b: { c: [1, , 3] }, [Symbol("s")]: 1, get got() { return this.a + 1; }, __proto__: { inherited: 1 } };
    Object.defineProperty(source, "hidden", { value: 1, enumerable: false });
    Object.defineProperty(source, "fixed", { value: 2, enumerable: true, writable: false });
    Object.defineProperty(source, "__proto__", { value: "own", enumerable: true });
    const clone = structuredClone(source);
    check("keys", Object.keys(clone).join() === "a,b,got,fixed,__proto__" && clone.inherited === undefined);
    check("own __proto__", Object.getPrototypeOf(clone) === Object.prototype && Object.getOwnPropertyDescriptor(clone, "__proto__").value === "own");
    check("getter's value", Object.getOwnPropertyDescriptor(clone, "got").value === 2);
    check("fixed", Object.getOwnPropertyDescriptor(clone, "fixed").writable);
    check("holes", clone.b.c.length === 3 && !(1 in clone.b.c) && clone.b.c !== source.b.c);
    const array = Object.assign([1, 2], { name: "x" });
    array.length = 5;
    const copy = structuredClone(array);
    check("array", Array.isArray(copy) && copy.length === 5 && copy.name === "x" && copy[1] === 2);
    check("arguments", JSON.stringify(structuredClone((function () { return arguments; })(1, 2))) === '{"0":1,"1":2}');
    check("instance", Object.getPrototypeOf(structuredClone(new (class A { x = 1; })())) === Object.prototype);
    const removes = { get first() { delete this.second; return 1; }, second: 2 };
    check("removed by a getter", Object.keys(structuredClone(removes)).join() === "first");
}

function identity() {
    const shared = { x: 1 };
    const cycle = { list: [shared, shared], map: new Map([[shared, "key"]]), set: new Set([shared]) };
    cycle.self = cycle;
    cycle.list.push(cycle.list);
    cycle.map.set("map", cycle.map);
    const clone = structuredClone(cycle);
    check("cycle", clone.self === clone && clone.list[2] === clone.list && clone.map.get("map") === clone.map);
    check("shared", clone.list[0] === clone.list[1] && clone.list[0] !== shared && clone.map.get(clone.list[0]) === "key" && clone.set.has(clone.list[0]));
    const many = Array.from({ length: 5000 }, (_, i) => ({ i }));
    const twice = structuredClone([many, [...many].reverse()]);
    check("many", twice[0].every((x, i) => x.i === i && x !== many[i] && twice[1][4999 - i] === x));
}

function kinds() {
    const date = structuredClone(new Date(86400000));
    check("date", date instanceof Date && date.getTime() === 86400000 && isNaN(structuredClone(new Date(NaN))));
    const source = /a(?<n>b)/giu;
    source.lastIndex = 3;
    const regexp = structuredClone(source);
    check("regexp", regexp !== source && regexp.source === "a(?<n>b)" && regexp.flags === "giu" && regexp.lastIndex === 0 && regexp.exec("xAB").groups.n === "B");
    const map = structuredClone(new Map([[1, { a: 1 }], ["b", [2]], [NaN, -0]]));
    check("map", map instanceof Map && JSON.stringify([...map]) === '[[1,{"a":1}],["b",[2]],[null,0]]');
    const set = structuredClone(new Set(["a", 1, { b: 2 }]));
    check("set", set instanceof Set && JSON.stringify([...set]) === '["a",1,{"b":2}]');
    class MyMap extends Map {}
    check("subclass", Object.getPrototypeOf(structuredClone(new MyMap())) === Map.prototype);
    // A collection that grows while it is cloned: the clone has what there was.
    const growing = new Map();
    growing.set("a", { get x() { growing.set("late", 1); return 1; } });
    check("growing", structuredClone(growing).size === 1);
}

function errors() {
    for (const Kind of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
        const error = new Kind("bad", { cause: { code: 7 } });
        error.extra = 1;
        const clone = structuredClone(error);
        check(Kind.name, clone instanceof Kind && Object.getPrototypeOf(clone) === Kind.prototype && clone.message === "bad" && clone.stack === error.stack &&
            clone.cause.code === 7 && clone.cause !== error.cause && clone.extra === undefined && Object.keys(clone).length === 0);
    }
    const named = new Error("x");
    named.name = "TypeError";
    check("by name", structuredClone(named) instanceof TypeError);
    named.name = "Mine";
    check("unknown name", Object.getPrototypeOf(structuredClone(named)) === Error.prototype);
    check("no message", !Object.hasOwn(structuredClone(new Error()), "message"));
    const dom = structuredClone(new DOMException("gone", "AbortError"));
    check("DOMException", dom instanceof DOMException && dom.name === "AbortError" && dom.message === "gone");
}

function buffers() {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const views = structuredClone({ buffer, part: new Uint8Array(buffer, 2, 3), words: new Uint16Array(buffer, 2, 2), view: new DataView(buffer, 1, 2) });
    check("buffer", views.buffer instanceof ArrayBuffer && views.buffer !== buffer && new Uint8Array(views.buffer).join() === "1,2,3,4,5,6,7,8");
    check("views share", views.part.buffer === views.buffer && views.words.buffer === views.buffer && views.view.buffer === views.buffer);
    check("view places", views.part.join() === "3,4,5" && views.words.join() === "1027,1541" && views.view.byteOffset === 1 && views.view.byteLength === 2);
    for (const Kind of [Int8Array, Uint8ClampedArray, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
        const clone = structuredClone(new Kind([1, 2, 3]));
        check(Kind.name, clone instanceof Kind && clone.join() === "1,2,3");
    }
    check("BigInt64Array", structuredClone(new BigInt64Array([1n, -2n])).join() === "1,-2");
    const resizable = new ArrayBuffer(4, { maxByteLength: 16 });
    const tracking = new Uint8Array(resizable);
    const clone = structuredClone(tracking);
    clone.buffer.resize(8);
    check("resizable", clone.length === 8 && tracking.length === 4 && clone.buffer.maxByteLength === 16);
}

function transfers() {
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const view = new Uint8Array(buffer);
    const { moved } = structuredClone({ moved: buffer }, { transfer: [buffer] });
    check("moved", buffer.byteLength === 0 && buffer.detached && new Uint8Array(moved).join() === "1,2,3");
    const kept = new ArrayBuffer(4);
    const refuse = (what, name, ...options) => {
        try {
            structuredClone(...options);
            wrong.push(what);
        } catch (e) {
            check(`${what}: ${e}`, e.name === name && !kept.detached);
        }
    };
    refuse("detached", "DataCloneError", null, { transfer: [buffer] });
    refuse("twice", "DataCloneError", null, { transfer: [kept, kept] });
    refuse("no buffer", "DataCloneError", null, { transfer: [{}] });
    refuse("no list", "TypeError", null, { transfer: 7 });
    refuse("fails later", "DataCloneError", { kept, f() {} }, { transfer: [kept] });
    refuse("a view of nothing", "DataCloneError", view);
}

export function handler() {
    primitives();
    objects();
    identity();
    kinds();
    errors();
    buffers();
    transfers();
    return wrong;
}
