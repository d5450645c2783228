// result: [true,"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","kAFQmDzST7DWlj99KOF/cg==",64,true,"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8","da23614e02469a0d7c7bd1bdab5c9c474b1904dc","5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0","UDH-PZicbRU3oBP6bnOdojRj_a7DtwE32Cjjas4iG9A","a9993e364706816aba3e25717850c26c9cd0d89d",["secret",3,"key",{"kty":"oct","k":"a2V5"}],"ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",true,70000,[null,4],true,36,true,"function","ERR_CRYPTO_HASH_FINALIZED","ERR_OUT_OF_RANGE",true]
// The module crypto gives Buffers, and takes all of their encodings.
import crypto, { createHash, createHmac, createSecretKey, hash, pbkdf2Sync, randomBytes, randomInt, randomUUID, timingSafeEqual, webcrypto } from "node:crypto";

export async function handler() {
    const digest = createHash("sha256").update("abc").digest();
    const key = createSecretKey(Buffer.from("key"));
    const code = (f) => { try { f(); return "no error"; } catch (error) { return error.code ?? error.name; } };
    const half = createHash("sha1").update("a");
    const copy = half.copy().update("b");
    const later = await new Promise((done) => randomBytes(4, (error, bytes) => done([error, bytes.length])));
    return [
        Buffer.isBuffer(digest), digest.toString("hex"), createHash("md5").update("YWJj", "base64").digest("base64"), createHash("sha512").update(Buffer.from("x")).digest("latin1").length,
        createHash("sha256").update("e9", "hex").update("é", "latin1").digest("hex") === createHash("sha256").update(Buffer.from([0xe9, 0xe9])).digest("hex"),
        half.digest("hex"), copy.digest("hex"), createHmac("sha256", "key").update("data").digest("hex"), createHmac("sha256", key).update("data").digest("base64url"),
        hash("sha1", "abc"), [key.type, key.symmetricKeySize, key.export().toString(), key.export({ format: "jwk" })],
        pbkdf2Sync("password", "salt", 2, 20, "sha1").toString("hex"), Buffer.isBuffer(randomBytes(7)), randomBytes(70000).length, later,
        Array.from({ length: 50 }, () => randomInt(3, 6)).every((n) => n >= 3 && n < 6), randomUUID().length, timingSafeEqual(Buffer.from("a"), Buffer.from("a")),
        typeof webcrypto.getRandomValues, code(() => half.update("late")), code(() => randomInt(5, 5)),
        crypto.getHashes().includes("sha256"),
    ];
}
