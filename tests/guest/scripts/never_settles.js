// event: 0
// error: the handler waits for a promise that can never settle: nothing is left to run that could settle it
// event: 1
// result: 1
let first = true;
async function handler(event) {
    if (first) {
        first = false;
        await new Promise(() => {});
    }
    return event;
}
