// For the package assert, instead of the package call-bind: the built-in function of this name, with its receiver as first argument.
'use strict';

module.exports = (name) => {
  let found = globalThis;
  for (const part of name.split('.')) found = found[part];
  return Function.prototype.call.bind(found);
};
