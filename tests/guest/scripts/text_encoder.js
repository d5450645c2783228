// result: ["utf-8","[object TextEncoder]","61c3a9e282acf09f988a","efbfbd61efbfbd","","","6e756c6c",[2,2,"616100"],[4,7,"c3a9f09f988a61"],[1,2,"c3a90000"],[0,0,""],[1,3,"efbfbd"],300000,["TypeError","TypeError","TypeError","TypeError"]]
export function handler() {
    const encoder = new TextEncoder();
    const into = (text, size) => {
        const bytes = new Uint8Array(size);
        const { read, written } = encoder.encodeInto(text, bytes);
        return [read, written, bytes.toHex()];
    };
    const name = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return e.name;
        }
    };
    return [
        encoder.encoding,
        String(encoder),
        encoder.encode("aé€😊").toHex(),
        encoder.encode("\ud800a\udc00").toHex(),
        encoder.encode().toHex(),
        encoder.encode(undefined).toHex(),
        encoder.encode(null).toHex(),
        into("aa", 3),
        into("é😊a", 7),
        into("é😊a", 4), // no half characters
        into("abc", 0),
        into("\ud800", 3),
        encoder.encode("€".repeat(100_000)).length,
        [
            name(() => encoder.encodeInto("a", new Uint16Array(1))),
            name(() => encoder.encodeInto("a", [])),
            name(() => TextEncoder()),
            name(() => TextEncoder.prototype.encode.call({}, "a")),
        ],
    ];
}
