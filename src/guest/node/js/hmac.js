// What the global `crypto` has beside the web's: keyed hashes, and a comparison in constant time, as in every engine of
// Curfew. Node's module `crypto` stays as it is.
'use strict';

const { Error, ObjectDefineProperty, RangeError, SymbolToStringTag, TypeError, Uint8Array } = node.primordials;
const { createHmac: nodeHmac, timingSafeEqual: nodeEqual } = node.require('crypto');
const { Hmac: { prototype: { update: nodeUpdate, digest: nodeDigest } } } = node.require('crypto');
const { FunctionPrototypeCall } = node.primordials;
const { kindOf } = use('errors.js');
const { encodingOf, sourceBytes, textOf, decode } = use('bytes.js');

const kKnown = '"sha256", "sha384" or "sha512"';

function checkHash(name) {
  if (typeof name !== 'string') throw new TypeError(`the hash of an HMAC is ${kKnown}, not ${kindOf(name)}`);
  if (name !== 'sha256' && name !== 'sha384' && name !== 'sha512') {
    throw new RangeError(`there is no hash "${name}" here: use ${kKnown}`);
  }
}

class Hmac {
  #hash;
  #done = false;

  constructor(hash, key) {
    checkHash(hash);
    this.#hash = nodeHmac(hash, sourceBytes(key, 'the key'));
  }

  #check(method) {
    if (this.#done) throw new Error(`${method} was called after digest: make another Hmac`);
  }

  update(data, encoding) {
    this.#check('update');
    const named = encoding === undefined ? 'utf-8' : encodingOf(encoding, true);
    const source = sourceBytes(data, 'the data');
    this.#check('update');  // an array's getters may have called digest meanwhile
    FunctionPrototypeCall(nodeUpdate, this.#hash, typeof data === 'string' ? decode(data, named) : source);
    return this;
  }

  digest(encoding) {
    this.#check('digest');
    const named = encoding === undefined ? undefined : encodingOf(encoding, false);
    this.#done = true;
    const bytes = FunctionPrototypeCall(nodeDigest, this.#hash);
    return named === undefined ? new Uint8Array(bytes) : textOf(bytes, named);
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
}

exports.install = install;
