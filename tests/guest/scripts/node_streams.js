// result: ["first","once 1","on 1","first","on 2",true,true,false,2,[3,4],"nobody listens",["AB","CD","É"],true,true,"€",[1,2,3],[4,6],"broken","piped",false,true,true,"waited",["","€","�"],"ERR_STREAM_WRITE_AFTER_END"]
// Events and streams, as Node.js has them.
import EventEmitter, { once } from "node:events";
import { PassThrough, Readable, Transform, Writable, pipeline as withCallback } from "stream";
import { finished, pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { setTimeout as later } from "node:timers/promises";
import { StringDecoder } from "string_decoder";
import { promisify } from "util";

export async function handler() {
    const seen = [];
    const emitter = new EventEmitter();
    emitter.once("a", (x) => seen.push(`once ${x}`)).on("a", (x) => seen.push(`on ${x}`)).prependListener("a", () => seen.push("first"));
    seen.push(emitter.emit("a", 1), emitter.emit("a", 2), emitter.emit("b"), emitter.listenerCount("a"));
    setTimeout(() => emitter.emit("c", 3, 4), 1);
    seen.push(await once(emitter, "c"));
    try {
        emitter.emit("error", new Error("nobody listens"));
    } catch (error) {
        seen.push(error.message);
    }
    class Upper extends Transform {
        _transform(chunk, encoding, done) { done(null, chunk.toString().toUpperCase()); }
    }
    const written = [];
    const sink = new Writable({ highWaterMark: 2, write(chunk, encoding, done) { written.push(chunk.toString()); setImmediate(done); } });
    await pipeline(Readable.from(["ab", "cd", Buffer.from("é")]), new Upper(), sink);
    seen.push(written, sink.writableFinished, sink.destroyed);
    seen.push(await text(Readable.from([Buffer.from([0xe2, 0x82]), Buffer.from([0xac])])));
    const source = new Readable({ objectMode: true, read() { this.push(this.n = (this.n ?? 0) + 1); if (this.n === 3) this.push(null); } });
    const numbers = [];
    for await (const n of source) numbers.push(n);
    seen.push(numbers, await Readable.from([1, 2, 3]).map((x) => x * 2).filter((x) => x > 2).toArray());
    const broken = new PassThrough();
    setImmediate(() => broken.destroy(new Error("broken")));
    seen.push(await finished(broken).catch((error) => error.message));
    seen.push(await promisify(withCallback)(Readable.from(["x"]), new PassThrough().resume()).then(() => "piped"));
    const slow = new Writable({ highWaterMark: 1, write(chunk, encoding, done) { setTimeout(done, 1); } });
    seen.push(slow.write("aa"), slow.writableNeedDrain);
    await once(slow, "drain");
    seen.push(slow.write(""), await later(1, "waited"));
    const decoder = new StringDecoder("utf8");
    seen.push([decoder.write(Buffer.from([0xe2, 0x82])), decoder.write(Buffer.from([0xac])), decoder.end(Buffer.from([0xe2]))]);
    const ended = new Writable({ write(chunk, encoding, done) { done(); } });
    ended.end();
    ended.on("error", (error) => seen.push(error.code));
    ended.write("late");
    await later(1);
    return seen;
}
