// The module `assert`, by the package of that name, which is Node's own. And, for `util`, how it compares.
'use strict';

const assert = require('assert');
const { isDeepStrictEqual } = require('assert/build/internal/util/comparisons.js');

module.exports = assert;
Object.defineProperty(assert, 'isDeepStrictEqual', { value: isDeepStrictEqual });
