// For the package url, which takes the package qs for what follows the question mark; Node.js takes its own module.
'use strict';

const { parse, stringify } = native.library('node_querystring');

exports.parse = parse;
exports.stringify = (value) => stringify(value);
