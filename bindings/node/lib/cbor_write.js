// Values as CBOR for guests; docs/values.md in Curfew's sources says in which form. What structured clone knows can be passed, with what
// objects share and rings; stacks of this process's errors stay here.
'use strict';

const { types } = require('node:util');

const kMostLevels = 200;
const kReference = 0xffffffff;
const kLongAscii = 48;

const kViewTags = {
  __proto__: null, Uint8Array: 0, Uint8ClampedArray: 68, Int8Array: 72, Uint16Array: 69, Int16Array: 77, Uint32Array: 70, Int32Array: 78,
  BigUint64Array: 71, BigInt64Array: 79, Float16Array: 84, Float32Array: 85, Float64Array: 86,
};
const tagOfView = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const kObject = Object.prototype;
const kUnpassable = [
  ['a Promise', types.isPromise], ['a WeakMap', types.isWeakMap], ['a WeakSet', types.isWeakSet], ['a generator', types.isGeneratorObject],
  ['an iterator', (value) => types.isMapIterator(value) || types.isSetIterator(value)], ['a WeakRef', (value) => value instanceof WeakRef],
];

const shownStep = (step) => (typeof step === 'number' ? `[${step}]` : /^[A-Za-z_$][\w$]{0,99}$/.test(step) ? `.${step}` : `[${JSON.stringify(step.slice(0, 100))}]`);

let scratch = Buffer.allocUnsafeSlow(1 << 12);
let view = new DataView(scratch.buffer);
let size = 0;

function room(more) {
  if (size + more <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, size + more));
  scratch.copy(larger, 0, 0, size);
  scratch = larger;
  view = new DataView(scratch.buffer);
}

function head(major, count) {
  room(9);
  const first = major << 5;
  if (count < 24) {
    scratch[size++] = first | count;
  } else if (count < 0x100) {
    scratch[size++] = first | 24;
    scratch[size++] = count;
  } else if (count < 0x10000) {
    scratch[size++] = first | 25;
    view.setUint16(size, count);
    size += 2;
  } else if (count <= 0xffffffff) {
    scratch[size++] = first | 26;
    view.setUint32(size, count);
    size += 4;
  } else {
    scratch[size++] = first | 27;
    view.setUint32(size, Math.floor(count / 0x100000000));
    view.setUint32(size + 4, count >>> 0);
    size += 8;
  }
}

function number(value) {
  if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0)) {
    if (value >= 0) head(0, value);
    else head(1, -1 - value);
    return;
  }
  room(9);
  scratch[size++] = 0xfb;
  view.setFloat64(size, value);
  size += 8;
}

function bytes(data) {
  head(2, data.byteLength);
  room(data.byteLength);
  scratch.set(data, size);
  size += data.byteLength;
}

const bytesOf = (value) => (types.isAnyArrayBuffer(value) ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength));

