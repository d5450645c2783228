// result: ["outer","job","inner","innermost","beside"]
async function handler() {
    const log = [];
    await new Promise((done) => {
        setTimeout(() => {
            log.push("outer");
            setTimeout(() => {
                log.push("inner");
                setTimeout(() => log.push("innermost"), 0);
                setTimeout(() => { log.push("beside"); done(); }, 0);
            }, 0);
            queueMicrotask(() => log.push("job"));
        }, 1);
    });
    return log;
}
