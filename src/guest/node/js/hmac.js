// What the global `crypto` has beside the web's: keyed hashes, and a comparison in constant time, as in every engine of
// Curfew. Node's module `crypto` stays as it is.
'use strict';

const {
  Error,
  ObjectDefineProperty,
  RangeError,
  SafeSet,
  StringPrototypeReplaceAll,
  StringPrototypeToLowerCase,
  SymbolToStringTag,
  TypeError,
  Uint8Array,
} = node.primordials;
const { createHash, createHmac: nodeHmac, Hash, hash, timingSafeEqual: nodeEqual } = node.require('crypto');
const { Hmac: { prototype: { update: nodeUpdate, digest: nodeDigest } } } = node.require('crypto');
const { FunctionPrototypeCall } = node.primordials;
const { kindOf } = use('errors.js');
const { encodingOf, sourceBytes, textOf, decode } = use('bytes.js');

const kKnown = '"md5", "sha1", "sha224", "sha256", "sha384" or "sha512"';
const kHashes = new SafeSet(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']);

// The name as OpenSSL has it.
function hashOf(name) {
  if (typeof name !== 'string') throw new TypeError(`the hash of an HMAC is ${kKnown}, not ${kindOf(name)}`);
  const known = StringPrototypeToLowerCase(StringPrototypeReplaceAll(name, '-', ''));
  if (!kHashes.has(known)) throw new RangeError(`there is no hash "${name}" here: use ${kKnown}`);
  return known;
}

class Hmac {
  #hash;
  #digest = undefined;

  constructor(hash, key) {
    this.#hash = nodeHmac(hashOf(hash), sourceBytes(key, 'the key'));
  }

  #check() {
    if (this.#digest === undefined) return;
    const error = new Error('update was called after digest: make another Hmac');
    error.code = 'ERR_CRYPTO_HASH_FINALIZED';
    throw error;
  }

  update(data, encoding) {
    this.#check();
    const named = encoding === undefined ? 'utf-8' : encodingOf(encoding, true);
    const source = sourceBytes(data, 'the data');
    this.#check();  // an array's getters may have called digest meanwhile
    FunctionPrototypeCall(nodeUpdate, this.#hash, typeof data === 'string' ? decode(data, named) : source);
    return this;
  }

  // The same each time that it is asked for.
  digest(encoding) {
    const named = encoding === undefined ? undefined : encodingOf(encoding, false);
    this.#digest ??= FunctionPrototypeCall(nodeDigest, this.#hash);
    return named === undefined ? new Uint8Array(this.#digest) : textOf(this.#digest, named);
  }
}
ObjectDefineProperty(Hmac.prototype, SymbolToStringTag, { __proto__: null, value: 'Hmac', configurable: true });

const functions = {
  createHmac(hash, key) {
    return new Hmac(hash, key);
  },
  // Takes as long for any two values of the same length, wherever they differ.
  timingSafeEqual(one, other) {
    const first = sourceBytes(one, 'the first value');
    const second = sourceBytes(other, 'the second value');
    return first.length === second.length && nodeEqual(first, second);
  },
};

function install() {
  const define = (name, value) =>
    ObjectDefineProperty(globalThis.crypto, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
  define('createHmac', functions.createHmac);
  define('timingSafeEqual', functions.timingSafeEqual);
  define('Hmac', Hmac);
  define('createHash', createHash);
  define('Hash', Hash);
  define('hash', hash);
}

exports.install = install;
