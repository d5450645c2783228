// result: ["TypeError","ReferenceError","RangeError","SyntaxError","URIError","AggregateError","cause"]
function kind(action) {
    try {
        action();
    } catch (error) {
        return error.name;
    }
}
function handler() {
    return [
        kind(() => null.x), kind(() => missing), kind(() => new Array(-1)), kind(() => new Function("}{")),
        kind(() => decodeURIComponent("%")), new AggregateError([1]).name, new Error("x", { cause: "cause" }).cause,
    ];
}
