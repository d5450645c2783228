// result: [null,2147483648,4294967296,1e+300,"awaited"]
// printed@node: warn TimeoutOverflowWarning: Infinity does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.
// printed@node: warn TimeoutOverflowWarning: 2147483648 does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.
// printed@node: warn TimeoutOverflowWarning: 4294967296 does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.
// printed@node: warn TimeoutOverflowWarning: 1e+300 does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.
async function handler() {
    const log = [];
    for (const delay of [Infinity, 2 ** 31, 2 ** 32, 1e300]) setTimeout(() => log.push(delay), delay);
    await new Promise((done) => setTimeout(() => { log.push("awaited"); done(); }, 20));
    return log;
}
