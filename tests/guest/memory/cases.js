// Things to do while memory runs out: each handler-like function does a bit of everything of its kind, and throws nothing
// but what it was not prepared for.
const cases = {
objects() { const o = {}; for (let i = 0; i < 40; i++) o["k" + i] = { a: i, [i]: o, pad: i, get g() { return 1 } }; delete o.k3; delete o.k4; for (let i=0;i<30;i++) delete o["k"+i]; Object.freeze(o); return Object.entries(o).length + Object.assign({}, o, {z: 1}).z; },
grow() { const k = [new ArrayBuffer(1000)]; for (let i = 0; i < 60; i++) k.push({ a: i, [i]: k, pad: 3 }); return k.length; },
arrays() { let a = [1, 2, 3, ...[4, 5]]; for (let i = 0; i < 100; i++) a.push([i]); a = a.concat(a).slice(3).map(x => [x]).filter(x => x).flat().reverse(); a.splice(5, 3, 1, 2, 3, 4, 5); a[1000] = 1; a.unshift(4); return Array.from({ length: 20 }, (_, i) => ({ i })).length + a.toSorted().length + [..."abc"].length; },
strings() { let s = ""; for (let i = 0; i < 50; i++) s += i + "\u{1f600}x"; s = s.repeat(5).replace(/1/g, "$&$&").split("x").join("-").toUpperCase().padEnd(4000).normalize("NFD"); const w = "é".normalize("NFD") + s.at(3) + s.replaceAll("2", m => m + m); return (s + w).localeCompare(s) + encodeURIComponent(s.slice(0, 30)).length + String.raw`a${1}b`.length; },
regexps() { const r = /(?<y>\d+)-(?<m>[a-z\u0400-\u04ff]*)|(a|b)+?c/giu; let n = 0; for (const m of "12-ab 34-cd aabac".matchAll(r)) n += m.length + (m.groups.y || "").length; const s = new RegExp("[^" + "abc".repeat(20) + "]{2,5}(?=x)(?<!y)\\p{L}", "u"); return n + s.test("zzxzzz") + "abc".replace(/(b)/, "[$1]").length + s.source.length + /[\p{Lu}--[A-Z]]/v.test("a"); },
closures() { const fs = []; for (let i = 0; i < 30; i++) { let j = i; fs.push(() => j++ + i, function () { return arguments.length + j }); } const b = fs[0].bind(null, 1); return fs.reduce((s, f) => s + f(1, 2), 0) + b(); },
generators() { function* g(n) { try { for (let i = 0; i < n; i++) yield* [i, { i }] } finally { n = 0 } } let c = 0; for (const x of g(20)) { c++; if (c > 30) break } const [a, ...r] = g(5); return c + r.length + [...g(3)].length + Iterator.from(g(4)).map(x => x).take(3).toArray().length; },
async promises() { const sleep = async (x) => { await null; return { x } }; const all = await Promise.all([1, 2, 3].map(sleep)); await Promise.allSettled([sleep(1), Promise.reject(new Error("x"))]); await Promise.race([sleep(1), sleep(2)]); try { await Promise.any([sleep(1)]) } catch (e) { throw e instanceof AggregateError ? e.errors[0] : e } try { await (async () => { throw new TypeError("t") })() } catch (e) { if (e.message === "out of memory") throw e } const { promise, resolve } = Promise.withResolvers(); resolve(1); await promise.then(x => x).finally(() => { }); return all.length },
async asyncgen() { async function* g() { for (let i = 0; i < 8; i++) { yield i; await i } } let n = 0; for await (const x of g()) n += x; for await (const x of [sleepy(1), 2]) n += x; async function sleepy(x) { await 0; return x } return n },
json() { const o = JSON.parse('{"a":[1,2.5,{"b":"c\\u00e9\\n","d":null}],"k":"' + "x".repeat(200) + '","z":{"y":{"x":[[],[[]]]}}}', (k, v) => v); return JSON.stringify([o, o, new Date(0), { toJSON() { return { t: 1 } } }, "\ud800"], null, 2).length + JSON.stringify({ a: [1n + "", true] }, ["a"]).length; },
maps() { const m = new Map(); for (let i = 0; i < 60; i++) m.set("k" + i, { i }); const s = new Set(m.keys()); s.union(new Set([1])); const w = new WeakMap(); const keys = []; for (let i = 0; i < 20; i++) { const k = {}; keys.push(k); w.set(k, { k }) } const ws = new WeakSet(keys); const wr = new WeakRef(keys[0]); const fr = new FinalizationRegistry(() => { }); fr.register(keys[1], 1); const gr = Map.groupBy([1, 2, 3], x => x % 2); return m.size + [...m.entries()].length + gr.size + Object.groupBy([1, 2], x => "k" + x).k1.length + (wr.deref() === keys[0]) },
typed() { const b = new ArrayBuffer(64, { maxByteLength: 4096 }); b.resize(2000); const u = new Uint8Array(b); const f = Float64Array.from([1, 2, 3], x => x * 2); const d = new DataView(b); d.setFloat64(0, 1.5); return u.slice(0, 100).length + f.map(x => x).toSorted((a, b) => b - a).length + new Int16Array([1, 2, 3]).subarray(1).length + b.slice(5).byteLength + b.transfer(100).byteLength + u.length + f.join().length + Uint8Array.from([1,2,3]).toBase64?.().length },
classes() { class A { #p = 1; static s = [1]; static #q() { return 2 } static { this.z = A.#q() } get p() { return this.#p } set p(v) { this.#p = v } x = { y: 1 }; ["c" + 1]() { return 3 } } class B extends A { constructor() { super(); this.w = new.target.name } toString() { return super.toString() + this.p } } const o = []; for (let i = 0; i < 10; i++) o.push(new B()); class E extends Error { constructor(m) { super(m, { cause: o }) } } return String(o[3]).length + new E("x").message.length + Symbol("q").toString().length },
errors() { const out = []; const f = (n) => n ? f(n - 1) : (() => { throw new RangeError("deep") })(); for (let i = 0; i < 3; i++) try { f(10) } catch (e) { if (e.message === "out of memory") throw e; out.push(e.stack) } try { null.x } catch (e) { if (e.message === "out of memory") throw e; out.push(e.stack, String(e)) } try { undefinedName } catch (e) { if (e.message === "out of memory") throw e; out.push(e.stack) } out.push(new AggregateError([1], "m").errors); const o = {}; Error.captureStackTrace?.(o); try { JSON.parse("{bad") } catch (e) { if (e.message === "out of memory") throw e; out.push(e.stack) } return out.length },
templates() { const t = (s, ...v) => s.raw.join("|") + v.join(); let r = ""; for (let i = 0; i < 10; i++) r += t`a${i}b${{ i }}c` + `x${i}y${r.length}`; return r.length },
sorts() { const a = []; for (let i = 0; i < 150; i++) a.push({ v: (i * 7919) % 151, s: "s" + i }); a.sort((x, y) => x.v - y.v); return a.map(x => x.s).sort().length + [3, 1, 2].toSorted().length + [10, 9, 1].sort()[0] },
evals() { const f = new Function("a", "b", "let x = [a, b]; return function g(y) { switch (y) { case 1: return x; default: return { ...x, a, y } } }"); const g = f(1, 2); return eval("let q = 5; (() => q + g(1).length)()") + (0, eval)("var zz9 = 1; zz9") + new Function("...r", "for (const x of r) { try { if (x > 1) continue } finally { x } } return `t${r}` + (r?.[0] ?? 1) + /a(b)/.source")(1, 2).length },
syntax() { let n = 0; for (const s of ["let x = ;", "function f( {", "class A { constructor(){} constructor(){} }", "`abc", "/(/", "a => { return", "'\\u{zz}'", "import x", "let a; let a;"]) try { new Function(s); } catch (e) { if (e.message === "out of memory") throw e; if (!(e instanceof SyntaxError)) throw e; n++ } return n },
proxies() { const p = new Proxy({ a: 1 }, { get: (t, k, r) => Reflect.get(t, k, r), ownKeys: t => Reflect.ownKeys(t), getOwnPropertyDescriptor: (t, k) => Reflect.getOwnPropertyDescriptor(t, k), has: () => true, set: Reflect.set, defineProperty: Reflect.defineProperty }); p.b = { c: 1 }; const r = Proxy.revocable(() => 1, {}); return Object.keys({ ...p }).length + ("z" in p) + r.proxy() + Reflect.construct(Date, [0]).getTime() + Object.getOwnPropertyNames(p).length },
bigints() { let b = 1n; for (let i = 1n; i < 40n; i++) b *= i + 12345678901234567890n; return b.toString().length + BigInt.asUintN(200, b ** 3n).toString(16).length + Number(b % 1000n) + BigInt("0x" + "f".repeat(50)).toString(7).length + (b >> 5n < b) + parseFloat("1.5e" + "1".repeat(2)) + (-b / 7n).toLocaleString().length },
dates() { const d = new Date(2020, 1, 2); return d.toISOString().length + d.toString().length + Date.parse("2020-01-01T00:00:00Z") + (123.456).toFixed(20).length + (1e21 + 5).toString(3).length + d.toLocaleDateString().length + Number("  12  ") },
destructure() { const { a, b: [c, d = { e: 1 }], ...rest } = { a: 1, b: [2], x: 3, y: { z: 1 } }; const f = ({ p = [1, 2] } = {}, ...args) => [...p, ...args, ...Object.keys(rest)]; label: for (const k in { q: 1, w: 2, __proto__: { e: 3 } }) { for (const i of [1, 2]) continue label } return f(undefined, 1, 2, a, c, d).length },
symbols() { const o = { [Symbol.iterator]: function* () { yield 1 }, [Symbol.toPrimitive]: () => "p", get [Symbol.toStringTag]() { return "T" } }; return [...o].length + `${o}`.length + Object.prototype.toString.call(o).length + Symbol.for("x" + 1).description.length + Object.getOwnPropertySymbols(o).length },
globals() { for (let i = 0; i < 20; i++) globalThis["g" + i] = { i }; Object.defineProperty(globalThis, "gg", { get() { return 1 }, configurable: true }); const r = gg; for (let i = 0; i < 20; i++) delete globalThis["g" + i]; delete globalThis.gg; return r },
cycles() { for (let i = 0; i < 50; i++) { const a = { i }, b = { a }; a.b = b; a.f = () => b; const m = new Map([[a, b]]); a.m = m; a.p = new Promise(() => a); } return 1 },
    // What Curfew adds.
    clones() { const o = { a: [1, new Map([[1, new Set([2])]])], d: new Date(1), r: /x(y)/g, e: new RangeError("m"), b: new ArrayBuffer(50), t: new Uint16Array([1, 2]) }; o.self = o; const c = structuredClone(o); structuredClone(o.b, { transfer: [o.b] }); return c.a[1].get(1).size + c.t.length },
    texts() { const s = "a\u00e9\u{1f600}".repeat(100); const b = new TextEncoder().encode(s); return new TextDecoder().decode(b).length + new TextDecoder("utf-16le").decode(b).length + crypto.randomUUID().length + crypto.getRandomValues(new Uint8Array(8)).length + btoa("abc").length + atob("YWJj").length },
    prints() { console.log("text %s %o", { a: [1, { b: 2 }] }, new Map([[1, { a: 1 }]]), new Error("shown"), [1, , 3], Symbol("s"), () => 1, class A {}, new Proxy({}, {})); console.error(new Set(["x"])); return 1 },
    async timers() { const order = []; for (let i = 0; i < 20; i++) setTimeout((x) => order.push(x, { x }), i % 3, i); queueMicrotask(() => order.push(-1)); await new Promise((resolve) => setTimeout(resolve, 4)); return order.length },
    async imports() { try { await import("curfew:no-such-module" + Math.random()) } catch (e) { if (e.message === "out of memory") throw e; return 1 } return 0 },
    strings_from_bytes() { return String.bytesFrom?.("aGVsbG8=", "base64")?.length ?? 1 },
    deep() { const f = (n) => n ? { n, f: f(n - 1) } : null; return JSON.stringify(f(300)).length + JSON.parse("[".repeat(200) + "]".repeat(200)).length },
    many_keys() { const o = {}; for (let i = 0; i < 400; i++) o["key" + i] = i; const m = { ...o }; for (let i = 0; i < 399; i++) delete o["key" + i]; return Object.keys(m).length + Object.keys(o).length },
    splits() { return "a,b,c,d".repeat(200).split(",").length + [..."abcdef".repeat(100)].length + Object.entries({ a: 1, b: 2 }).length + new Array(500).fill(0).map((_, i) => "v" + i).join().length },
};

const isOutOfMemory = (thrown) =>
    thrown instanceof Error && thrown.name === "InternalError" && thrown.message === "out of memory";

const shown = (thrown) => typeof thrown + " " + (typeof thrown === "object" && thrown ? thrown.name + ": " + thrown.message : String(thrown));

let kept = null;

// Fills the heap but for `hole` bytes in one piece and `nodes` small objects.
function fill(hole, nodes) {
    kept = null;
    let slack = hole > 0 ? new ArrayBuffer(hole) : null;
    for (let size = nodes ? 0 : 1 << 20; size >= 512; size >>= 1) {
        try {
            for (;;) kept = { kept, buffer: new ArrayBuffer(size) };
        } catch (thrown) {
            if (!isOutOfMemory(thrown)) throw "filling: " + shown(thrown);
        }
    }
    try {
        for (let i = 0; ; ++i) kept = { kept, text: "text " + i };
    } catch (thrown) {
        if (!isOutOfMemory(thrown)) throw "filling: " + shown(thrown);
    }
    slack = null;
    while (nodes-- > 0 && kept) kept = kept.kept;
}

// Does it until memory runs out, keeping some of what comes of it.
async function exhaust(run) {
    const all = [];
    for (let i = 0; i < 100_000; ++i) {
        all.push([i, { i, [i]: all }, await run()]);
        all.push(new ArrayBuffer(20_000));
    }
    throw "it never ran out of memory";
}

async function handler({ name, way, hole = 0, nodes = 0 }) {
    const run = cases[name];
    try {
        if (way === "free") kept = null;
        else if (way === "exhaust") await exhaust(run);
        else fill(hole, nodes);
        await run();
        return "done";
    } catch (thrown) {
        if (!isOutOfMemory(thrown)) return "caught " + shown(thrown);
        return "out of memory";
    }
}

function names() {
    return Object.keys(cases);
}
