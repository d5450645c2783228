// CBOR, item by item, into memory that grows: the low level of cbor_write.js and error_description.js. All of it is one buffer, in
// which what is begun inside of something else, by a script's toJSON say, comes behind it and is taken off again.
'use strict';

const {
  BigIntPrototypeToString,
  Float64Array,
  MathTrunc,
  NumberParseInt,
  StringPrototypeCharCodeAt,
  StringPrototypeIsWellFormed,
  StringPrototypeSlice,
  TypedArrayPrototypeSet,
  Uint8Array,
} = node.primordials;
const { byteLengthUtf8, latin1WriteStatic, utf8WriteStatic } = node.internalBinding('buffer');

const kSmall = 1 << 14;
const kLarge = 1 << 19;
const kLargestKept = 1 << 21;  // from one value to the next: new memory costs more than all the rest
const kGreatest = 2 ** 53;
const kShortText = 48;

let out = new Uint8Array(kSmall);
let capacity = kSmall;
let at = 0;

const number64 = new Float64Array(1);
const bytes64 = new Uint8Array(number64.buffer);  // the least significant first

function grow(more) {
  // Twice as much, so that what is long is not copied for each item; but what is large by itself needs no more than that.
  capacity = more > kLarge ? at + more + kSmall : (at + more) * 2;
  const grown = new Uint8Array(capacity);
  TypedArrayPrototypeSet(grown, out);
  out = grown;
}

function byte(value) {
  if (at + 1 > capacity) grow(1);
  out[at++] = value;
}

// `major` is one of 0 to 7, `number` below 2^53.
function head(major, number) {
  if (at + 9 > capacity) grow(9);
  const first = major << 5;
  if (number < 24) {
    out[at++] = first | number;
  } else if (number <= 0xff) {
    out[at++] = first | 24;
    out[at++] = number;
  } else if (number <= 0xffff) {
    out[at++] = first | 25;
    out[at++] = number >> 8;
    out[at++] = number;
  } else {
    if (number <= 0xffffffff) {
      out[at++] = first | 26;
    } else {
      const high = MathTrunc(number / 0x100000000);
      out[at++] = first | 27;
      out[at++] = high >>> 24;
      out[at++] = high >>> 16;
      out[at++] = high >>> 8;
      out[at++] = high;
    }
    out[at++] = number >>> 24;
    out[at++] = number >>> 16;
    out[at++] = number >>> 8;
    out[at++] = number;
  }
}

function number(value) {
  if (value === (value | 0) && (value !== 0 || 1 / value > 0)) {
    return value >= 0 ? head(0, value) : head(1, -1 - value);
  }
  if (MathTrunc(value) === value && value <= kGreatest && value >= -kGreatest && value !== 0) {
    return value >= 0 ? head(0, value) : head(1, -1 - value);
  }
  if (at + 9 > capacity) grow(9);
  if (value === 0 || value - value !== 0) {  // -0, NaN, infinities
    out[at++] = 0xf9;
    out[at++] = value !== value ? 0x7e : value === 0 ? 0x80 : value > 0 ? 0x7c : 0xfc;
    out[at++] = 0;
    return;
  }
  number64[0] = value;
  out[at++] = 0xfb;
  for (let i = 7; i >= 0; --i) out[at++] = bytes64[i];
}

// False, and nothing is written, for half of a surrogate pair that stands alone.
function text(value) {
  const size = value.length;
  if (at + 3 * size + 9 > capacity) grow(3 * size + 9);
  if (size <= kShortText) {
    let end = at + (size < 24 ? 1 : 2);
    let i = 0;
    for (; i < size; ++i) {
      const unit = StringPrototypeCharCodeAt(value, i);
      if (unit >= 0x80) break;
      out[end++] = unit;
    }
    if (i === size) {
      if (size < 24) {
        out[at] = 0x60 | size;
      } else {
        out[at] = 0x78;
        out[at + 1] = size;
      }
      at = end;
      return true;
    }
  }
  const bytes = byteLengthUtf8(value);
  if (bytes === size) {
    head(3, bytes);
    latin1WriteStatic(out, value, at, bytes);
  } else {
    if (!StringPrototypeIsWellFormed(value)) return false;
    head(3, bytes);
    utf8WriteStatic(out, value, at, bytes);
  }
  at += bytes;
  return true;
}

// A Uint8Array of `size` bytes.
function bytes(data, size) {
  head(2, size);
  if (at + size > capacity) grow(size);
  TypedArrayPrototypeSet(out, data, at);
  at += size;
}

const tag = (value) => head(6, value);

function bigint(value) {
  const negative = value < 0n;
  let digits = BigIntPrototypeToString(negative ? -1n - value : value, 16);
  if (digits === '0') digits = '';
  if (digits.length % 2 === 1) digits = `0${digits}`;
  const size = digits.length / 2;
  tag(negative ? 3 : 2);
  head(2, size);
  if (at + size > capacity) grow(size);
  for (let i = 0; i < size; ++i) out[at++] = NumberParseInt(StringPrototypeSlice(digits, 2 * i, 2 * i + 2), 16);
}

// Fills in a number of four bytes that was written before `end` as 0xffffffff.
function fillIn(end, value) {
  out[end - 4] = value >>> 24;
  out[end - 3] = value >>> 16;
  out[end - 2] = value >>> 8;
  out[end - 1] = value;
}

// Puts a tag before each of the offsets, which ascend.
function insertTags(offsets, count, value) {
  if (at + 2 * count > capacity) grow(2 * count);
  let end = at;
  at += 2 * count;
  let to = at;
  for (let i = count - 1; i >= 0; --i) {
    while (end > offsets[i]) out[--to] = out[--end];
    out[--to] = value;
    out[--to] = 0xd8;
  }
}

// What was written since `start`, until the next writing.
function taken(start) {
  const written = new Uint8Array(out.buffer, start, at - start);
  drop(start);
  return written;
}

// The same, to be taken as a part of something larger: that, where the part begins, and how long it is.
function give(start, take) {
  const from = out;
  const size = at - start;
  drop(start);
  take(from, start, size);
}

function drop(start) {
  at = start;
  if (capacity > kLargestKept && start === 0) {
    out = new Uint8Array(kSmall);
    capacity = kSmall;
  }
}

exports.offset = () => at;
exports.drop = drop;
exports.byte = byte;
exports.head = head;
exports.number = number;
exports.text = text;
exports.bytes = bytes;
exports.tag = tag;
exports.bigint = bigint;
exports.fillIn = fillIn;
exports.insertTags = insertTags;
exports.taken = taken;
exports.give = give;
