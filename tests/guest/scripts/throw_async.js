// error: Error: later
// stack: at handler (throw_async.js:6:15)
// stack@node: at handler (throw_async.js:6:11)
async function handler() {
    await null;
    throw new Error("later");
}
