// The module `querystring`. There is no package of it that is kept up.
'use strict';

const escape = (text) => encodeURIComponent(String(text)).replaceAll('%7E', '~');

function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    // What is no UTF-8 becomes U+FFFD, and what is no escape stays.
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (part) => native.utf8Decode(Uint8Array.fromHex(part.replaceAll('%', ''))));
  }
}

function parse(text, separator = '&', equals = '=', options = undefined) {
  const found = Object.create(null);
  if (typeof text !== 'string' || text === '') return found;
  const most = options?.maxKeys ?? 1000;
  const decode = typeof options?.decodeURIComponent === 'function' ? options.decodeURIComponent : module.exports.unescape;
  const decoded = (part) => decode(part.replaceAll('+', ' '));
  let count = 0;
  for (const part of text.split(separator)) {
    if (part === '') continue;
    if (most > 0 && ++count > most) break;
    const at = part.indexOf(equals);
    const key = decoded(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : decoded(part.slice(at + equals.length));
    if (!(key in found)) found[key] = value;
    else if (Array.isArray(found[key])) found[key].push(value);
    else found[key] = [found[key], value];
  }
  return found;
}

function stringify(object, separator = '&', equals = '=', options = undefined) {
  if (object === null || typeof object !== 'object') return '';
  const encode = typeof options?.encodeURIComponent === 'function' ? options.encodeURIComponent : module.exports.escape;
  const encoded = (value) => {
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return encode(String(value));
    return typeof value === 'number' && Number.isFinite(value) ? encode(String(value)) : '';
  };
  const parts = [];
  for (const key of Object.keys(object)) {
    for (const value of [object[key]].flat()) parts.push(encode(key) + equals + encoded(value));
  }
  return parts.join(separator);
}

module.exports = { parse, stringify, decode: parse, encode: stringify, escape, unescape };
