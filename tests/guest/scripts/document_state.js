// event: "first"
// printed: info loaded at call 1
// result: {"calls":1,"event":"first"}
// event: "second"
// result: {"calls":2,"event":"second"}
let calls = 0; // kept from call to call, until the sandbox is restored

export async function handler(event) {
    if (++calls === 1) console.info("loaded at call %d", calls);
    return { calls, event };
}
