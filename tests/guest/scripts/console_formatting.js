// event: null
// printed: log text 'nested' -0 1n true null undefined
// printed: log { a: 1, 'b-c': 'x', d: [ 1, <1 empty item>, 3 ], [Symbol(s)]: [Function: f] }
// printed: log [ [ [ [ [Array] ] ] ] ] { a: { b: { c: { d: [Object] } } } }
// printed: log [ 1, [Circular] ]
// printed: log Map(2) { 'k' => 1, { x: 1 } => [ 2 ] } Set(1) { 1 }
// printed: log 1970-01-01T00:00:00.000Z /a+/gi Invalid Date
// printed: log [Function: named] [Function (anonymous)] [class K] [AsyncFunction: g]
// printed: log K { field: 1 } [Object: null prototype] { x: 1 }
// printed: log Uint8Array(3) [ 1, 2, 3 ] ArrayBuffer { byteLength: 2 }
// printed: log Promise { <pending> } Promise { 1 } Promise { <rejected> 'no' }
// printed: log { value: [Getter], both: [Getter/Setter] }
// printed: log TypeError: bad\n    at handler (console_formatting.js:62:21)
// printed: log [ [TypeError: inside] ]
// printed: log hello world 42 3 {"a":1} 100% %s
// printed: log [Number: 1] [String: 'x'] Proxy { p: 1 }
// printed: log it's "it's" 'a\\nb'
// printed: log [ 'it\\'s "both"', "it's", 'line\\nbreak' ]
// printed: log [ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ... 900 more items ]
// printed: log [ 1, extra: true ]
// printed: log lone � half
// result: 0
// printed@node: log text 'nested' -0 1n true null undefined
// printed@node: log {\n  a: 1,\n  'b-c': 'x',\n  d: [ 1, <1 empty item>, 3 ],\n  Symbol(s): [Function: f]\n}
// printed@node: log [ [ [ [Array] ] ] ] { a: { b: { c: [Object] } } }
// printed@node: log <ref *1> [ 1, [Circular *1] ]
// printed@node: log Map(2) { 'k' => 1, { x: 1 } => [ 2 ] } Set(1) { 1 }
// printed@node: log 1970-01-01T00:00:00.000Z /a+/gi Invalid Date
// printed@node: log [Function: named] [Function (anonymous)] [class K] [AsyncFunction: g]
// printed@node: log K { field: 1 } [Object: null prototype] { x: 1 }
// printed@node: log Uint8Array(3) [ 1, 2, 3 ] ArrayBuffer { [Uint8Contents]: <00 00>, [byteLength]: 2 }
// printed@node: log Promise { <pending> } Promise { 1 } Promise { <rejected> 'no' }
// printed@node: log { value: [Getter], both: [Getter/Setter] }
// printed@node: log TypeError: bad\n    at handler (console_formatting.js:62:17)
// printed@node: log [\n  TypeError: inside\n      at handler (console_formatting.js:63:18)\n]
// printed@node: log hello world 42 3 {"a":1} 100% %s
// printed@node: log [Number: 1] [String: 'x'] { p: 1 }
// printed@node: log it's "it's" 'a\\nb'
// printed@node: log [ `it's "both"`, "it's", 'line\\nbreak' ]
// printed@node: log [\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,\n  1, 1, 1, 1,\n  ... 900 more items\n]
// printed@node: log [ 1, extra: true ]
// printed@node: log lone � half
async function handler() {
    class K {
        field = 1;
    }
    const cycle = [1];
    cycle.push(cycle);
    console.log("text", "'nested'".slice(0, 8), -0, 1n, true, null, undefined);
    console.log({ a: 1, "b-c": "x", d: [1, , 3], [Symbol("s")]: function f() {} });
    console.log([[[[[1]]]]], { a: { b: { c: { d: {} } } } });
    console.log(cycle);
    console.log(new Map([["k", 1], [{ x: 1 }, [2]]]), new Set([1]));
    console.log(new Date(0), /a+/gi, new Date(NaN));
    console.log(function named() {}, () => 1, K, async function g() {});
    console.log(new K(), Object.assign(Object.create(null), { x: 1 }));
    console.log(new Uint8Array([1, 2, 3]), new ArrayBuffer(2));
    const rejected = Promise.reject("no");
    rejected.catch(() => {});
    console.log(new Promise(() => {}), Promise.resolve(1), rejected);
    console.log({ get value() { return 1; }, get both() { return 1; }, set both(value) {} });
    console.log(new TypeError("bad"));
    console.log([new TypeError("inside")]);
    console.log("hello %s %d %i %j 100%% %s", "world", 42, 3.9, { a: 1 });
    console.log(new Number(1), new String("x"), new Proxy({ p: 1 }, {}));
    console.log("it's", '"it\'s"', "'a\\nb'");
    console.log(["it's \"both\"", "it's", "line\nbreak"]);
    console.log(new Array(1000).fill(1));
    console.log(Object.assign([1], { extra: true }));
    console.log("lone \ud800 half");
    return 0;
}
