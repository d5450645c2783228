// event: {"attempts":3}
// result: "done after 3 attempts"
// event: {"attempts":1000}
// error: Error: too slow
const pause = (time) => new Promise((done) => setTimeout(done, time));

async function work(attempts) {
    for (let i = 0; i < attempts; ++i) await pause(1);
    return `done after ${attempts} attempts`;
}

function handler({ attempts }) {
    const tooSlow = new Promise((_, fail) => setTimeout(() => fail(new Error("too slow")), 500));
    return Promise.race([work(attempts), tooSlow]);
}
