// result: [[1,2,10],["a","b","c"],[{"k":1,"v":"a"},{"k":1,"v":"b"},{"k":2,"v":"c"}],true]
function handler() {
    const many = Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_007).sort((a, b) => a - b);
    return [
        [10, 2, 1].toSorted((a, b) => a - b),
        ["b", "c", "a"].sort(),
        [{ k: 2, v: "c" }, { k: 1, v: "a" }, { k: 1, v: "b" }].sort((a, b) => a.k - b.k),
        many.every((value, i) => i === 0 || many[i - 1] <= value),
    ];
}
