// TextDecoder's encodings beside UTF-8 and UTF-16, by the package @exodus/bytes.
'use strict';

const { default: labels } = require('@exodus/bytes/fallback/encoding.labels.js');
const { multibyteDecoder } = require('@exodus/bytes/fallback/multi-byte.js');
const { getEncoding } = require('@exodus/bytes/fallback/single-byte.js');

const kMultibyte = ['big5', 'euc-kr', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'gbk', 'gb18030'];

const names = new Map();
for (const [name, aliases] of Object.entries(labels)) {
  names.set(name, name);
  for (const alias of aliases) names.set(alias, name);
}

// The encoding that a label in small letters means; undefined for none.
exports.nameOf = (label) => names.get(label);

// A function that decodes bytes; `more`: they go on. Undefined for what is no valid text, if `fatal` is set.
exports.decoder = (name, fatal) => {
  if (name === 'replacement') return replacement(fatal);
  if (!kMultibyte.includes(name)) return singleByte(name, fatal);
  let decode = multibyteDecoder(name, !fatal);
  return (bytes, more) => {
    try {
      return decode(bytes, more);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return undefined;
    }
  };
};

const kReplaced = '\ufffd';

function replacement(fatal) {
  let told = false;
  return (bytes, more) => {
    const text = bytes.length > 0 && !told ? kReplaced : '';
    told = more && (told || text !== '');
    return text !== '' && fatal ? undefined : text;
  };
}

function singleByte(name, fatal) {
  let table = '';
  for (let i = 0; i < 128; ++i) table += String.fromCharCode(i);
  const codes = getEncoding(name);
  for (let i = 0; i < 128; ++i) table += String.fromCharCode(codes[i] ?? 128 + i);
  return (bytes) => {
    const text = native.mapBytes(bytes, table);
    return fatal && text.includes(kReplaced) ? undefined : text;
  };
}
