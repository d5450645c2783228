// Values of a guest, which are CBOR. All of it is hostile: what is no value is a TypeError, and nothing is believed of lengths.
'use strict';

const kMostLevels = 220;  // with the tags around
const kErrors = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const kHidden = new Set(['message', 'stack', 'cause', 'errors']);
const { Float16Array } = globalThis;

// By the tag less 64; those with 4 in their number have the least significant byte first.
const kViews = [
  Uint8Array, Uint16Array, Uint32Array, BigUint64Array, Uint8ClampedArray, Uint16Array, Uint32Array, BigUint64Array,
  Int8Array, Int16Array, Int32Array, BigInt64Array, undefined, Int16Array, Int32Array, BigInt64Array,
  Float16Array, Float32Array, Float64Array, undefined, Float16Array, Float32Array, Float64Array, undefined,
];
const kUnknown = Symbol('unknown');

function refuse() { throw new TypeError('this is no CBOR of a value'); }

const own = (object, name, value, enumerable) =>
  Object.defineProperty(object, name, { value, enumerable, writable: true, configurable: true });

class Reader {
  #input;
  #view;
  #at = 0;
  #levels = 0;
  #marks = [];

  constructor(input) {
    this.#input = input;
    this.#view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }

  whole() {
    const value = this.item(-1);
    if (this.#at !== this.#input.length) refuse();
    return value;
  }

  #take(count) {
    if (!(count <= this.#input.length - this.#at)) refuse();
    const at = this.#at;
    this.#at += count;
    return at;
  }

  // A number below 2^53, or a BigInt; Infinity if the end is marked instead.
  #count(bits) {
    if (bits < 24) return bits;
    switch (bits) {
      case 24: return this.#input[this.#take(1)];
      case 25: return this.#view.getUint16(this.#take(2));
      case 26: return this.#view.getUint32(this.#take(4));
      case 27: {
        const value = this.#view.getBigUint64(this.#take(8));
        return value <= 0x20000000000000n ? Number(value) : value;
      }
      case 31: return Infinity;
      default: return refuse();
    }
  }

  // Whether there is another part of what has `count`, of which so many were read.
  #more(count, read) {
    if (count !== Infinity) return read < count;
    if (this.#input[this.#at] !== 0xff) return true;
    ++this.#at;
    return false;
  }

  #head(major) {
    return this.#count(this.#part(major));
  }

  #finite(bits) { return bits === 31 ? refuse() : this.#count(bits); }

  item(mark) {
    const first = this.#input[this.#take(1)];
    const bits = first & 31;
    switch (first >> 5) {
      case 0: return this.#finite(bits);
      case 1: {
        const count = this.#finite(bits);
        return typeof count === 'bigint' ? -1n - count : -1 - count;
      }
      case 2: return this.#bytes(this.#count(bits));
      case 3: return this.#text(this.#count(bits));
      case 7: return this.#simple(bits);
      default:
    }
    if (++this.#levels > kMostLevels) refuse();
    const value = this.#nested(first >> 5, this.#count(bits), mark);
    --this.#levels;
    return value;
  }

  #nested(major, count, mark) {
    if (major === 6) return this.#tagged(count, mark);
    if (count !== Infinity && count > this.#input.length - this.#at) refuse();
    return major === 4 ? this.#list(count, mark) : this.#members(count, mark);
  }

  #simple(bits) {
    switch (bits) {
      case 20: return false;
      case 21: return true;
      case 22: return null;
      case 23: return undefined;
      case 25: {
        const half = this.#view.getUint16(this.#take(2));
        const exponent = half >> 10 & 31;
        const fraction = half & 0x3ff;
        const size = exponent === 31 ? (fraction === 0 ? Infinity : NaN) : exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25);
        return (half & 0x8000) !== 0 ? -size : size;
      }
      case 26: return this.#view.getFloat32(this.#take(4));
      case 27: return this.#view.getFloat64(this.#take(8));
      default: return refuse();
    }
  }

  #text(count) {
    if (count === Infinity) {
      let text = '';
      while (this.#more(count, 0)) text += this.#text(this.#finite(this.#part(3)));
      return text;
    }
    const at = this.#take(count);
    if (count > 16) return this.#input.utf8Slice(at, at + count);
    let text = '';
    for (let i = at; i < at + count; ++i) {
      const code = this.#input[i];
      if (code >= 0x80) return this.#input.utf8Slice(at, at + count);
      text += String.fromCharCode(code);
    }
    return text;
  }

