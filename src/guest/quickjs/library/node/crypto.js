// The module `crypto`: what the global `crypto` has, as Node.js gives it to its own callers. Bytes are Buffers, and all encodings of a Buffer
// can be named.
'use strict';

const { unavailable } = native.library('node_system');
const web = crypto;

const kNative = { __proto__: null, hex: true, base64: true, base64url: true };
const kHashes = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const kMostRandom = 65536;  // bytes at once

const bufferOf = () => native.library('node_buffer').Buffer;

function shown(bytes, encoding) {
  const { Buffer } = native.library('node_buffer');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

// What the native functions take: a text in an encoding that they do not know, and what is in a key, as bytes.
function plain(data, encoding) {
  if (data instanceof KeyObject) return data.export();
  if (typeof data !== 'string' || encoding === undefined || encoding === 'buffer' || /^utf-?8$|^hex$/i.test(encoding)) return data;
  return bufferOf().from(data, encoding);
}

class Digest {
  #native;

  constructor(made) { this.#native = made; }
  static nativeOf(digest) { return digest.#native; }

  update(data, encoding) {
    const bytes = plain(data, encoding);
    this.#native.update(bytes, typeof bytes === 'string' && /^hex$/i.test(encoding) ? 'hex' : undefined);
    return this;
  }
  digest(encoding) {
    return encoding !== undefined && kNative[encoding] ? this.#native.digest(encoding) : shown(this.#native.digest(), encoding);
  }
}

class Hash extends Digest {
  constructor(algorithm) { super(typeof algorithm === 'object' ? algorithm : web.createHash(algorithm)); }
  copy() { return new Hash(Digest.nativeOf(this).copy()); }
}

class Hmac extends Digest {
  constructor(algorithm, key) { super(web.createHmac(algorithm, plain(key))); }
}

class KeyObject {
  #bytes;

  constructor(type, bytes) {
    if (type !== 'secret') throw native.typeError('There are only secret keys', 'ERR_INVALID_ARG_VALUE');
    this.#bytes = bytes;
  }
  get type() { return 'secret'; }
  get symmetricKeySize() { return this.#bytes.length; }
  export(options) {
    if (options?.format === 'jwk') return { kty: 'oct', k: this.#bytes.toString('base64url') };
    return bufferOf().from(this.#bytes);
  }
  equals(other) { return web.timingSafeEqual(this.#bytes, other.export()); }
}

function createSecretKey(key, encoding) {
  if (typeof key !== 'string' && !ArrayBuffer.isView(key) && !(key instanceof ArrayBuffer)) {
    throw native.typeError('The "key" argument must be of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', 'ERR_INVALID_ARG_TYPE');
  }
  return new KeyObject('secret', typeof key === 'string' ? bufferOf().from(key, encoding) : bufferOf().from(key.buffer ?? key, key.byteOffset, key.byteLength));
}

function randomFillSync(view, offset = 0, size = view.byteLength - offset) {
  const bytes = new Uint8Array(view.buffer ?? view, (view.byteOffset ?? 0) + offset, size);
  for (let at = 0; at < size; at += kMostRandom) web.getRandomValues(bytes.subarray(at, Math.min(at + kMostRandom, size)));
  return view;
}

// What is there already, but told to a callback if there is one.
const told = (callback, work) => {
  if (callback === undefined) return work();
  const made = work();
  process.nextTick(callback, null, made);
  return undefined;
};

function randomInt(low, high, callback) {
  if (high === undefined || typeof high === 'function') [low, high, callback] = [0, low, high];
  const range = high - low;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) throw native.typeError('The bounds of randomInt must be safe integers', 'ERR_INVALID_ARG_TYPE');
  if (!(range > 0 && range <= 2 ** 48 - 1)) throw Object.assign(new RangeError('The range of randomInt must be at least 1 and less than 2 ** 48'), { code: 'ERR_OUT_OF_RANGE' });
  return told(callback, () => {
    const limit = 2 ** 48 - (2 ** 48 % range);
    for (;;) {
      const [a, b, c] = web.getRandomValues(new Uint16Array(3));
      const drawn = a * 2 ** 32 + b * 2 ** 16 + c;
      if (drawn < limit) return low + (drawn % range);
    }
  });
}

// RFC 8018, with what HMAC the guest has.
function pbkdf2Sync(password, salt, iterations, size, algorithm) {
  const { Buffer } = native.library('node_buffer');
  const bytesOf = (value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer ?? value, value.byteOffset, value.byteLength));
  const key = bytesOf(password);
  const parts = [];
  let made = 0;
  for (let block = 1; made < size; ++block) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block);
    let last = web.createHmac(algorithm, key).update(Buffer.concat([bytesOf(salt), number])).digest();
    const sum = Buffer.from(last);
    for (let i = 1; i < iterations; ++i) {
      last = web.createHmac(algorithm, key).update(last).digest();
      for (let k = 0; k < sum.length; ++k) sum[k] ^= last[k];
    }
    parts.push(sum);
    made += sum.length;
  }
  return Buffer.concat(parts, size);
}

module.exports = {
  createHash: (algorithm) => new Hash(algorithm),
  createHmac: (algorithm, key) => new Hmac(algorithm, key),
  createSecretKey,
  getHashes: () => [...kHashes],
  getCiphers: () => [],
  getCurves: () => [],
  getRandomValues: web.getRandomValues,
  Hash,
  hash: (algorithm, data, encoding = 'hex') => new Hash(algorithm).update(data).digest(encoding),
  Hmac,
  KeyObject,
  pbkdf2(password, salt, iterations, size, algorithm, callback) { told(callback, () => pbkdf2Sync(password, salt, iterations, size, algorithm)); },
  pbkdf2Sync,
  pseudoRandomBytes: (size, callback) => module.exports.randomBytes(size, callback),
  randomBytes: (size, callback) => told(callback, () => randomFillSync(bufferOf().alloc(size))),
  randomFill(view, ...rest) { const callback = rest.pop(); told(callback, () => randomFillSync(view, ...rest)); },
  randomFillSync,
  randomInt,
  randomUUID: web.randomUUID,
  timingSafeEqual: web.timingSafeEqual,
  webcrypto: web,
  constants: {},
};
for (const name of ['createCipheriv', 'createDecipheriv', 'createDiffieHellman', 'createECDH', 'createPrivateKey', 'createPublicKey', 'createSign', 'createVerify', 'generateKey', 'generateKeyPair', 'generateKeyPairSync', 'generateKeySync', 'hkdf', 'hkdfSync', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt', 'publicEncrypt', 'scrypt', 'scryptSync', 'sign', 'verify']) {
  module.exports[name] = unavailable('crypto', name);
}
