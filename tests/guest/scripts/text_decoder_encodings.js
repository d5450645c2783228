// result: {"single":["windows-1252: é€","windows-1252: Aÿ","windows-1251: Пр","iso-8859-2: ą","iso-8859-15: €","koi8-r: а","windows-874: ก","macintosh: Ä","ibm866: А","x-user-defined: ","windows-1253: �"],"asian":["gbk: 你€","gb18030: 💩","big5: 你�","euc-jp: あｱ丂","shift_jis: あｱ","euc-kr: 가","iso-2022-jp: あ"],"wide":["utf-16be: A😀�","utf-16be: B","utf-16be: C"],"streams":[["","你",""],["","�"],["","A","😀",""],["П","",""]],"labels":["windows-1252","windows-1252","windows-1252","shift_jis","euc-kr","gbk","iso-8859-15"],"fatal":["TypeError","TypeError","TypeError","TypeError",""],"none":["RangeError","RangeError","RangeError","RangeError"]}
// result@node: {"single":["windows-1252: é€","windows-1252: Aÿ","windows-1251: Пр","iso-8859-2: ą","iso-8859-15: €","koi8-r: а","windows-874: ก","macintosh: Ä","ibm866: А","x-user-defined: ","windows-1253: �"],"asian":["gbk: 你€","gb18030: 💩","big5: 你","euc-jp: あｱ丂","shift_jis: あｱ","euc-kr: 가","iso-2022-jp: あ"],"wide":["utf-16be: A😀�","utf-16be: B","utf-16be: C"],"streams":[["","你",""],["","�"],["","A","😀",""],["П","",""]],"labels":["windows-1252","windows-1252","windows-1252","shift_jis","euc-kr","gbk","iso-8859-15"],"fatal":["TypeError","TypeError","TypeError","TypeError",""],"none":["RangeError","RangeError","RangeError","RangeError"]}
function handler() {
    const said = (run) => { try { return run(); } catch (error) { return error.name; } };
    const decode = (label, ...bytes) => said(() => { const decoder = new TextDecoder(label); return `${decoder.encoding}: ${decoder.decode(new Uint8Array(bytes))}`; });
    const streamed = (label, ...pieces) => said(() => {
        const decoder = new TextDecoder(label);
        return [...pieces.map((bytes) => decoder.decode(new Uint8Array(bytes), { stream: true })), decoder.decode()];
    });
    return {
        single: [["latin1", 0xe9, 0x80], ["ascii", 65, 0xff], ["windows-1251", 0xcf, 0xf0], ["iso-8859-2", 0xb1], ["iso-8859-15", 0xa4], ["koi8-r", 0xc1],
            ["windows-874", 0xa1], ["macintosh", 0x80], ["ibm866", 0x80], ["x-user-defined", 0x80], ["windows-1253", 0xaa]].map((each) => decode(...each)),
        asian: [["gbk", 0xc4, 0xe3, 0x80], ["gb18030", 0x81, 0x30, 0x81, 0x30, 0x94, 0x39, 0xda, 0x33], ["big5", 0xa7, 0x41, 0xff], ["euc-jp", 0xa4, 0xa2, 0x8e, 0xb1, 0x8f, 0xb0, 0xa1],
            ["shift_jis", 0x82, 0xa0, 0xb1], ["euc-kr", 0xb0, 0xa1], ["iso-2022-jp", 0x1b, 0x24, 0x42, 0x24, 0x22]].map((each) => decode(...each)),
        wide: [decode("utf-16be", 0, 65, 0xd8, 0x3d, 0xde, 0, 0xd8), decode("utf-16be", 0xfe, 0xff, 0, 66), decode("unicodefffe", 0, 67)],
        streams: [streamed("gbk", [0xc4], [0xe3]), streamed("shift_jis", [0x82]), streamed("utf-16be", [0], [65, 0xd8], [0x3d, 0xde, 0]), streamed("windows-1251", [0xcf], [])],
        labels: [" Windows-1252\n", "CP1252", "iso88591", "sjis", "windows-949", "gb2312", "l9"].map((label) => new TextDecoder(label).encoding),
        fatal: [["gbk", 0xff], ["windows-1253", 0xaa], ["euc-kr", 0xb0], ["utf-16be", 0xd8, 0], ["windows-1252", 0x81]].map(([label, ...bytes]) =>
            said(() => new TextDecoder(label, { fatal: true }).decode(new Uint8Array(bytes)))),
        none: ["nope", "", "utf-7", "x".repeat(100)].map((label) => said(() => new TextDecoder(label))),
    };
}
