// result: ["kept",["interval 1","interval 2","interval 3"],["number","number",true]]
// result@node: ["kept",["interval 1","interval 2","interval 3"],["object","object",true]]
async function handler() {
    const log = [];
    const intervals = [];
    const once = setTimeout(() => log.push("cleared"), 0);
    const again = setInterval(() => log.push("cleared interval"), 1);
    clearTimeout(once);
    clearTimeout(again); // either function clears either kind
    clearTimeout(once);
    for (const nothing of [undefined, null, 0, -1, 1e300, NaN, {}, "x", Symbol(), 123456789n]) clearInterval(nothing);
    clearTimeout();
    let other = setTimeout(() => log.push("cleared by another"), 5);
    setTimeout(() => clearTimeout(String(other)), 0);
    const own = setTimeout(() => clearTimeout(own), 0); // has no effect: it is running
    await new Promise((done) => {
        let n = 0;
        const interval = setInterval(() => {
            intervals.push("interval " + ++n);
            if (n === 3) clearInterval(interval);
        }, 1);
        setTimeout(() => { log.push("kept"); done(); }, 30);
    });
    return [...log, intervals, [typeof once, typeof own, own > once]];
}
