// event: "leave"
// result: 1
// result@node: 3
// printed@node: warn TimeoutNegativeWarning: -1 is a negative number.\nTimeout duration was set to 1.
// event: "look"
// result: ["awaited"]
// result@node: ["left over","left over interval","awaited"]
// event: "throw"
// error: Error: thrown
// event: "look"
// result: ["awaited"]
// result@node: ["left over","left over interval","awaited"]
// event: "sync"
// result: 2
// event: "from job"
// result: 3
// event: "look"
// result: ["awaited"]
// result@node: ["left over","left over interval","awaited"]
const log = [];
async function handler(event) {
    switch (event) {
        case "leave":
            setTimeout(() => log.push("left over"), 1);
            setInterval(() => log.push("left over interval"), 1);
            await new Promise((done) => setTimeout(() => { log.push("awaited"); done(); }, -1));
            return log.length;
        case "throw":
            setTimeout(() => log.push("left by a throw"), 5);
            throw new Error("thrown");
        case "sync":
            setTimeout(() => log.push("left by a value"), 0);
            return 2;
        case "from job":
            Promise.resolve().then(() => {}).then(() => {}).then(() => {}).then(() => setTimeout(() => log.push("from a job"), 0));
            return 3;
        default:
            await new Promise((done) => setTimeout(done, 5));
            return log;
    }
}
