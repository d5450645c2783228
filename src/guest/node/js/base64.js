// Uint8Array.fromBase64, toBase64, fromHex and toHex, which every engine of Curfew has. V8's own, behind a flag in this
// version, take the wrong bytes of a view that does not begin where its buffer does.
'use strict';

const {
  ObjectDefineProperty,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  SyntaxError,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeError,
  Uint8Array,
} = node.primordials;
const { FunctionPrototypeCall } = node.primordials;
const { isUint8Array } = node.require('internal/util/types');
const { Buffer } = node.require('buffer');
const { from: bufferFrom } = Buffer;
const { toString: bufferToString } = Buffer.prototype;

const kSpace = /[\t\n\f\r ]/;
const kWord = { __proto__: null, base64: /^[A-Za-z0-9+/]*/, base64url: /^[A-Za-z0-9_-]*/ };
const kHex = /^(?:[0-9a-fA-F]{2})*$/;

function encode(view, encoding) {
  if (!isUint8Array(view)) throw new TypeError('this is no Uint8Array');
  const buffer = bufferFrom(TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view), TypedArrayPrototypeGetByteLength(view));
  return FunctionPrototypeCall(bufferToString, buffer, encoding);
}

// A copy, so that nothing of Buffer's pool is handed out.
const decode = (text, encoding) => new Uint8Array(bufferFrom(text, encoding));

function checkString(text) {
  if (typeof text !== 'string') throw new TypeError('this takes a string');
}

function alphabetOf(options) {
  const alphabet = options?.alphabet ?? 'base64';
  if (alphabet !== 'base64' && alphabet !== 'base64url') throw new TypeError('an alphabet is "base64" or "base64url"');
  return alphabet;
}

function lastChunkOf(options) {
  const handling = options?.lastChunkHandling ?? 'loose';
  if (handling !== 'loose' && handling !== 'strict' && handling !== 'stop-before-partial') {
    throw new TypeError('the last chunk is handled "loose", "strict" or "stop-before-partial"');
  }
  return handling;
}

function withoutSpace(text) {
  if (RegExpPrototypeExec(kSpace, text) === null) return text;
  let rest = '';
  for (let i = 0; i < text.length; ++i) {
    if (RegExpPrototypeExec(kSpace, text[i]) === null) rest += text[i];
  }
  return rest;
}

function malformed() {
  return new SyntaxError('the text is no base64');
}

// Bits of a last character that stand for nothing.
const hasSpareBits = (word, spare, alphabet) => decode(`AAA${word[word.length - 1]}`, alphabet)[2] & (spare === 2 ? 0x0f : 0x03);

function fromBase64(text, options) {
  checkString(text);
  const alphabet = alphabetOf(options);
  const handling = lastChunkOf(options);
  const all = withoutSpace(text);
  let word = RegExpPrototypeExec(kWord[alphabet], all)[0];
  const padding = StringPrototypeSlice(all, word.length);
  const partial = word.length % 4;
  if (padding !== '' && padding !== '=' && padding !== '==') throw malformed();
  const isWhole = padding === '' ? partial === 0 : partial >= 2 && partial + padding.length === 4;
  if (!isWhole) {
    if (handling === 'stop-before-partial' && (padding === '' || (partial === 2 && padding === '='))) {
      word = StringPrototypeSlice(word, 0, word.length - partial);
    } else if (handling !== 'loose' || partial === 1 || padding !== '') {
      throw malformed();
    }
  } else if (handling === 'strict' && padding !== '' && hasSpareBits(word, partial, alphabet) !== 0) {
    throw malformed();
  }
  return decode(word, alphabet);
}

function toBase64(options) {
  const alphabet = alphabetOf(options);
  const text = encode(this, 'base64');
  if (alphabet === 'base64url') {
    const url = encode(this, 'base64url');
    return options?.omitPadding || text.length === url.length ? url : url + StringPrototypeSlice(text, url.length);
  }
  const end = StringPrototypeIndexOf(text, '=');
  return options?.omitPadding && end >= 0 ? StringPrototypeSlice(text, 0, end) : text;
}

const methods = {
  fromBase64,
  fromHex(text) {
    checkString(text);
    if (RegExpPrototypeExec(kHex, text) === null) throw new SyntaxError('the text is not hexadecimal');
    return decode(text, 'hex');
  },
  toBase64,
  toHex() {
    return encode(this, 'hex');
  },
};

function install() {
  const define = (object, name) => ObjectDefineProperty(object, name, { __proto__: null, value: methods[name], writable: true, configurable: true, enumerable: false });
  define(globalThis.Uint8Array, 'fromBase64');
  define(globalThis.Uint8Array, 'fromHex');
  define(globalThis.Uint8Array.prototype, 'toBase64');
  define(globalThis.Uint8Array.prototype, 'toHex');
}

exports.install = install;
