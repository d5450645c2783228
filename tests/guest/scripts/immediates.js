// result: ["first",1,2,"job","second","of the first","|","timer","immediate of the timer","timer of the timer",true,true]
async function handler() {
    const order = [];
    setImmediate((...more) => {
        order.push("first", ...more);
        Promise.resolve().then(() => order.push("job"));
        setImmediate(() => order.push("of the first"));
    }, 1, 2);
    setImmediate(() => order.push("second"));
    clearImmediate(setImmediate(() => order.push("cleared")));
    clearImmediate(undefined);
    await new Promise((done) => setTimeout(done, 20));
    order.push("|");
    setTimeout(() => {
        order.push("timer");
        setTimeout(() => order.push("timer of the timer"), 1);
        setImmediate(() => order.push("immediate of the timer"));
    }, 1);
    await new Promise((done) => setTimeout(done, 20));
    // A chain of immediates does not keep timers from running.
    let rounds = 0;
    let over = false;
    setTimeout(() => { over = true; }, 2);
    await new Promise((done) => { const next = () => (++rounds, over ? done() : setImmediate(next)); next(); });
    order.push(rounds > 2, typeof setImmediate(() => order.push("never")) !== "undefined");
    return order;
}
