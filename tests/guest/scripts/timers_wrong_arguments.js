// result: ["TypeError: setTimeout needs a function to call, not a string","TypeError: setInterval needs a function to call, not undefined","TypeError: setTimeout needs a function to call, not an object","Error: no delay","TypeError","TypeError"]
// result@node: ["TypeError [ERR_INVALID_ARG_TYPE]: The \"callback\" argument must be of type function. Received type string ('globalThis.evil = 1')","TypeError [ERR_INVALID_ARG_TYPE]: The \"callback\" argument must be of type function. Received undefined","TypeError [ERR_INVALID_ARG_TYPE]: The \"callback\" argument must be of type function. Received an instance of Object","Error: no delay","TypeError","TypeError"]
function handler() {
    const error = (wrong) => {
        try {
            wrong();
        } catch (e) {
            return e;
        }
    };
    return [
        String(error(() => setTimeout("globalThis.evil = 1", 0))),
        String(error(() => setInterval())),
        String(error(() => setTimeout({}, 0))),
        String(error(() => setTimeout(() => {}, { valueOf() { throw new Error("no delay"); } }))),
        error(() => setTimeout(() => {}, 1n)).name,
        error(() => setTimeout(() => {}, Symbol())).name,
    ];
}
