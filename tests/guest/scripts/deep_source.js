// result: ["stopped","stopped","stopped","stopped","stopped","stopped"]
// What the compiler, the regular expressions' compiler and the like do with sources that are nested deeply.
function outcome(action) {
    try {
        action();
        return "done";
    } catch (error) {
        return error instanceof Error ? "stopped" : String(error);
    }
}
function handler() {
    const n = 50_000;
    return [
        outcome(() => new Function("[".repeat(n) + "]".repeat(n))),
        outcome(() => new Function("a".repeat(1) + "=>".repeat(1) + "{".repeat(n) + "}".repeat(n) + ")")),
        outcome(() => new Function("(".repeat(n) + ")".repeat(n) + "!")),
        outcome(() => new Function("function f(){".repeat(n) + "}".repeat(n))),
        outcome(() => new RegExp("(".repeat(n) + ")".repeat(n))),
        outcome(() => new Function("`${".repeat(n) + "1" + "}`".repeat(n))),
    ];
}
