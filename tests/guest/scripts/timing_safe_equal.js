// result: [true,true,true,true,false,false,false,true,"TypeError: the second value must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not undefined","TypeError: the first value must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not a number",false]
function handler() {
    const same = crypto.timingSafeEqual;
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return String(e);
        }
    };
    const bytes = new Uint8Array([97, 98, 99]);
    // While the second value is read, the first one's memory goes.
    const gone = new Uint8Array([1, 2, 3]);
    const takes = Object.defineProperty([1, 2, 3], 1, { get() { structuredClone(null, { transfer: [gone.buffer] }); return 2; } });
    return [
        same("abc", bytes),
        same([97, 98, 99], bytes.buffer),
        same(bytes, [97, 98, 99]),
        same("", []),
        same("abc", "abd"),
        same("Xbc", "abc"),
        same("abc", "abcd"),
        same("é", new Uint8Array([0xc3, 0xa9])),
        error(() => same("a")),
        error(() => same(1, [])),
        (() => {
            try {
                return same(gone, takes);
            } catch (e) {
                return e instanceof TypeError ? false : e;
            }
        })(),
    ];
}
