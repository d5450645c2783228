// heap: 4194304
// event: 1
// result: "survived"
// error@node: out of memory
// flags@node: out-of-memory
// event: 2
// result: "usable"
// Keeps every error that memory ran out with, so that the memory for reporting it runs out too.
function handler(event) {
    if (event === 2) return "usable";
    const kept = [];
    const errors = [];
    for (let i = 0; i < 2000; ++i) {
        try {
            for (;;) kept.push({});
        } catch (error) {
            try {
                errors.push(error);
            } catch {
            }
        }
    }
    return "survived";
}
