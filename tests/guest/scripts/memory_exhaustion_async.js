// heap: 4194304
// event: 1
// error: InternalError: out of memory
// error@node: out of memory
// flags: out-of-memory
// event: 2
// result: "usable"
async function handler(event) {
    if (event === 2) return "usable";
    const kept = [];
    for (;;) {
        kept.push(new Uint8Array(1000));
        await null;
    }
}
