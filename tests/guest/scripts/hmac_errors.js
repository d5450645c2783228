// result: ["RangeError: there is no hash \"md6\" here: use \"md5\", \"sha1\", \"sha224\", \"sha256\", \"sha384\" or \"sha512\"","RangeError: there is no hash \"SHA 256\" here: use \"md5\", \"sha1\", \"sha224\", \"sha256\", \"sha384\" or \"sha512\"","RangeError","TypeError: the hash of an HMAC is \"md5\", \"sha1\", \"sha224\", \"sha256\", \"sha384\" or \"sha512\", not undefined","TypeError: the key must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not undefined","TypeError: the key must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not an object","TypeError: the data must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not a number","TypeError: the data is an array, but its item 2 is no number from 0 to 255","TypeError: the data is an array, but its item 1 is no number from 0 to 255","TypeError: the data is an array, but its item 0 is no number from 0 to 255","TypeError: the data is an array, but its item 0 is no number from 0 to 255","TypeError: the data is no text in hex","RangeError: there is no encoding \"latin1\" here: use \"utf-8\", \"hex\", \"base64\" or \"base64url\"","RangeError: there is no encoding \"utf8\" here: use \"hex\", \"base64\" or \"base64url\"","TypeError: an encoding is \"hex\", \"base64\" or \"base64url\", not a number",32,"Error: update was called after digest: make another Hmac","TypeError","TypeError","Error: update was called after digest: make another Hmac","TypeError","still 64"]
const { createHmac, Hmac } = crypto;
const error = (wrong) => {
    try {
        return wrong();
    } catch (e) {
        return String(e);
    }
};
const name = (wrong) => error(wrong).split(":")[0];
const fresh = () => createHmac("sha256", "key");
export function handler() {
    const done = fresh();
    done.digest();
    const tricked = fresh();
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    const kept = fresh();
    error(() => kept.digest("rot13")); // does not use it up
    return [
        error(() => createHmac("md6", "key")),
        error(() => createHmac("SHA 256", "key")),
        name(() => createHmac("sha256\0", "key")),
        error(() => createHmac(undefined, "key")),
        error(() => createHmac("sha256")),
        error(() => createHmac("sha256", { length: 1, 0: 1 })),
        error(() => fresh().update(7)),
        error(() => fresh().update([1, 2, 256])),
        error(() => fresh().update([1, 2.5])),
        error(() => fresh().update([-1])),
        error(() => fresh().update(["1"])),
        error(() => fresh().update("xyz", "hex")),
        error(() => fresh().update("x", "latin1")),
        error(() => fresh().digest("utf8")),
        error(() => fresh().digest(16)),
        error(() => done.digest().length),
        error(() => done.update("x")),
        name(() => Hmac("sha256", "key")),
        name(() => Hmac.prototype.update.call({}, "x")),
        error(() => tricked.update([1, 2, 3].map((x, i, all) => (i ? x : (Object.defineProperty(all, 1, { get() { tricked.digest(); return 2; } }), x))) && Object.defineProperty([1, 2], 1, { get() { tricked.digest(); return 2; } }))),
        name(() => fresh().update(detached)),
        "still " + kept.digest("hex").length,
    ];
}
