// error: Error: later
// stack: at handler (throw_async.js:5:15)
async function handler() {
    await null;
    throw new Error("later");
}
