// Blob and File: bytes with a type.
'use strict';

const { defineMembers, isCallable, iteratorSymbol, textOf, typeError, utf8Decode, utf8Encode, wellFormed } = native;
const { bytesOf, streamOf } = native.library('streams');

const dictionary = (value, what) => {
  if (value === undefined || value === null) return { __proto__: null };
  if (typeof value !== 'object' && typeof value !== 'function') throw typeError(what + ' must be an object', 'ERR_INVALID_ARG_TYPE');
  return value;
};

const kVisible = /^[\x20-\x7e]*$/;

function typeOf(value) {
  if (value === undefined) return '';
  const text = textOf(value);
  return kVisible.test(text) ? text.toLowerCase() : '';
}

// A place in `size` bytes, counted from the end if it is negative.
function place(value, size, otherwise) {
  if (value === undefined) return otherwise;
  const at = Math.trunc(+value) || 0;
  return at < 0 ? Math.max(size + at, 0) : Math.min(at, size);
}

let isBlob;
let contentOf;
const kTaken = { __proto__: null };

class Blob {
  #bytes;
  #type;

  constructor(parts = undefined, options = undefined) {
    if (parts === kTaken) {
      this.#bytes = options.bytes;
      this.#type = options.type;
      return;
    }
    const { type, endings } = dictionary(options, 'the options of a Blob');
    if (endings !== undefined && endings !== 'transparent') throw typeError('of the endings of a Blob only "transparent" is known here', 'ERR_INVALID_ARG_VALUE');
    const pieces = [];
    let size = 0;
    if (parts !== undefined) {
      if (parts === null || typeof parts !== 'object' || !isCallable(parts[iteratorSymbol])) {
        throw typeError('The "sources" argument must be a sequence', 'ERR_INVALID_ARG_TYPE');
      }
      for (const part of parts) {
        const piece = isBlob(part) ? part.#bytes : bytesOf(part) ?? utf8Encode(wellFormed(textOf(part)));
        pieces[pieces.length] = piece;
        size += piece.length;
      }
    }
    this.#bytes = new Uint8Array(size);
    for (let i = 0, at = 0; i < pieces.length; at += pieces[i++].length) this.#bytes.set(pieces[i], at);
    this.#type = typeOf(type);
  }

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
    contentOf = (blob) => ({ __proto__: null, bytes: blob.#bytes, type: blob.#type });
  }

  get size() { return this.#bytes.length; }
  get type() { return this.#type; }
  slice(start = undefined, end = undefined, type = undefined) {
    const { length } = this.#bytes;
    const from = place(start, length, 0);
    const bytes = this.#bytes.slice(from, Math.max(place(end, length, length), from));
    return new Blob(kTaken, { __proto__: null, bytes, type: typeOf(type) });
  }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() {
    const decoded = utf8Decode(this.#bytes);
    return decoded[0] === '\ufeff' ? decoded.slice(1) : decoded;
  }
  stream() { return streamOf([this.#bytes.slice()]); }
}

class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = undefined) {
    if (arguments.length < 2) throw typeError('the constructor of File takes 2 arguments, and got ' + arguments.length, 'ERR_MISSING_ARGS');
    super(parts, options);
    this.#name = wellFormed(textOf(name));
    const time = options?.lastModified;
    this.#lastModified = time === undefined ? Date.now() : Math.trunc(+time) || 0;
  }
  get name() { return this.#name; }
  get lastModified() { return this.#lastModified; }
}

defineMembers(Blob, 'Blob');
defineMembers(File, 'File');

module.exports = { __proto__: null, Blob, File, contentOf, isBlob };
