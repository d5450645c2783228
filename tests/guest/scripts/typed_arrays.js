// result: [[1,2,255],[255,0,1],1.5,"1,2,3",[3,2,1],1,"RangeError",16,[1,0,0,0],"10"]
function handler() {
    const clamped = new Uint8ClampedArray([1, 2, 300]);
    const wrapped = new Uint8Array([255, 256, 257]);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat32(0, 1.5);
    let thrown;
    try {
        new Uint8Array(-1);
    } catch (error) {
        thrown = error.name;
    }
    const words = new Uint32Array([1]);
    return [
        [...clamped], [...wrapped], view.getFloat32(0), new Float64Array([1, 2, 3]).join(), [...new Int16Array([1, 2, 3]).reverse()],
        new BigInt64Array([1n])[0] === 1n ? 1 : 0, thrown, new ArrayBuffer(8, { maxByteLength: 16 }).maxByteLength,
        [...new Uint8Array(words.buffer)], new Uint8Array([10]).toString(),
    ];
}
