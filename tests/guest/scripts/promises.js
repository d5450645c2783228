// result: ["start","sync","micro 1","micro 2","all 1,2","race b","any 3","settled rejected","finally","caught no"]
async function handler() {
    const log = ["start"];
    const first = Promise.resolve().then(() => log.push("micro 1")).then(() => log.push("micro 2"));
    log.push("sync");
    await first;
    log.push("all " + (await Promise.all([1, Promise.resolve(2)])));
    log.push("race " + (await Promise.race([new Promise(() => {}), Promise.resolve("b")])));
    log.push("any " + (await Promise.any([Promise.reject(1), Promise.resolve(3)])));
    log.push("settled " + (await Promise.allSettled([Promise.reject(1)]))[0].status);
    await Promise.resolve().finally(() => log.push("finally"));
    await Promise.reject("no").catch((reason) => log.push("caught " + reason));
    return log;
}
