// error: the handler's result cannot be turned into JSON: TypeError: circular reference
function handler() {
    const object = {};
    object.self = object;
    return object;
}
