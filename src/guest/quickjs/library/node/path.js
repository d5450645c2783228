// The module `path`, by the package path-browserify: paths as in Unix.
'use strict';

const path = require('path-browserify');

module.exports = path;
