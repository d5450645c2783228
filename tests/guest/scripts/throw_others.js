// event: "string"
// error: just text
// event: "object"
// error: { code: 7, detail: [ 1, 2 ] }
// event: "null"
// error: null
// event: "undefined"
// error: undefined
// event: "number"
// error: 42
// event: "symbol"
// error: Symbol(s)
// event: "custom"
// error: NotFound: no such page
// event: "nameless"
// error: only a message
// event: "hostile"
// error: Error
const values = {
    string: "just text",
    object: { code: 7, detail: [1, 2] },
    null: null,
    undefined: undefined,
    number: 42,
    symbol: Symbol("s"),
    custom: new (class NotFound extends Error {
        name = "NotFound";
    })("no such page"),
    nameless: Object.assign(new Error("only a message"), { name: "" }),
    hostile: Object.defineProperty(new Error("x"), "message", {
        get() {
            throw new Error("y");
        },
    }),
};
function handler(event) {
    throw values[event];
}
