// The module `string_decoder`, by the package of that name.
'use strict';

const { StringDecoder } = require('string_decoder');

module.exports = { StringDecoder };
