// How whatwg-url makes the parameters of a URL: without the class around them, which is ours.
'use strict';

exports.createImpl = (globalObject, args, options) => {
  const { implementation: Implementation } = require('whatwg-url/lib/URLSearchParams-impl.js');
  return new Implementation(globalObject, args, options);
};
