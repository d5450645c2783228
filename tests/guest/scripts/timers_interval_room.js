// result: 209
// An interval goes back among the others while its callback fills the room that it left.
async function handler() {
    let runs = 0;
    for (let i = 0; i < 7; ++i) setTimeout(() => ++runs, 30);
    await new Promise((done) => {
        let times = 0;
        const interval = setInterval(() => {
            ++runs;
            for (let i = 0; i < 100; ++i) setTimeout(() => ++runs, 20);
            if (++times === 2) {
                clearInterval(interval);
                setTimeout(done, 60);
            }
        }, 1);
    });
    return runs;
}
