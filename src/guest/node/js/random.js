// Random numbers come from the host's seed. Node keeps some for later in JavaScript (randomUUID, randomInt) and in V8
// (Math.random): frozen into the image, they would be the same in all cells, so those functions draw here instead.
// Everything else draws from OpenSSL, which the native part seeds anew.
'use strict';

const {
  FunctionPrototypeCall,
  NumberIsSafeInteger,
  ObjectDefineProperty,
  Uint32Array,
  Uint8Array,
} = node.primordials;
const crypto = node.require('crypto');
const { nextTick } = node.process;
const { random } = native;

// Drawn ahead, so that one draw costs little.
const pool = new Uint32Array(128);
const poolBytes = new Uint8Array(pool.buffer);
let next = pool.length;

function word() {
  if (next === pool.length) {
    random(poolBytes);
    next = 0;
  }
  const drawn = pool[next];
  pool[next++] = 0;  // nobody reads it again, a snapshot included
  return drawn;
}

// Forgets what was drawn ahead: the host has given a new seed.
function forget() {
  next = pool.length;
}

const kHex = [];
for (let i = 0; i < 256; ++i) kHex[i] = (i + 256).toString(16).slice(1);

// A UUID of version 4, as RFC 9562 has it.
function uuid() {
  const a = word();
  const b = (word() & 0xffff0fff) | 0x4000;
  const c = (word() & 0x3fffffff) | 0x80000000;
  const d = word();
  const two = (x, shift) => kHex[(x >>> (shift + 8)) & 255] + kHex[(x >>> shift) & 255];
  return `${two(a, 16)}${two(a, 0)}-${two(b, 16)}-${two(b, 0)}-${two(c, 16)}-${two(c, 0)}${two(d, 16)}${two(d, 0)}`;
}

const kLargestRange = 2 ** 48;

function install() {
  const math = { random() { return (word() * 2097152 + (word() >>> 11)) / 9007199254740992; } };
  ObjectDefineProperty(Math, 'random', { __proto__: null, value: math.random, writable: true, configurable: true });

  const { randomUUID: nodeUuid, randomUUIDv7: nodeUuid7, randomInt: nodeInt } = crypto;
  // What is no object is left to Node, which says so.
  const uncached = (options) => (options !== null && typeof options === 'object' ? { ...options, disableEntropyCache: true } : options);
  crypto.randomUUID = function randomUUID(options) {
    return options === undefined ? uuid() : nodeUuid(uncached(options));
  };
  if (nodeUuid7 !== undefined) {
    crypto.randomUUIDv7 = function randomUUIDv7(options) {
      return nodeUuid7(uncached(options ?? {}));
    };
  }
  const { prototype } = globalThis.Crypto;
  const { randomUUID: webUuid } = prototype;
  prototype.randomUUID = {
    randomUUID() {
      return this === globalThis.crypto ? uuid() : FunctionPrototypeCall(webUuid, this);  // which throws
    },
  }.randomUUID;

  crypto.randomInt = function randomInt(min, max, callback) {
    let from = min;
    let to = max;
    let done = callback;
    if (max === undefined || typeof max === 'function') {
      from = 0;
      to = min;
      done = max;
    }
    const range = to - from;
    const isRange = NumberIsSafeInteger(from) && NumberIsSafeInteger(to) && range > 0 && range < kLargestRange;
    // Node's own says what is wrong.
    if (!isRange || (done !== undefined && typeof done !== 'function')) return nodeInt(min, max, callback);
    const limit = kLargestRange - kLargestRange % range;
    let drawn;
    do {
      drawn = (word() & 0xffff) * 4294967296 + word();
    } while (drawn >= limit);
    const number = drawn % range + from;
    if (done === undefined) return number;
    nextTick(done, undefined, number);
  };
  ObjectDefineProperty(crypto.randomInt, 'name', { __proto__: null, value: 'randomInt', configurable: true });
}

exports.install = install;
exports.forget = forget;
