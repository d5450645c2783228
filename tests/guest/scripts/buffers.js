// result: [true,true,true,13,13,["Zoë € 😀","5a6fc3ab20e282ac20f09f9880","Wm/DqyDigqwg8J+YgA==","Wm_DqyDigqwg8J-YgA","ZoÃ« â¬ ð","潚ꯃ겂颟"],[true,true,true,true,true,false],"ë"," ","6fc3","😀","deadbeeffeffc3a462ffef00",3735928559,-2,true,"abcd",-1,2,3,true,"ababa","xxx","thi","efbfbd","�A","fbffbf","{\"type\":\"Buffer\",\"data\":[104,105]}",true,false,"TypeError","TypeError","RangeError","RangeError",[[0,97],[1,98]],"badc",true,false,true,{"type":"Buffer","data":[1,2]}]
// Buffer, as Node.js has it.
import { Buffer as imported, constants, isUtf8, isAscii } from "node:buffer";
export function handler() {
    const text = "Zoë € 😀";
    const bytes = Buffer.from(text);
    const encodings = ["utf8", "hex", "base64", "base64url", "latin1", "utf16le"];
    const thrown = (f) => { try { return f(); } catch (error) { return error.name; } };
    const written = Buffer.alloc(12);
    written.writeUInt32BE(0xdeadbeef, 0);
    written.writeInt16LE(-2, 4);
    written.write("äb", 6);
    written.write("_-8", 9, "base64url");
    return [
        imported === Buffer, bytes instanceof Uint8Array, Buffer.isBuffer(bytes), bytes.length, Buffer.byteLength(text),
        encodings.map((encoding) => bytes.toString(encoding)),
        encodings.map((encoding) => Buffer.from(bytes.toString(encoding), encoding).equals(bytes)),
        bytes.toString("utf8", 2, 4), bytes.toString("utf8", 4, 5), bytes.subarray(1, 3).toString("hex"), bytes.slice(-4).toString(),
        written.toString("hex"), written.readUInt32BE(0), written.readInt16LE(4), written.readDoubleLE(2) !== 0,
        Buffer.concat([Buffer.from("a"), Buffer.from([98, 99]), Buffer.from(new Uint8Array([100]).buffer)]).toString(),
        Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("abcabc").indexOf("ca"), Buffer.from("abcabc").lastIndexOf("a"),
        Buffer.from("abc").includes("YmM", 0, "base64url"), Buffer.alloc(5, "ab").toString(), Buffer.alloc(3).fill("eA", "base64url").toString(),
        Buffer.from("7468697g", "hex").toString(), Buffer.from("\ud800").toString("hex"), Buffer.from([0xff, 0x41]).toString(),
        Buffer.from("-_-_", "base64").toString("hex"), JSON.stringify(Buffer.from("hi")), Buffer.isEncoding("BASE64URL"), Buffer.isEncoding("nope"),
        thrown(() => Buffer.from("a", "nope")), thrown(() => Buffer.from(5)), thrown(() => Buffer.alloc(-1)), thrown(() => written.readUInt8(99)),
        [...Buffer.from("ab").entries()], Buffer.from("abcd").swap16().toString(), constants.MAX_LENGTH > 2 ** 30,
        isUtf8(Buffer.from([0xc3])), isAscii(Buffer.from("a")), Buffer.of(1, 2).toJSON(),
    ];
}
