// event: "leave"
// result: 1
// printed@node: warn TimeoutNegativeWarning: -1 is a negative number.\nTimeout duration was set to 1.
// event: "look"
// result: ["awaited"]
// event: "throw"
// error: Error: thrown
// event: "look"
// result: ["awaited"]
// event: "sync"
// result: 2
// event: "from job"
// result: 3
// event: "look"
// result: ["awaited"]
const log = [];
async function handler(event) {
    switch (event) {
        case "leave":
            setTimeout(() => log.push("left over"), 200);
            setInterval(() => log.push("left over interval"), 200);
            await new Promise((done) => setTimeout(() => { log.push("awaited"); done(); }, -1));
            return log.length;
        case "throw":
            setTimeout(() => log.push("left by a throw"), 200);
            throw new Error("thrown");
        case "sync":
            setTimeout(() => log.push("left by a value"), 0);
            return 2;
        case "from job":
            Promise.resolve().then(() => {}).then(() => {}).then(() => {}).then(() => setTimeout(() => log.push("from a job"), 0));
            return 3;
        default:
            await new Promise((done) => setTimeout(done, 250));
            return log;
    }
}
