// heap: 8388608
// event: "arrays"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
// event: "strings"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
// event: "buffers"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
// event: "objects"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
// event: "closures"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
// event: "maps"
// result: ["InternalError: out of memory",true]
// error@node: out of memory
// flags@node: out-of-memory
const ways = {
    arrays: (kept, i) => kept.push(new Array(100).fill(i)),
    strings: (kept, i) => kept.push("x".repeat(1000) + i + "\u{1f600}"),
    buffers: (kept) => kept.push(new Uint8Array(100_000)),
    objects: (kept, i) => kept.push({ ["key" + i]: i }),
    closures: (kept, i) => kept.push(() => i),
    maps: (kept, i) => kept.push(new Map([[i, { i }]])),
};
function handler(way) {
    const kept = [];
    let i = 0;
    try {
        for (;;) ways[way](kept, ++i);
    } catch (error) {
        const count = kept.length;
        kept.length = 0;
        return [String(error), count > 10];
    }
}
