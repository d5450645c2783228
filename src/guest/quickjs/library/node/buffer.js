// The module `buffer`, by the package of that name, and the global Buffer. What it does with texts in JavaScript, the guest's native code
// does here, and base64url is known as well.
'use strict';

const module_ = require('buffer');
const { Buffer } = module_;
const { utf8Decode, utf8Encode } = native;

const kUtf8 = { __proto__: null, utf8: true, 'utf-8': true, UTF8: true, 'UTF-8': true };
const isUrl = (encoding) => typeof encoding === 'string' && encoding.length === 9 && encoding.toLowerCase() === 'base64url';
const usual = (encoding) => (isUrl(encoding) ? 'base64' : encoding);
const isUtf8 = (encoding) => encoding === undefined || encoding === null || encoding === '' || kUtf8[encoding] === true;

const { from, byteLength, isEncoding, alloc } = Buffer;
const { toString, write, fill, indexOf, lastIndexOf, includes } = Buffer.prototype;

function ofBytes(bytes) {
  Object.setPrototypeOf(bytes, Buffer.prototype);
  return bytes;
}

// Up to what is no hexadecimal byte.
function ofHex(text) {
  const at = text.search(/[^0-9a-f]/i);
  return ofBytes(Uint8Array.fromHex(text.slice(0, (at < 0 ? text.length : at) & ~1)));
}

const isHex = (encoding) => typeof encoding === 'string' && encoding.length === 3 && encoding.toLowerCase() === 'hex';

const hide = (object, members) => {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: object === Buffer });
};

hide(Buffer, {
  from(value, encodingOrOffset, length) {
    if (typeof value === 'string') {
      if (isHex(encodingOrOffset)) return ofHex(value);
      return isUtf8(encodingOrOffset) ? ofBytes(utf8Encode(value)) : from(value, usual(encodingOrOffset));
    }
    return from(value, encodingOrOffset, length);
  },
  alloc: (size, value, encoding) => alloc(size, value, usual(encoding)),
  byteLength: (value, encoding) => byteLength(value, usual(encoding)),
  isEncoding: (encoding) => isUrl(encoding) || isEncoding(encoding),
  of: (...items) => ofBytes(new Uint8Array(items)),
  copyBytesFrom(view, offset = 0, length = view.length - offset) {
    const part = view.subarray(offset, offset + length);
    return ofBytes(new Uint8Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength)));
  },
});

hide(Buffer.prototype, {
  toString(encoding, start, end) {
    if (isUrl(encoding)) return toString.call(this, 'base64', start, end).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    if (!isUtf8(encoding)) return toString.call(this, encoding, start, end);
    const all = (start === undefined || start <= 0) && (end === undefined || end >= this.length);
    return utf8Decode(all ? this : this.subarray(Math.max(start | 0, 0), Math.max(end === undefined ? this.length : end | 0, 0)));
  },
  write(text, offset, length, encoding) {
    const named = typeof offset === 'string' ? offset : typeof length === 'string' ? length : encoding;
    if (isHex(named)) text = ofHex(String(text)).toString('hex');
    if (typeof offset === 'string') return write.call(this, text, usual(offset));
    if (typeof length === 'string') return write.call(this, text, offset, usual(length));
    return write.call(this, text, offset, length, usual(encoding));
  },
  fill(value, offset, end, encoding) {
    if (typeof offset === 'string') return fill.call(this, value, usual(offset));
    if (typeof end === 'string') return fill.call(this, value, offset, usual(end));
    return fill.call(this, value, offset, end, usual(encoding));
  },
  indexOf(value, offset, encoding) { return indexOf.call(this, value, isUrl(offset) ? 'base64' : offset, usual(encoding)); },
  lastIndexOf(value, offset, encoding) { return lastIndexOf.call(this, value, isUrl(offset) ? 'base64' : offset, usual(encoding)); },
  includes(value, offset, encoding) { return includes.call(this, value, isUrl(offset) ? 'base64' : offset, usual(encoding)); },
  utf8Slice(start, end) { return this.toString('utf8', start, end); },
  latin1Slice(start, end) { return this.toString('latin1', start, end); },
  hexSlice(start, end) { return this.toString('hex', start, end); },
  base64Slice(start, end) { return this.toString('base64', start, end); },
  utf8Write(text, offset, length) { return this.write(text, offset, length, 'utf8'); },
  latin1Write(text, offset, length) { return this.write(text, offset, length, 'latin1'); },
  asciiWrite(text, offset, length) { return this.write(text, offset, length, 'latin1'); },
});

function isWholeUtf8(bytes) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

module.exports = {
  Buffer,
  SlowBuffer: module_.SlowBuffer,
  INSPECT_MAX_BYTES: module_.INSPECT_MAX_BYTES,
  kMaxLength: module_.kMaxLength,
  kStringMaxLength: 1073741823,
  constants: { MAX_LENGTH: module_.kMaxLength, MAX_STRING_LENGTH: 1073741823 },
  get Blob() { return Blob; },
  get File() { return File; },
  atob,
  btoa,
  isUtf8: isWholeUtf8,
  isAscii: (bytes) => new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).every((byte) => byte < 128),
};
