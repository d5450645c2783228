// Values of the script from the host's CBOR; src/wire/cbor.h and docs/values.md say in which form. The host has checked that it is one
// item of the kinds that there are. What does not fit all the same is an exception. Runs no code of the script.
'use strict';

const {
  ArrayPrototypePush,
  BigInt,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Date,
  DateParse,
  Error,
  EvalError,
  AggregateError,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  MapPrototypeSet,
  MathRound,
  ObjectDefineProperty,
  RangeError,
  ReferenceError,
  RegExp,
  SetPrototypeAdd,
  StringPrototypeCharCodeAt,
  StringPrototypePadStart,
  StringPrototypeSlice,
  SyntaxError,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  TypeError,
  URIError,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
  NumberPrototypeToString,
} = node.primordials;
const { Map, Set } = node.primordials;
const { latin1WriteStatic, utf8Slice } = node.internalBinding('buffer');
const { Float16Array } = globalThis;

const kErrors = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// By the tag less 64: the view, and the bytes of an item. Those with 4 in their number have the least significant byte first.
const kViews = [
  Uint8Array, Uint16Array, Uint32Array, BigUint64Array, Uint8ClampedArray, Uint16Array, Uint32Array, BigUint64Array,
  Int8Array, Int16Array, Int32Array, BigInt64Array, Int8Array, Int16Array, Int32Array, BigInt64Array,
  Float16Array, Float32Array, Float64Array, undefined, Float16Array, Float32Array, Float64Array, undefined,
];
const kSizes = [1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 2, 4, 8, 0];

const kGreatest = 2n ** 53n;  // that is a number
const kBreak = 0xff;
const kIndefinite = 31;
const kNoMark = -1;
const kShortText = 12;     // that the engine copies, and does not make a part of a longer string
const kShortInput = 1 << 14;
const kNames = 1024;
const kWindow = 1 << 14;
const kLargestKept = 1 << 21;

const number64 = new Float64Array(1);
const number32 = new Float32Array(number64.buffer);
const bytes64 = new Uint8Array(number64.buffer);  // the least significant first

// What is read, whole as characters of one byte each, and how far it is read.
let input = bytes64;
let buffer = input.buffer;
let characters = '';
let size = 0;
let at = 0;
let marks = [];
let low = 0;  // of the last head

function refuse() {
  throw new TypeError('this is no CBOR of a value');
}

// The number of a head with these lower five bits: below 2^53, or a BigInt.
function numberOf(bits) {
  low = bits;
  switch (bits) {
    case 24: return input[at++];
    case 25: at += 2; return input[at - 2] << 8 | input[at - 1];
    case 26: at += 4; return uint32(at - 4);
    case 27: {
      at += 8;
      const high = uint32(at - 8);
      const rest = uint32(at - 4);
      return high < 0x200000 ? high * 0x100000000 + rest : BigInt(high) << 32n | BigInt(rest);
    }
    case kIndefinite: return Infinity;
    default: return bits;
  }
}

const uint32 = (from) => (input[from] * 0x1000000) + (input[from + 1] << 16 | input[from + 2] << 8 | input[from + 3]);

function item(mark) {
  if (at >= size) refuse();
  const first = input[at++];
  return itemOf(first >> 5, first & 31, mark);
}

function itemOf(major, bits, mark) {
  switch (major) {
    case 0: {
      if (bits < 24) return bits;
      const number = numberOf(bits);
      return number === kGreatest ? 2 ** 53 : number;
    }
    case 1: {
      const number = bits < 24 ? bits : numberOf(bits);
      return typeof number === 'bigint' ? -1n - number : -1 - number;
    }
    case 2: return bytes(bits);
    case 3: return text(bits);
    case 4: return array(bits, mark);
    case 5: return map(bits, mark);
    case 6: return tagged(numberOf(bits), mark);
    default: return simple(bits);
  }
}

function simple(bits) {
  switch (bits) {
    case 20: return false;
    case 21: return true;
    case 22: return null;
    case 23: return undefined;
    case 25: return float16();
    case 26:
      for (let i = 3; i >= 0; --i) bytes64[i] = input[at++];
      return number32[0];
    case 27:
      for (let i = 7; i >= 0; --i) bytes64[i] = input[at++];
      return number64[0];
    default: return refuse();
  }
}

