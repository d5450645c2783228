// result: ["RangeError",true,"RangeError","RangeError","RangeError","RangeError","RangeError","still well"]
function name_of(action) {
    try {
        action();
        return "no error";
    } catch (error) {
        return error.name;
    }
}
let depth = 0;
function down() {
    ++depth;
    return down() + 1;
}
function handler() {
    const getter = { get again() { return this.again; } };
    const stringy = { toString() { return `${this}`; } };
    const proxy = new Proxy({}, { get: (target, key, self) => self[key] });
    const sorter = () => [2, 1].sort(sorter);
    const replacer = () => "x".replace(/x/, replacer);
    return [
        name_of(down), depth > 500, name_of(() => getter.again), name_of(() => String(stringy)), name_of(() => proxy.x),
        name_of(sorter), name_of(replacer), "still well",
    ];
}
