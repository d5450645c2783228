// error: the handler's result cannot be turned into JSON: TypeError: circular reference
// error@node: the handler's result cannot be turned into JSON: TypeError: Converting circular structure to JSON
function handler() {
    const object = {};
    object.self = object;
    return object;
}
