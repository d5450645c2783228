// The part of @exodus/bytes that unpacks its tables, by what the engine has itself.
'use strict';

exports.fromBase64url = (text) => Uint8Array.fromBase64(text, { alphabet: 'base64url' });
