// Never returns. Run it under a limit: ./dev run examples/endless/handler.js --cpu 100ms
// The loop runs inside the engine's own code, where nothing looks whether it should stop; the cell stops all the same.
function handler() {
    return Array.prototype.indexOf.call({ length: Number.MAX_SAFE_INTEGER }, "nowhere");
}
