// heap: 4194304
// result: "collected"
// The heap holds 20,000 of these objects, and 1,000,000 are made. Each is a cycle, so counting references frees none.
function handler() {
    for (let i = 0; i < 1_000_000; ++i) {
        const cycle = { i };
        cycle.self = cycle;
    }
    return "collected";
}
