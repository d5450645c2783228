// result: [2,["a","b"],true,[1,2,3],[["even",[2]],["odd",[1,3]]],"undefined",[2],{"x":1}]
function handler() {
    const map = new Map([["a", 1], ["b", 2]]);
    const key = {};
    const weak = new WeakMap([[key, 1]]);
    const set = new Set([1, 2, 2, 3]);
    return [
        map.size, [...map.keys()], weak.has(key), [...set],
        [...Map.groupBy([2, 1, 3], (n) => (n % 2 ? "odd" : "even"))],
        typeof map.get("c"), [...new Set([1, 2]).intersection(new Set([2, 3]))], Object.fromEntries(new Map([["x", 1]])),
    ];
}
