// result: "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
// A script that replaces what it can reach does not change what the hash is made of.
const { createHmac } = crypto;
const { update, digest } = crypto.Hmac.prototype;
const evil = () => { throw new Error("reached"); };
Array.prototype.push = Array.prototype.slice = Array.prototype.map = Array.prototype[Symbol.iterator] = evil;
Object.defineProperty(Uint8Array.prototype, "length", { get: evil });
Object.defineProperty(Object.prototype, "0", { set: evil, get: evil, configurable: true });
String.prototype.charCodeAt = TextEncoder.prototype.encode = String.prototype.toString = evil;
globalThis.Uint8Array = globalThis.TextEncoder = globalThis.String = evil;
export function handler() {
    const data = "The quick brown fox jumps over the lazy dog";
    return digest.call(update.call(createHmac("sha256", "key"), data), "hex");
}