function float16() {
  at += 2;
  const half = input[at - 2] << 8 | input[at - 1];
  const exponent = half >> 10 & 31;
  const fraction = half & 0x3ff;
  let number;
  if (exponent === 31) {
    number = fraction === 0 ? Infinity : NaN;
  } else {
    number = exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25);
  }
  return (half & 0x8000) !== 0 ? -number : number;
}

// Whether there is another item in what was begun, of which so many were read.
function hasMore(count, read) {
  if (count !== Infinity) return read < count;
  if (at < size && input[at] !== kBreak) return true;
  ++at;
  return false;
}

function text(bits) {
  const length = bits < 24 ? bits : numberOf(bits);
  if (length === Infinity) return pieces(text, '');
  const start = at;
  if (length > size - start) refuse();
  at += length;
  if (length <= kShortText || (size <= kShortInput && length <= 64)) {
    let i = start;
    while (i < at && input[i] < 0x80) ++i;
    if (i === at) return StringPrototypeSlice(characters, start, at);
  }
  return utf8Slice(input, start, at);
}

// Names come again and again: those that came before are found by their bytes.
const names = [];
for (let i = 0; i < kNames; ++i) names[i] = undefined;

function memberName(bits) {
  if (bits >= 24) return text(bits);
  const start = at;
  if (bits > size - start) refuse();
  const place = (bits * 31 + input[start] * 7 + input[start + bits - 1] * 3 + input[start + (bits >> 1)]) & (kNames - 1);
  const known = names[place];
  if (known !== undefined && known.length === bits) {
    let i = 0;
    while (i < bits && StringPrototypeCharCodeAt(known, i) === input[start + i]) ++i;
    if (i === bits) {
      at += bits;
      return known;
    }
  }
  const name = text(bits);
  if (name.length === bits) names[place] = name;
  return name;
}

function pieces(read, joined) {
  while (hasMore(Infinity, 0)) joined += read(input[at++] & 31);
  return joined;
}

// A copy of the bytes, which begins its buffer.
function bytes(bits) {
  const length = bits < 24 ? bits : numberOf(bits);
  if (length === Infinity) return joinedBytes();
  if (length > size - at) refuse();
  const made = new Uint8Array(length);
  at += length;
  TypedArrayPrototypeSet(made, new Uint8Array(buffer, at - length, length));
  return made;
}

function joinedBytes() {
  const parts = [];
  while (hasMore(Infinity, 0)) ArrayPrototypePush(parts, bytes(input[at++] & 31));
  let whole = 0;
  for (let i = 0; i < parts.length; ++i) whole += TypedArrayPrototypeGetLength(parts[i]);
  const made = new Uint8Array(whole);
  let to = 0;
  for (let i = 0; i < parts.length; ++i) {
    TypedArrayPrototypeSet(made, parts[i], to);
    to += TypedArrayPrototypeGetLength(parts[i]);
  }
  return made;
}

