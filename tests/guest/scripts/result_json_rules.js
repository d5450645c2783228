// result: {"date":"1970-01-01T00:00:00.000Z","list":[null,null],"custom":"json","lone":"\ud800","nan":null,"nested":{"1":"one","b":true}}
function handler() {
    return {
        date: new Date(0), list: [undefined, () => 1], custom: { toJSON: () => "json" }, gone: undefined, lone: "\ud800",
        nan: NaN, nested: { b: true, 1: "one", [Symbol("s")]: 1 },
    };
}
