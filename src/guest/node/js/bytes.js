// What scripts may hand over where bytes are wanted, and the encodings that they may name: as in every engine of Curfew.
'use strict';

const {
  ArrayIsArray,
  RangeError,
  RegExpPrototypeExec,
  StringPrototypeIncludes,
  TypeError,
} = node.primordials;
const { Buffer } = node.require('buffer');
const { from: bufferFrom, alloc } = Buffer;
const { toString: bufferToString } = Buffer.prototype;
const { FunctionPrototypeCall } = node.primordials;
const { kindOf } = use('errors.js');
const { bytesOf, hasBytes } = use('host_modules.js');

const kAll = '"utf-8", "hex", "base64" or "base64url"';
const kWithoutUtf8 = '"hex", "base64" or "base64url"';

// The encoding that a script names.
function encodingOf(name, takeUtf8) {
  const known = takeUtf8 ? kAll : kWithoutUtf8;
  if (typeof name !== 'string') throw new TypeError(`an encoding is ${known}, not ${kindOf(name)}`);
  switch (name) {
    case 'hex':
    case 'base64':
    case 'base64url': return name;
    case 'utf8':
    case 'utf-8':
      if (takeUtf8) return 'utf-8';
  }
  throw new RangeError(`there is no encoding "${name}" here: use ${known}`);
}

const isByte = (value) => typeof value === 'number' && value >= 0 && value <= 255 && value % 1 === 0;

// The bytes of a string (as UTF-8), an array of numbers, a typed array, a DataView or an ArrayBuffer. `what` is the subject
// of the exception's message: "the key".
function sourceBytes(value, what) {
  if (typeof value === 'string') return bufferFrom(value, 'utf8');
  if (typeof value === 'object' && value !== null) {
    if (hasBytes(value)) return bytesOf(value);
    if (ArrayIsArray(value)) {
      const bytes = alloc(value.length);
      for (let i = 0; i < bytes.length; ++i) {
        const item = value[i];
        if (!isByte(item)) throw new TypeError(`${what} is an array, but its item ${i} is no number from 0 to 255`);
        bytes[i] = item;
      }
      return bytes;
    }
  }
  throw new TypeError(
    `${what} must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not ${kindOf(value)}`);
}

function textOf(bytes, encoding) {
  const buffer = bufferFrom(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return FunctionPrototypeCall(bufferToString, buffer, encoding === 'utf-8' ? 'utf8' : encoding);
}

const kPatterns = {
  __proto__: null,
  hex: /^(?:[0-9a-fA-F]{2})*$/,
  base64: /^[A-Za-z0-9+/\s]*={0,2}\s*$/,
  base64url: /^[A-Za-z0-9_\-\s]*={0,2}\s*$/,
};

// The bytes that a text in this encoding stands for.
function decode(text, encoding) {
  if (encoding === 'utf-8') return bufferFrom(text, 'utf8');
  if (RegExpPrototypeExec(kPatterns[encoding], text) === null || StringPrototypeIncludes(text, '\0')) {
    throw new TypeError(`the data is no text in ${encoding}`);
  }
  return bufferFrom(text, encoding);
}

exports.encodingOf = encodingOf;
exports.sourceBytes = sourceBytes;
exports.textOf = textOf;
exports.decode = decode;
