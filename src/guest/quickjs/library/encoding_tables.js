// The tables of the encodings of eastern Asia, as text until one of them is asked for.
'use strict';

const text = BUNDLED('@exodus/bytes/fallback/multi-byte.encodings.json', text);
exports.default = () => JSON.parse(text);
