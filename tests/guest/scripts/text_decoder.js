// result: ["utf-8",false,false,"[object TextDecoder]","aé€😊",["a","a"],["﻿a"],["﻿a"],"","\u0000",[1,1,2,3,2,1,3,4,1,3,1],["utf-8","utf-8","utf-16le","utf-16le","utf-16le"],["RangeError: TextDecoder knows no encoding \"latin0\"","RangeError","RangeError","TypeError","TypeError","TypeError"]]
// result@node: ["utf-8",false,false,"[object TextDecoder]","aé€😊",["a","a"],["﻿a"],["﻿a"],"","\u0000",[1,1,2,3,2,1,3,4,1,3,1],["utf-8","utf-8","utf-16le","utf-16le","utf-16le"],["RangeError [ERR_ENCODING_NOT_SUPPORTED]: The \"latin0\" encoding is not supported","RangeError [ERR_ENCODING_NOT_SUPPORTED]","RangeError [ERR_ENCODING_NOT_SUPPORTED]","TypeError","TypeError","TypeError"]]
export function handler() {
    const decode = (bytes, ...options) => new TextDecoder(...options).decode(new Uint8Array(bytes));
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return String(e);
        }
    };
    const name = (wrong) => error(wrong).split(":")[0];
    const decoder = new TextDecoder();
    const bytes = new TextEncoder().encode("xaé€😊x");
    // How many U+FFFD stand for what is no UTF-8: one for each longest piece that could begin a character.
    const faults = [
        [0xff], [0xc0 & 0xdf, 0x41].slice(0, 1), [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82, 0xe2, 0x82], [0xf0, 0x9f, 0x98],
        [0xe0, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf1, 0x80, 0x80], [0xf8, 0x88, 0x80], [0xc3],
    ].map((bytes) => decode(bytes).split("\ufffd").length - 1);
    return [
        decoder.encoding,
        decoder.fatal,
        decoder.ignoreBOM,
        String(decoder),
        decoder.decode(bytes.subarray(1, bytes.length - 1)),
        [decode([0xef, 0xbb, 0xbf, 0x61]), decode([0xff, 0xfe, 0x61, 0], "utf-16le")],
        [decode([0xef, 0xbb, 0xbf, 0x61], "utf8", { ignoreBOM: true })],
        [decode([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61])],
        decoder.decode(),
        decode([0]),
        faults,
        ["UTF8", " unicode-1-1-utf-8\n", "utf-16", "UTF-16LE", "ucs-2"].map((label) => new TextDecoder(label).encoding),
        [
            error(() => new TextDecoder("latin0")),
            name(() => new TextDecoder("utf-8\0")),
            name(() => new TextDecoder("")),
            name(() => decoder.decode("text")),
            name(() => TextDecoder()),
            name(() => decode([0x61, 0xff], "utf-8", { fatal: true })),
        ],
    ];
}
