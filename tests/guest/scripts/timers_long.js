// result: ["awaited"]
// result@node: [null,2147483648,4294967296,1e+300,"awaited"]
async function handler() {
    const log = [];
    for (const delay of [Infinity, 2 ** 31, 2 ** 32, 1e300]) setTimeout(() => log.push(delay), delay);
    await new Promise((done) => setTimeout(() => { log.push("awaited"); done(); }, 20));
    return log;
}
