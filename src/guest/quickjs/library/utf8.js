// UTF-8 for whatwg-url, by the guest's native code.
'use strict';

module.exports = { utf8Encode: native.utf8Encode, utf8DecodeWithoutBOM: native.utf8Decode };
