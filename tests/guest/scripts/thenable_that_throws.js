// error: Error: no then
// stack: at get then (thenable_that_throws.js:7:23)
// stack@node: at get then (thenable_that_throws.js:7:19)
function handler() {
    return {
        get then() {
            throw new Error("no then");
        },
    };
}
