// event: 1
// printed: error Uncaught Error: in a microtask\n    at <anonymous> (microtask_throws.js:6:19)
// result: "fine"
function handler() {
    queueMicrotask(() => {
        throw new Error("in a microtask");
    });
    return "fine";
}
