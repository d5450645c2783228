// result: ["f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",["hex","base64","base64url"],32,[],["0pwZF2d+fQ","0pwZF2d+fQ=="]]
// Whatever the bytes come in, the digest is the same.
const { createHmac, Hmac } = crypto;
const key = "key";
const data = "The quick brown fox jumps over the lazy dog";
const expected = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
const encode = (text) => new TextEncoder().encode(text);

// The same bytes in every kind of container; those of views lie in the middle of a larger buffer.
function forms(text) {
    const bytes = encode(text);
    const wide = new Uint8Array(bytes.length + 8).fill(7);
    wide.set(bytes, 4);
    return {
        text,
        array: [...bytes],
        floats: [...bytes].map((x) => x + 0.5 - 0.5),
        bytes,
        clamped: new Uint8ClampedArray(bytes),
        part: wide.subarray(4, 4 + bytes.length),
        view: new DataView(wide.buffer, 4, bytes.length),
        buffer: bytes.slice().buffer,
        shared: Object.assign(new Uint8Array(new SharedArrayBuffer(bytes.length)), bytes).buffer,
    };
}

export function handler() {
    const wrong = [];
    for (const [keyForm, keyBytes] of Object.entries(forms(key))) {
        for (const [dataForm, dataBytes] of Object.entries(forms(data))) {
            if (createHmac("sha256", keyBytes).update(dataBytes).digest("hex") !== expected) wrong.push([keyForm, dataForm]);
        }
    }
    const split = createHmac("sha256", key);
    for (const word of data.split(/(?= )/)) if (split.update(word) !== split) wrong.push("not chained");
    if (split.digest("hex") !== expected) wrong.push("in pieces");
    if (new Hmac("sha256", key).update(data).digest("hex") !== expected) wrong.push("constructor");
    if (new (class Mine extends Hmac {})("sha256", key).update(data).digest("hex") !== expected) wrong.push("subclass");
    // Words of typed arrays are the bytes that they lie in memory with.
    const words = new Uint16Array(encode("ab").buffer);
    if (createHmac("sha256", words).update(words).digest("hex") !== createHmac("sha256", "ab").update("ab").digest("hex")) wrong.push("words");
    // Encoded data.
    for (const encoding of ["hex", "base64", "base64url"]) {
        if (createHmac("sha256", key).update(String.bytesFrom(encode(data), encoding), encoding).digest("hex") !== expected) wrong.push(encoding);
    }
    const digest = createHmac("sha256", key).update(data, "utf8").digest();
    if (!(digest instanceof Uint8Array) || digest.toHex() !== expected) wrong.push("bytes");
    const encodings = ["hex", "base64", "base64url"].filter((encoding) =>
        createHmac("sha256", key).update(data).digest(encoding) === String.bytesFrom(digest, encoding));
    // Lone surrogates are hashed as U+FFFD, as TextEncoder has them.
    if (createHmac("sha512", "\ud800").update("a\udc00é😊").digest("hex") !==
        createHmac("sha512", "\ufffd").update("a\ufffdé😊").digest("hex")) wrong.push("surrogates");
    const short = [0xd2, 0x9c, 0x19, 0x17, 0x67, 0x7e, 0x7d];
    return [createHmac("sha256", key).update(data).digest("hex"), encodings, digest.length, wrong,
        [String.bytesFrom(short, "base64url").replace("-", "+"), String.bytesFrom(short, "base64")]];
}
