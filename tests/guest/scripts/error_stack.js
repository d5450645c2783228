// event: null
// error: Error: from a method
// stack: at method (error_stack.js:12:26)
// stack: at <anonymous> (error_stack.js:16:46)
// stack: at map (native)
// stack: at handler (error_stack.js:16:16)
// stack@node: at Thing.method (error_stack.js:12:22)
// stack@node: at error_stack.js:16:39
// stack@node: at Array.map (<anonymous>)
// stack@node: at handler (error_stack.js:16:16)
class Thing {
    method() { throw new Error("from a method"); }
}
function handler() {
    // The second frame is an arrow function, and the third a native one.
    return [1].map((x) => new Thing().method(x));
}
