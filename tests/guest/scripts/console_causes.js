// event: null
// printed: error Error: outer\n    at handler (console_causes.js:17:47) {\n  [cause]: RangeError: inner\n      at handler (console_causes.js:15:23) {\n    code: 'E_INNER',\n    [cause]: 5\n  }\n}
// printed: error AggregateError: many\n    at handler (console_causes.js:18:43) {\n  [cause]: null,\n  [errors]: [\n    Error: a\n        at handler (console_causes.js:18:43),\n    5,\n    { b: 1 }\n  ]\n}
// printed: error Error: cyclic\n    at handler (console_causes.js:19:24) {\n  [cause]: Error: between\n      at handler (console_causes.js:20:83) {\n    [cause]: [Circular]\n  }\n}
// printed: error 40
// printed: error RangeError: inner\n    at handler (console_causes.js:15:23) { code: 'E_INNER' }
// printed@node: error Error: outer\n    at handler (console_causes.js:17:19) {\n  [cause]: RangeError: inner\n      at handler (console_causes.js:15:19) {\n    code: 'E_INNER',\n    [cause]: 5\n  }\n}
// printed@node: error AggregateError: many\n    at handler (console_causes.js:18:19) {\n  [cause]: null,\n  [errors]: [\n    Error: a\n        at handler (console_causes.js:18:39),\n    5,\n    { b: 1 }\n  ]\n}
// printed@node: error <ref *1> Error: cyclic\n    at handler (console_causes.js:19:20) {\n  [cause]: Error: between\n      at handler (console_causes.js:20:53) {\n    [cause]: [Circular *1]\n  }\n}
// printed@node: error 40
// printed@node: error RangeError: inner\n    at handler (console_causes.js:15:19) {\n  code: 'E_INNER',\n  [cause]: [Getter]\n}
// result: null
// Errors are printed with what caused them.
export function handler() {
    const inner = new RangeError("inner", { cause: 5 });
    inner.code = "E_INNER";
    console.error(new Error("outer", { cause: inner }));
    console.error(new AggregateError([new Error("a"), 5, { b: 1 }], "many", { cause: null }));
    const cyclic = new Error("cyclic");
    Object.defineProperty(cyclic, "cause", { value: new Error("between", { cause: cyclic }) });
    console.error(cyclic);
    console.error(new AggregateError(Array.from({ length: 40 }, (_, i) => i % 2 ? i : new TypeError("t"))).errors.length);
    Object.defineProperty(inner, "cause", { get() { throw 1; } });
    console.error(inner);
    return null;
}
