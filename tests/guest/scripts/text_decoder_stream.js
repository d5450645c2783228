// result: []
// Cut anywhere, a text comes out the same.
export function handler() {
    const wrong = [];
    const samples = [
        ["utf-8", [...new TextEncoder().encode("\ufeffaé€😊\ufeffz")]],
        ["utf-8", [0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x98, 0xf0, 0x9f, 0xff, 0xed, 0xa0, 0x80, 0xc3]],
        ["utf-16le", [0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8, 0x0a, 0xde, 0x0a, 0xde, 0x3d, 0xd8, 0x62, 0x00, 0x3d, 0xd8]],
        ["utf-16le", [0x61, 0x00, 0x3d]],
    ];
    for (const [label, bytes] of samples) {
        for (const ignoreBOM of [false, true]) {
            const whole = new TextDecoder(label, { ignoreBOM }).decode(new Uint8Array(bytes));
            const decoder = new TextDecoder(label, { ignoreBOM });
            for (let first = 0; first <= bytes.length; ++first) {
                for (let second = first; second <= bytes.length; ++second) {
                    // The decoder is used again: the last call begins anew.
                    const parts = [
                        decoder.decode(new Uint8Array(bytes.slice(0, first)), { stream: true }),
                        decoder.decode(new Uint8Array(bytes.slice(first, second)), { stream: true }),
                        decoder.decode(new Uint8Array(bytes.slice(second))),
                    ];
                    if (parts.join("") !== whole) wrong.push([label, first, second, parts, whole]);
                }
            }
        }
    }
    const fatal = new TextDecoder("utf-8", { fatal: true });
    if (fatal.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) !== "") wrong.push("held back");
    if (fatal.decode(new Uint8Array([0xac])) !== "€") wrong.push("completed");
    fatal.decode(new Uint8Array([0xe2, 0x82]), { stream: true });
    try {
        wrong.push(fatal.decode());
    } catch (e) {
        if (!(e instanceof TypeError)) wrong.push(String(e));
    }
    if (fatal.decode(new Uint8Array([0x61])) !== "a") wrong.push("after a failure");
    return wrong;
}
