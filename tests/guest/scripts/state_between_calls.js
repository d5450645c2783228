// event: 1
// result: [1,["1"]]
// event: 2
// result: [2,["1","2"]]
// event: "x"
// result: [3,["1","2","x"]]
let calls = 0;
const seen = new Set();
function handler(event) {
    seen.add(String(event));
    return [++calls, [...seen]];
}
