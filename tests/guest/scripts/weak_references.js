// result: [true,"collected"]
// result@node: [true,"alive"]
function handler() {
    let object = { x: 1 };
    const reference = new WeakRef(object);
    const alive = reference.deref() === object;
    object = undefined;
    return [alive, reference.deref() === undefined ? "collected" : "alive"];
}