  // A copy with a buffer of its own.
  #bytes(count) {
    if (count === Infinity) {
      const parts = [];
      while (this.#more(count, 0)) parts.push(this.#bytes(this.#finite(this.#part(2))));
      return new Uint8Array(Buffer.concat(parts));
    }
    const at = this.#take(count);
    return Uint8Array.prototype.slice.call(new Uint8Array(this.#input.buffer, this.#input.byteOffset, this.#input.length), at, at + count);
  }

  #part(major) {
    const first = this.#input[this.#take(1)];
    return first >> 5 === major ? first & 31 : refuse();
  }

  // Known as soon as it is there, since it may contain itself.
  #marked(mark, value) {
    if (mark >= 0) this.#marks[mark] = value;
    return value;
  }

  #list(count, mark) {
    const list = this.#marked(mark, []);
    for (let i = 0; this.#more(count, i); ++i) list.push(this.item(-1));
    return list;
  }

  #members(count, mark) {
    const object = this.#marked(mark, {});
    for (let i = 0; this.#more(count, i); ++i) {
      const name = this.#text(this.#head(3));
      const value = this.item(-1);
      if (name === '__proto__') own(object, name, value, true);
      else object[name] = value;
    }
    return object;
  }

  #tagged(tag, mark) {
    switch (tag) {
      case 1: {
        const seconds = this.item(-1);
        return this.#marked(mark, new Date(typeof seconds === 'number' ? Math.round(seconds * 1000) : NaN));
      }
      case 2: return this.#bigint();
      case 3: return -1n - this.#bigint();
      case 27: return this.#ofClass(mark);
      case 28: {
        const number = this.#marks.push(kUnknown) - 1;
        const value = this.item(number);
        this.#marks[number] = value;
        return value;
      }
      case 29: {
        const value = this.#marks[this.#finite(this.#part(0))];
        return value === undefined || value === kUnknown ? refuse() : value;
      }
      case 258: {
        const set = this.#marked(mark, new Set());
        const count = this.#head(4);
        for (let i = 0; this.#more(count, i); ++i) set.add(this.item(-1));
        return set;
      }
      case 259: {
        const map = this.#marked(mark, new Map());
        const count = this.#head(5);
        for (let i = 0; this.#more(count, i); ++i) {
          const key = this.item(-1);
          map.set(key, this.item(-1));
        }
        return map;
      }
      case 21066: {
        if (this.#head(4) !== 2) refuse();
        const source = this.#text(this.#head(3));
        return this.#marked(mark, new RegExp(source, this.#text(this.#head(3))));
      }
      default: return this.#marked(mark, this.#view64(tag));
    }
  }

  #bigint() {
    const digits = this.#bytes(this.#head(2));
    return digits.length === 0 ? 0n : BigInt(`0x${Buffer.from(digits.buffer).toString('hex')}`);
  }

  #view64(tag) {
    const kind = tag - 64;
    const View = kViews[kind];
    if (View === undefined) refuse();
    const data = this.#bytes(this.#head(2));
    const { BYTES_PER_ELEMENT: each } = View;
    if (data.length % each !== 0) refuse();
    if ((kind & 4) === 0 && each > 1) {
      for (let from = 0; from < data.length; from += each) data.subarray(from, from + each).reverse();
    }
    return new View(data.buffer);
  }

  #ofClass(mark) {
    if (this.#head(4) !== 2) refuse();
    const name = this.#text(this.#head(3));
    if (name === 'ArrayBuffer') return this.#marked(mark, this.#bytes(this.#head(2)).buffer);
    if (name === 'DataView') return this.#marked(mark, new DataView(this.#bytes(this.#head(2)).buffer));
    const error = this.#marked(mark, name === 'AggregateError' ? new AggregateError([]) : new (kErrors[name] ?? Error)());
    if (error.name !== name) own(error, 'name', name, false);
    const count = this.#head(5);
    for (let i = 0; this.#more(count, i); ++i) {
      const field = this.#text(this.#head(3));
      own(error, field, this.item(-1), !kHidden.has(field));
    }
    return error;
  }
}

// The value in a Buffer.
const decode = (input) => new Reader(input).whole();

module.exports = { decode };
