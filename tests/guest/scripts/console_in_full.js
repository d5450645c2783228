// event: null
// printed: log T|1n
// printed: log 12 3 1.5 16
// printed: log ┌─────────┬───┬─────┬───────┐\n│ (index) │ a │ b   │ c     │\n├─────────┼───┼─────┼───────┤\n│ 0       │ 1 │ 'x' │       │\n│ 1       │ 2 │     │ [ 1 ] │\n└─────────┴───┴─────┴───────┘
// printed: log ┌─────────┬───┬────────┐\n│ (index) │ x │ Values │\n├─────────┼───┼────────┤\n│ 0       │   │ 1      │\n│ 1       │   │ 'two'  │\n│ 2       │ 3 │        │\n└─────────┴───┴────────┘
// printed: log ┌───────────────────┬─────┬──────────┐\n│ (iteration index) │ Key │ Values   │\n├───────────────────┼─────┼──────────┤\n│ 0                 │ 'k' │ { z: 1 } │\n└───────────────────┴─────┴──────────┘
// printed: log ┌───────────────────┬────────┐\n│ (iteration index) │ Values │\n├───────────────────┼────────┤\n│ 0                 │ 's'    │\n└───────────────────┴────────┘
// printed: log ┌─────────┬───┐\n│ (index) │ 1 │\n├─────────┼───┤\n│ 0       │ 2 │\n│ 1       │ 4 │\n└─────────┴───┘
// printed: log ┌─────────┬─────┐\n│ (index) │ 字  │\n├─────────┼─────┤\n│ 漢      │ 'é' │\n└─────────┴─────┘
// printed: log 5
// printed: log G 1
// printed: log   in\n  side
// printed: warn     deep
// printed: info out
// printed: log default: 1
// printed: log x: 1
// printed: log default: 2
// printed: log default: 1
// printed: warn Assertion failed: yes 1
// printed: warn Assertion failed
// printed: warn Assertion failed { a: 1 }
// printed: log { a: 1 }
// printed: log 1 2
// printed: log bound
// result: ["[object console]",[],false,[]]
function handler() {
    console.log("%s|%s", { toString() { return "T"; } }, 1n);
    console.log("%i %i %f %d", "12px", 3.7, "1.5px", "0x10");
    console.table([{ a: 1, b: "x" }, { a: 2, c: [1] }]);
    console.table([1, "two", { x: 3 }]);
    console.table(new Map([["k", { z: 1 }]]));
    console.table(new Set(["s"]));
    console.table([[1, 2], [3, 4]], ["1"]);
    console.table({ 漢: { 字: "é" } });
    console.table(5);
    console.group("G", 1);
    console.log("in\nside");
    console.groupCollapsed();
    console.warn("deep");
    console.groupEnd();
    console.groupEnd();
    console.groupEnd();
    console.info("out");
    console.count();
    console.count("x");
    console.count();
    console.countReset();
    console.count();
    console.assert(true, "no");
    console.assert(false, "yes %s", 1);
    console.assert();
    console.assert(0, { a: 1 });
    console.dir({ a: 1 });
    console.dirxml(1, "2");
    console.clear();
    const { log } = console;
    ["bound"].forEach((text) => log(text));
    return [String(console), Object.keys(Object.getPrototypeOf(console)), Object.getPrototypeOf(console) === Object.prototype,
        ["assert", "clear", "count", "countReset", "debug", "dir", "dirxml", "error", "group", "groupCollapsed", "groupEnd", "info", "log", "table", "time",
            "timeEnd", "timeLog", "trace", "warn"].filter((name) => typeof console[name] !== "function")];
}
