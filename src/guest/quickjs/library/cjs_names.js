// The names that the text of a CommonJS module promises to export, by the package cjs-module-lexer.
'use strict';

const { init, parse } = require('cjs-module-lexer');

exports.parse = (text) => {
  try {
    const { exports, reexports } = parse(text);
    return { names: [...exports], reexports: [...reexports] };
  } catch {
    return { names: [], reexports: [] };
  }
};
