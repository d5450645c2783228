// heap: 2097152
// result: ["InternalError: out of memory",true,"goes on"]
// error@node: out of memory
// flags@node: out-of-memory
async function handler() {
    let error;
    const ids = [];
    const data = "x".repeat(100);
    try {
        for (;;) ids.push(setTimeout(() => data, 1000, new Array(50).fill(0)));
    } catch (e) {
        error = e;
    }
    const many = ids.length > 100;
    ids.forEach(clearTimeout);
    return [String(error), many, await new Promise((done) => setTimeout(done, 1, "goes on"))];
}
