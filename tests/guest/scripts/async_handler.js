// event: {"n":10}
// result: 55
const later = (value) => new Promise((resolve) => queueMicrotask(() => resolve(value)));
async function handler({ n }) {
    let sum = 0;
    for (let i = 1; i <= n; ++i) sum += await later(i);
    return sum;
}
