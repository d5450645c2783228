// event: 1
// printed: log job 1
// printed: log job 2
// result: "before"
// event: 2
// result: ["job 1","job 2"]
const log = [];
function handler(event) {
    if (event === 2) return log;
    const job = (name) => {
        log.push(name);
        console.log(name);
    };
    Promise.resolve().then(() => job("job 1")).then(() => job("job 2"));
    return "before";
}
