// String.bytesFrom, which every engine of Curfew has.
'use strict';

const { ObjectDefineProperty } = node.primordials;
const { encodingOf, sourceBytes, textOf, decode } = use('bytes.js');

// Bytes become text in the encoding, and text in the encoding becomes the text that it stands for.
function bytesFrom(data, encoding) {
  const named = encoding === undefined ? 'utf-8' : encodingOf(encoding, true);
  const bytes = sourceBytes(data, 'the data');
  if (typeof data !== 'string' || named === 'utf-8') return textOf(bytes, named);
  return textOf(decode(data, named), 'utf-8');
}

function install() {
  ObjectDefineProperty(String, 'bytesFrom', { __proto__: null, value: bytesFrom, writable: true, configurable: true, enumerable: false });
}

exports.install = install;
