// event: null
// result: "object null"
// event: true
// result: "boolean true"
// event: -1.5e3
// result: "number -1500"
// event: "\u00e9\ud83d\ude00\n"
// result: "string é😀\n"
// event: []
// result: "object "
// event: {"__proto__":{"polluted":true},"a":{"a":1},"a":2}
// result: "object [object Object] own polluted:undefined a:2"
function handler(event) {
    if (event && event.a) {
        const own = Object.hasOwn(event, "__proto__") ? "own" : "inherited";
        return `${typeof event} ${event} ${own} polluted:${event.polluted} a:${event.a}`;
    }
    return `${typeof event} ${event}`;
}
