// result: [true,true,true,true,[0,0,0],true,true,true,true,["TypeMismatchError","TypeError","TypeMismatchError","TypeError","QuotaExceededError",{},"TypeError"]]
// result@node: [true,true,true,true,[0,0,0],true,true,true,true,["TypeMismatchError","TypeMismatchError","TypeMismatchError","TypeError","QuotaExceededError",{},"TypeError"]]
function handler() {
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return e.name;
        }
    };
    const numbers = Array.from({ length: 10_000 }, () => Math.random());
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;
    const uuids = Array.from({ length: 1000 }, () => crypto.randomUUID());
    const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array];
    const bytes = new Uint8Array(65_536);
    const around = new Uint8Array(9);
    const inside = around.subarray(3, 6);
    const detached = new Uint8Array(4);
    structuredClone(null, { transfer: [detached.buffer] });
    crypto.getRandomValues(inside);
    return [
        numbers.every((x) => x >= 0 && x < 1),
        new Set(numbers).size === numbers.length,
        Math.abs(mean - 0.5) < 0.05,
        crypto.getRandomValues(bytes) === bytes && new Set(bytes).size === 256,
        [...around.subarray(0, 3)], // only the view is filled
        kinds.every((Kind) => crypto.getRandomValues(new Kind(64)).some((x) => x != 0)),
        uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
        new Set(uuids).size === uuids.length,
        crypto.getRandomValues(new Uint8Array(0)).length === 0,
        [
            error(() => crypto.getRandomValues(new Float64Array(1))),
            error(() => crypto.getRandomValues([1, 2])),
            error(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1)))),
            error(() => crypto.getRandomValues()),
            error(() => crypto.getRandomValues(new Uint8Array(65_537))),
            error(() => crypto.getRandomValues(detached)),
            error(() => crypto.getRandomValues(new Uint8Array(new ArrayBuffer(4).transferToImmutable()))),
        ],
    ];
}
