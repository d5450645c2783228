// event: null
// printed: error Uncaught Error: in a timer\n    at fails (timers_uncaught.js:12:23)
// printed: error Uncaught 7
// printed: error Uncaught 7
// result: "well"
// printed@node: error Uncaught Error: in a timer\n    at Timeout.fails [as _onTimeout] (timers_uncaught.js:12:19)
// printed@node: error Uncaught 7
// printed@node: error Uncaught 7
function handler() {
    return new Promise((done) => {
        const fails = () => {
            throw new Error("in a timer");
        };
        setTimeout(fails, 0);
        let n = 0;
        const interval = setInterval(() => {
            if (++n === 2) clearInterval(interval);
            throw 7;
        }, 2);
        setTimeout(done, 60, "well");
    });
}
