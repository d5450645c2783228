// The modules `url` and `punycode`: what is older than URL by the packages url and punycode, and URL itself the guest's own.
'use strict';

const legacy = require('url');
const punycode = require('punycode');

const { typeError } = native;

function fileURLToPath(value) {
  const url = typeof value === 'string' ? new URL(value) : value;
  if (!(url instanceof URL)) throw typeError('The "path" argument must be of type string or an instance of URL', 'ERR_INVALID_ARG_TYPE');
  if (url.protocol !== 'file:') throw typeError('The URL must be of scheme file', 'ERR_INVALID_URL_SCHEME');
  if (url.hostname !== '') throw typeError('File URL host must be "localhost" or empty', 'ERR_INVALID_FILE_URL_HOST');
  if (/%2f/i.test(url.pathname)) throw typeError('File URL path must not include encoded / characters', 'ERR_INVALID_FILE_URL_PATH');
  return decodeURIComponent(url.pathname);
}

function pathToFileURL(path) {
  const { resolve } = native.library('node_path');
  const whole = resolve(path) + (path.endsWith('/') && path !== '/' ? '/' : '');
  return new URL('file://' + whole.replace(/[%\\\n\r\t?#]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')));
}

function format(value, options) {
  if (!(value instanceof URL)) return legacy.format(value);
  const url = new URL(value.href);
  if (options?.fragment === false) url.hash = '';
  if (options?.search === false) url.search = '';
  if (options?.auth === false) url.username = url.password = '';
  return url.href;
}

const hostOf = (name) => {
  try {
    return new URL('http://' + name).hostname;
  } catch {
    return '';
  }
};

function urlToHttpOptions(url) {
  const options = { protocol: url.protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), hash: url.hash, search: url.search, pathname: url.pathname, path: url.pathname + url.search, href: url.href };
  if (url.port !== '') options.port = Number(url.port);
  if (url.username !== '' || url.password !== '') options.auth = decodeURIComponent(url.username) + ':' + decodeURIComponent(url.password);
  return options;
}

module.exports = {
  Url: legacy.Url,
  parse: legacy.parse,
  resolve: legacy.resolve,
  resolveObject: legacy.resolveObject,
  format,
  URL,
  URLSearchParams,
  domainToASCII: hostOf,
  domainToUnicode: (name) => punycode.toUnicode(hostOf(name)),
  fileURLToPath,
  pathToFileURL,
  urlToHttpOptions,
};
Object.defineProperty(module.exports, 'punycode', { value: punycode });
