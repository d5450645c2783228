// URLs as whatwg-url understands them. Takes and gives strings and its own objects, which no script ever sees.
'use strict';

const { implementation: Url } = require('whatwg-url/lib/URL-impl.js');
const { implementation: SearchParams } = require('whatwg-url/lib/URLSearchParams-impl.js');

// Undefined for what is no URL.
exports.parse = (text, base) => {
  try {
    return new Url(undefined, [text, base]);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

// False if the text is no URL.
exports.setHref = (url, text) => {
  try {
    url.href = text;
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
};

exports.newParams = (text) => new SearchParams(undefined, [text], {});
