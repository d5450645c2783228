// result: ["job","0a","0b","negative","NaN","text","1","2","3","10"]
// result@node: ["job","1","0a","0b","negative","NaN","text","2","3","10"]
// printed@node: warn TimeoutNegativeWarning: -5 is a negative number.\nTimeout duration was set to 1.
// printed@node: warn TimeoutNaNWarning: NaN is not a number.\nTimeout duration was set to 1.
async function handler() {
    const log = [];
    await new Promise((done) => {
        setTimeout(() => { log.push("10"); done(); }, 120);
        setTimeout(() => log.push("3"), "80");
        setTimeout(() => log.push("2"), 40);
        setTimeout(() => log.push("1"), 1);
        setTimeout(() => log.push("0a"));
        setTimeout(() => log.push("0b"), 0);
        setTimeout(() => log.push("negative"), -5);
        setTimeout(() => log.push("NaN"), NaN);
        setTimeout(() => log.push("text"), "no number");
        queueMicrotask(() => log.push("job"));
        // However long this turn takes, its timers run in the order of their delays.
        const start = performance.now();
        while (performance.now() - start < 130);
    });
    return log;
}
