// result: [1,3,"TypeError","ok or 0"]
// result@node: [1,3,"timed-out","ok or 0"]
function handler() {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    Atomics.store(shared, 0, 1);
    const before = Atomics.add(shared, 0, 2);
    let waited;
    try {
        waited = Atomics.wait(shared, 0, 3, 10);
    } catch (error) {
        waited = error.name;
    }
    return [before, Atomics.load(shared, 0), waited, Atomics.notify(shared, 0) === 0 ? "ok or 0" : "woke"];
}
