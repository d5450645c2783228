// Programs that only compute, for the rows of Node.js: each a script with a function `handler`.
#ifndef CURFEW_BENCH_TABLE_NODE_PROGRAMS_H
#define CURFEW_BENCH_TABLE_NODE_PROGRAMS_H

#include <array>

namespace curfew::bench {

struct NodeProgram {
    const char* name;
    const char* script;
};

inline constexpr std::array kNodePrograms{
    NodeProgram{"fib(30)", R"js(function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function handler() { return fib(30); })js"},
    NodeProgram{"JSON", R"js(function handler() {
    let value = { list: [] }, length = 0;
    for (let i = 0; i < 40; ++i) value.list.push({ id: i, name: "item " + i, price: i * 1.25, tags: ["a", "b", "c"], sold: i % 2 === 0 });
    for (let i = 0; i < 400; ++i) { const text = JSON.stringify(value); length += text.length; value = JSON.parse(text); }
    return length;
})js"},
    NodeProgram{"arrays", R"js(function handler() {
    let seed = 12345, total = 0;
    const numbers = [];
    for (let i = 0; i < 20000; ++i) { seed = (seed * 1103515245 + 12345) % 2147483648; numbers.push(seed); }
    for (let i = 0; i < 3; ++i) {
        const pairs = numbers.slice().sort((a, b) => a - b).map((value, index) => ({ value, index }));
        total += pairs.filter((pair) => pair.value % 2 === 1).reduce((sum, pair) => sum + pair.index, 0);
    }
    return total;
})js"},
    NodeProgram{"text and regular expressions", R"js(function handler() {
    let found = 0;
    for (let i = 0; i < 3000; ++i) {
        const line = `user${i}@example${i % 7}.org, "quoted ${i}", ${i * 3}`;
        for (const match of line.matchAll(/(\w+)@(\w+)\.org|"([^"]*)"|(\d+)/g)) found += match[0].length;
        found += line.toUpperCase().split(",").map((part) => part.trim()).join("|").replace(/[AEIOU]/g, "").length;
    }
    return found;
})js"},
    NodeProgram{"garbage", R"js(function handler() {
    let sum = 0;
    for (let i = 0; i < 300000; ++i) { const point = { x: i, y: [i, i + 1], z: "p" + (i & 15) }; sum += point.y[1] + point.z.length; }
    return sum;
})js"},
    NodeProgram{"Map", R"js(function handler() {
    const map = new Map();
    for (let i = 0; i < 60000; ++i) map.set("key" + i % 5000, (map.get("key" + i % 5000) ?? 0) + i);
    let sum = 0;
    for (const value of map.values()) sum += value;
    return sum;
})js"}};

}  // namespace curfew::bench

#endif