// Assigning would call the setter that the prototype has.
function setMember(object, name, value) {
  if (name === '__proto__') {
    ObjectDefineProperty(object, name,
                         { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

// An object is known by its mark as soon as it is there, since it may contain itself.
function setMark(mark, value) {
  if (mark !== kNoMark) marks[mark] = value;
}

function array(bits, mark) {
  const count = bits < 24 ? bits : numberOf(bits);
  if (count !== Infinity && count > size - at) refuse();
  const made = [];
  setMark(mark, made);
  for (let i = 0; hasMore(count, i); ++i) ArrayPrototypePush(made, item(kNoMark));
  return made;
}

function map(bits, mark) {
  const count = bits < 24 ? bits : numberOf(bits);
  const isEmpty = count === 0 || (count === Infinity && input[at] === kBreak);
  if (!isEmpty && input[at] >> 5 !== 3) return mapOfValues(count, mark);
  const start = at;
  const marksBefore = marks.length;
  const made = {};
  setMark(mark, made);
  for (let i = 0; hasMore(count, i); ++i) {
    const first = input[at++];
    if (first >> 5 !== 3) {
      // There is a key that is no text after all, so that it is a Map. It is read once more.
      at = start;
      marks.length = marksBefore;
      return mapOfValues(count, mark);
    }
    const name = memberName(first & 31);
    setMember(made, name, item(kNoMark));
  }
  return made;
}

function mapOfValues(count, mark) {
  const made = new Map();
  setMark(mark, made);
  for (let i = 0; hasMore(count, i); ++i) {
    const key = item(kNoMark);
    MapPrototypeSet(made, key, item(kNoMark));
  }
  return made;
}

function set(mark) {
  const count = numberOf(input[at++] & 31);
  const made = new Set();
  setMark(mark, made);
  for (let i = 0; hasMore(count, i); ++i) SetPrototypeAdd(made, item(kNoMark));
  return made;
}

function tagged(tag, mark) {
  switch (tag) {
    case 0: return new Date(DateParse(item(kNoMark)));
    case 1: {
      const seconds = item(kNoMark);
      return new Date(typeof seconds === 'number' ? MathRound(seconds * 1000) : NaN);
    }
    case 2: return bigint(bytes(input[at++] & 31));
    case 3: return -1n - bigint(bytes(input[at++] & 31));
    case 27: return ofClass(mark);
    case 28: {
      const number = marks.length;
      ArrayPrototypePush(marks, kUnknown);
      const value = item(number);
      marks[number] = value;
      return value;
    }
    case 29: {
      const number = item(kNoMark);
      if (!(number < marks.length) || marks[number] === kUnknown) refuse();
      return marks[number];
    }
    case 35: return new RegExp(item(kNoMark));
    case 258: return set(mark);
    case 259: return mapOfValues(numberOf(input[at++] & 31), mark);
    case 21066: {
      const count = input[at++] & 31;
      const source = item(kNoMark);
      return new RegExp(source, count === 2 ? item(kNoMark) : undefined);
    }
    case 55799: return item(mark);
    default:
      if (tag >= 64 && tag < 88 && kSizes[tag - 64] !== 0) return view(tag - 64, bytes(input[at++] & 31));
      return refuse();
  }
}

const kUnknown = { __proto__: null };

function bigint(digits) {
  let written = '';
  const count = TypedArrayPrototypeGetLength(digits);
  for (let i = 0; i < count; ++i) written += StringPrototypePadStart(NumberPrototypeToString(digits[i], 16), 2, '0');
  return written === '' ? 0n : BigInt(`0x${written}`);
}

function view(kind, data) {
  const itemSize = kSizes[kind];
  const length = TypedArrayPrototypeGetLength(data);
  if (length % itemSize !== 0) refuse();
  if ((kind & 4) === 0 && itemSize > 1) {
    for (let from = 0; from < length; from += itemSize) {
      for (let i = 0; i < itemSize / 2; ++i) {
        const other = data[from + i];
        data[from + i] = data[from + itemSize - 1 - i];
        data[from + itemSize - 1 - i] = other;
      }
    }
  }
  return new kViews[kind](TypedArrayPrototypeGetBuffer(data));
}

function ofClass(mark) {
  if (input[at++] !== 0x82 || input[at] >> 5 !== 3) refuse();
  const name = text(input[at++] & 31);
  if (name === 'ArrayBuffer') return TypedArrayPrototypeGetBuffer(bytes(input[at++] & 31));
  if (name === 'DataView') return new DataView(TypedArrayPrototypeGetBuffer(bytes(input[at++] & 31)));
  return exception(name, mark);
}

function exception(name, mark) {
  const made = name === 'AggregateError' ? new AggregateError([]) : new (kErrors[name] ?? Error)();
  setMark(mark, made);
  if (made.name !== name) hidden(made, 'name', name);
  const first = input[at++];
  if (first >> 5 !== 5) refuse();
  const count = numberOf(first & 31);
  for (let i = 0; hasMore(count, i); ++i) {
    const key = input[at++];
    if (key >> 5 !== 3) refuse();
    const field = text(key & 31);
    const value = item(kNoMark);
    if (field === 'message' || field === 'stack' || field === 'cause' || field === 'errors') {
      hidden(made, field, value);
    } else {
      setMember(made, field, value);
    }
  }
  return made;
}

function hidden(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

// The bytes that are read. New memory costs more than all the rest, so that what is there is used again, unless it is large.
let window = new Uint8Array(kWindow);

// The value that a text holds, each character of which is a byte.
function decode(cbor) {
  size = cbor.length;
  input = size <= TypedArrayPrototypeGetLength(window) ? window : new Uint8Array(size);
  if (size <= kLargestKept) window = input;
  latin1WriteStatic(input, cbor, 0, size);
  buffer = TypedArrayPrototypeGetBuffer(input);
  at = 0;
  marks = [];
  characters = cbor;
  try {
    return item(kNoMark);
  } finally {
    input = bytes64;
    buffer = undefined;
    characters = '';
    marks = [];
  }
}

exports.decode = decode;
