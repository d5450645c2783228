'use strict';

exports.utf16toString = (bytes) => {
  let out = '';
  for (let i = 0; i < bytes.length; i += 2) out += String.fromCharCode(bytes[i] + 256 * bytes[i + 1]);
  return out;
};
