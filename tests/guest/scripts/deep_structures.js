// heap: 67108864
// result: ["RangeError","RangeError","RangeError","RangeError","SyntaxError or RangeError",100000,"well"]
// result@node: ["RangeError","no error","RangeError","no error","SyntaxError or RangeError",100000,"well"]
function name_of(action) {
    try {
        action();
        return "no error";
    } catch (error) {
        return error.name;
    }
}
function nest(count) {
    let list = [];
    for (let i = 0; i < count; ++i) list = [list];
    return list;
}
function handler() {
    const deep = nest(100_000);
    let bound = () => 1;
    for (let i = 0; i < 20_000; ++i) bound = Object.defineProperty(bound.bind(null), "name", { value: "" });
    const source = name_of(() => new Function("return " + "(".repeat(100_000) + "1" + ")".repeat(100_000)));
    let length = 0;
    for (let list = deep; list.length; list = list[0]) ++length;
    return [
        name_of(() => JSON.stringify(deep)),
        name_of(() => JSON.parse("[".repeat(100_000) + "]".repeat(100_000))),
        name_of(() => deep.flat(Infinity)),
        name_of(bound),
        /SyntaxError|RangeError|InternalError/.test(source) ? "SyntaxError or RangeError" : source,
        length,
        "well",
    ];
}
