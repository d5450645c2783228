// event: 1
// printed: log ran
// error: Error: sync
// event: 2
// result: 2
function handler(event) {
    if (event === 2) return 2;
    queueMicrotask(() => console.log("ran"));
    throw new Error("sync");
}
