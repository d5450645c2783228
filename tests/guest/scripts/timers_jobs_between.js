// result: ["first","job of first","second","job of second"]
async function handler() {
    const log = [];
    await new Promise((done) => {
        const callback = (name) => {
            log.push(name);
            Promise.resolve().then(() => log.push("job of " + name));
        };
        setTimeout(callback, 0, "first");
        setTimeout(callback, 0, "second");
        setTimeout(done, 0);
    });
    return log;
}
