// result: [20000,true,10000]
async function handler() {
    const seen = [];
    const ids = [];
    for (let i = 0; i < 30_000; ++i) ids.push(setTimeout((n) => seen.push(n), i % 3, i));
    // Every third is cleared, from the middle outwards.
    let cleared = 0;
    for (let i = 0; i < 30_000; ++i) {
        const at = i % 2 ? 15_000 + (i >> 1) : 14_999 - (i >> 1);
        if (at % 3 === 1) { clearTimeout(ids[at]); ++cleared; }
    }
    await new Promise((done) => setTimeout(done, 10));
    const sorted = seen.every((n, i) => i === 0 || n % 3 > seen[i - 1] % 3 || (n % 3 === seen[i - 1] % 3 && n > seen[i - 1]));
    return [seen.length, sorted, cleared];
}
