// result: {"abc":["900150983cd24fb0d6963f7d28e17f72","a9993e364706816aba3e25717850c26c9cd0d89d","23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7","ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7","ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"],"empty":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","pieces":true,"bytes":[true,16],"over":["Error ERR_CRYPTO_HASH_FINALIZED","Error ERR_CRYPTO_HASH_FINALIZED","da23614e02469a0d7c7bd1bdab5c9c474b1904dc"],"atOnce":["a9993e364706816aba3e25717850c26c9cd0d89d","DMF1ucDxtqgxw5niaXcmYQ=="],"long":"LSPdCcr25Q2xg7qxBtL9TCIvzFUtLHCNFgYAnpgcdGBcYE3UMCxysFK9Dj_LsAa7VcgTRpsQuFq6swuWShbRjA","wrong":[true,true,true,true],"twice":true,"more":["80070713463e7749b90c2dc24911e275","de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9","88ff8b54675d39b8f72322e65ff945c52d96379988ada25639747e69"],"after":"Error ERR_CRYPTO_HASH_FINALIZED"}
function handler() {
    // What Node.js's own crypto gives, by functions that are there on both engines.
    const said = (run) => { try { return run(); } catch (error) { return `${error.name} ${error.code ?? ""}`.trim(); } };
    const { createHash } = crypto;
    const used = createHash("sha1").update("a");
    const copied = used.copy();
    used.digest("hex");
    return {
        abc: ["md5", "sha1", "sha224", "sha256", "sha384", "SHA512"].map((name) => createHash(name).update("abc").digest("hex")),
        empty: createHash("sha256").digest("base64"),
        pieces: createHash("sha256").update("a").update(new Uint8Array([98])).update("63", "hex").digest("hex") === createHash("sha256").update("abc").digest("hex"),
        bytes: [createHash("md5").digest() instanceof Uint8Array, createHash("md5").digest().length],
        over: [said(() => used.digest()), said(() => used.update("b")), copied.update("b").digest("hex")],
        atOnce: [crypto.hash("sha1", "abc"), crypto.hash("md5", new Uint8Array([97]), "base64")],
        long: createHash("sha512").update("x".repeat(100000)).digest("base64url"),
        wrong: [() => createHash("sha999"), () => createHash(), () => createHash("md5").update(), () => createHash("md5").update(5)].map((run) => said(run) !== undefined),
        twice: (() => { const hmac = crypto.createHmac("sha256", "k").update("x"); return hmac.digest("hex") === hmac.digest("hex"); })(),
        more: ["md5", "sha1", "sha224"].map((name) => crypto.createHmac(name, "key").update("The quick brown fox jumps over the lazy dog").digest("hex")),
        after: said(() => { const hmac = crypto.createHmac("sha256", "k"); hmac.digest(); hmac.update("x"); }),
    };
}
