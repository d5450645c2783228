// error: Error: no then
// stack: at get then (thenable_that_throws.js:6:23)
function handler() {
    return {
        get then() {
            throw new Error("no then");
        },
    };
}