function bigint(value) {
  head(6, value < 0n ? 3 : 2);
  const digits = (value < 0n ? -1n - value : value).toString(16);
  bytes(digits === '0' ? new Uint8Array() : Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

// One value as it is written.
class Writer {
  #what;
  #path = [];
  #places = new Map();   // of objects, where they begin
  #references = [];      // offset of a number, and the object that it refers to

  constructor(what) { this.#what = what; }

  refuse(kind) {
    const place = this.#path.slice(0, 32).map(shownStep).join('');
    throw new TypeError(`${this.#what} ${place === '' ? 'is' : 'holds'} ${kind}${place === '' ? '' : ` at ${place}`}, which cannot be passed to a guest`);
  }

  text(value) {
    const { length } = value;
    if (length < kLongAscii) {
      room(length + 2);
      const start = size;
      if (length < 24) {
        scratch[size++] = 0x60 | length;
      } else {
        scratch[size++] = 0x78;
        scratch[size++] = length;
      }
      let i = 0;
      for (; i < length; ++i) {
        const code = value.charCodeAt(i);
        if (code >= 0x80) break;
        scratch[size++] = code;
      }
      if (i === length) return;
      size = start;
    }
    if (!value.isWellFormed()) this.refuse('a string with half of a surrogate pair');
    const count = Buffer.byteLength(value);
    head(3, count);
    room(count);
    size += scratch.utf8Write(value, size, count);
  }

  item(value) {
    switch (typeof value) {
      case 'string': return this.text(value);
      case 'number': return number(value);
      case 'boolean': return this.simple(value ? 0xf5 : 0xf4);
      case 'undefined': return this.simple(0xf7);
      case 'bigint': return bigint(value);
      case 'symbol': return this.refuse('a symbol');
      case 'function': return this.refuse('a function');
      default: return value === null ? this.simple(0xf6) : this.object(value);
    }
  }

  simple(byte) {
    room(1);
    scratch[size++] = byte;
  }

  object(value) {
    if (this.#places.has(value)) {
      head(6, 29);
      head(0, kReference);
      this.#references.push(size - 4, value);
      return;
    }
    if (this.#path.length >= kMostLevels) this.refuse(`something nested deeper than ${kMostLevels} levels`);
    this.#places.set(value, size);
    this.body(value);
  }

  body(value) {
    if (Array.isArray(value)) return this.list(value);
    if (Object.getPrototypeOf(value) !== kObject) {
      if (ArrayBuffer.isView(value)) return this.view(value);
      if (types.isMap(value)) return this.entries(259, 5, value.size, [...value].flat());
      if (types.isSet(value)) return this.entries(258, 4, value.size, [...value]);
      if (types.isDate(value)) {
        head(6, 1);
        return number(value.getTime() / 1000);
      }
      if (types.isRegExp(value)) {
        head(6, 21066);
        head(4, 2);
        this.text(value.source);
        return this.text(value.flags);
      }
      if (types.isNativeError(value) || value instanceof Error) return this.error(value);
      if (types.isAnyArrayBuffer(value)) return this.ofClass('ArrayBuffer', () => bytes(bytesOf(value)));
      if (types.isBoxedPrimitive(value)) return this.instead(value.valueOf());
      for (const [kind, is] of kUnpassable) {
        if (is(value)) this.refuse(kind);
      }
    }
    if (typeof value.toJSON === 'function') return this.instead(value.toJSON());
    return this.members(value, Object.keys(value), 0);
  }

  // A value in another's place, which then is no object of its own.
  instead(value) {
    if (typeof value === 'object' && value !== null && this.#places.get(value) === size) return this.members(value, Object.keys(value), 0);
    return this.item(value);
  }

  list(value) {
    const level = this.#path.length;
    const { length } = value;
    head(4, length);
    this.#path.push(0);
    for (let i = 0; i < length; ++i) {
      this.#path[level] = i;
      this.item(value[i]);
    }
    this.#path.length = level;
  }

  members(value, keys, more) {
    const level = this.#path.length;
    head(5, keys.length + more);
    this.#path.push('');
    for (const key of keys) {
      this.#path[level] = key;
      this.text(key);
      this.item(value[key]);
    }
    this.#path.length = level;
  }

  entries(tag, major, count, all) {
    head(6, tag);
    head(major, count);
    this.#path.push('[member]');
    for (const each of all) this.item(each);
    this.#path.pop();
  }

  ofClass(name, rest) {
    head(6, 27);
    head(4, 2);
    this.text(name);
    rest();
  }

  view(value) {
    if (types.isDataView(value)) return this.ofClass('DataView', () => bytes(bytesOf(value)));
    const tag = kViewTags[tagOfView.call(value)];
    if (tag !== 0) head(6, tag);
    return bytes(bytesOf(value));
  }

  error(value) {
    const hidden = ['cause', 'errors'].filter((name) => Object.hasOwn(value, name));
    const keys = [...Object.keys(value).filter((name) => !['name', 'message', 'stack', ...hidden].includes(name)), ...hidden];
    this.ofClass(String(value.name), () => {
      const text = (name, content) => {
        this.text(name);
        this.text(content);
      };
      const level = this.#path.length;
      head(5, keys.length + 2);
      text('message', String(value.message));
      text('stack', '');
      this.#path.push('');
      for (const key of keys) {
        this.#path[level] = key;
        this.text(key);
        this.item(value[key]);
      }
      this.#path.length = level;
    });
  }

  // Those that came more than once get a mark in front, by which the others refer to them.
  finish() {
    if (this.#references.length === 0) return Buffer.from(scratch.subarray(0, size));
    const shared = new Set(this.#references.filter((_, i) => i % 2 === 1));
    const marked = [...shared].sort((a, b) => this.#places.get(a) - this.#places.get(b));
    const numbers = new Map(marked.map((value, index) => [value, index]));
    for (let i = 0; i < this.#references.length; i += 2) view.setUint32(this.#references[i], numbers.get(this.#references[i + 1]));
    const parts = [];
    let from = 0;
    for (const value of marked) {
      const place = this.#places.get(value);
      parts.push(scratch.subarray(from, place), Buffer.from([0xd8, 28]));
      from = place;
    }
    parts.push(scratch.subarray(from, size));
    return Buffer.concat(parts);
  }
}

// A Buffer of its own. Throws a TypeError that names the place of what cannot be passed. `what` the value is, for that.
function encode(value, what) {
  const before = size;
  if (before !== 0) throw new Error('a getter or toJSON has passed another value meanwhile');
  const writer = new Writer(what);
  try {
    writer.item(value);
    return writer.finish();
  } finally {
    size = 0;
    if (scratch.length > (1 << 20)) {
      scratch = Buffer.allocUnsafeSlow(1 << 12);
      view = new DataView(scratch.buffer);
    }
  }
}

module.exports = { encode };
