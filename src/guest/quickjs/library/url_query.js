// What whatwg-url percent-encodes queries with. It is only ever asked for UTF-8.
'use strict';

exports.percentEncodeAfterEncoding = (encoding, input, set) => {
  const bytes = native.utf8Encode(input);
  let out = '';
  let from = 0;
  const isPlain = (byte) => byte > 0x1f && byte < 0x7f && !set.includes(String.fromCharCode(byte));
  while (from < bytes.length) {
    let to = from;
    while (to < bytes.length && isPlain(bytes[to])) ++to;
    if (to > from) out += native.utf8Decode(bytes.subarray(from, to));
    for (; to < bytes.length && !isPlain(bytes[to]); ++to) {
      out += `%${bytes[to].toString(16).toUpperCase().padStart(2, '0')}`;
    }
    from = to;
  }
  return out;
};
