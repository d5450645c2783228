// error: the handler's result cannot be turned into JSON: TypeError:
function handler() {
    return { big: 1n };
}
