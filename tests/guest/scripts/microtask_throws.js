// event: 1
// printed: error Uncaught Error: in a microtask\n    at <anonymous> (microtask_throws.js:7:19)
// result: "fine"
// printed@node: error Uncaught Error: in a microtask\n    at microtask_throws.js:7:15
function handler() {
    queueMicrotask(() => {
        throw new Error("in a microtask");
    });
    return "fine";
}
