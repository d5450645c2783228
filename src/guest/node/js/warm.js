// What is made ready before the freeze: all that would cost milliseconds, a system call or a thread at first use.
'use strict';

const { process } = node;
const builtins = use('builtins.js');

// Loaded ahead. The rest is loaded when a script asks for it.
const kModules = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'console', 'constants', 'crypto', 'diagnostics_channel', 'events', 'fs',
  'fs/promises', 'http', 'https', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode',
  'querystring', 'readline', 'stream', 'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'timers',
  'timers/promises', 'tls', 'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'zlib',
];

// Node makes these when they are first looked at.
function touchGlobals() {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    try {
      void globalThis[name];
    } catch {
      // Some need what there is not here, such as a file for localStorage.
    }
  }
}

function exercise() {
  const { crypto, Response, Request, Headers, FormData, Blob, URL, TextDecoder, structuredClone } = globalThis;
  void crypto.subtle;
  new Response('x');
  new Request('http://localhost/', { method: 'POST', body: 'x' });
  new Headers({ a: 'b' });
  new FormData().set('a', 'b');
  new Blob(['x']).stream();
  new URL('../b?c=d', 'http://localhost/a').searchParams.get('c');
  new TextDecoder('utf-8').decode(new Uint8Array([97]));
  structuredClone({ a: [new Map([[1, 2]])] });
  const nodeCrypto = builtins.get('crypto');
  nodeCrypto.createHash('sha256').update('x').digest('hex');
  nodeCrypto.createHmac('sha256', 'key').update('x').digest();
  nodeCrypto.pbkdf2('a', 'b', 1, 8, 'sha256', () => {});  // starts the thread pool
  void builtins.get('tls').rootCertificates;              // else by a thread of its own, later
  const zlib = builtins.get('zlib');
  zlib.gunzipSync(zlib.gzipSync('x'));
  try {
    builtins.get('module').stripTypeScriptTypes('const a: number = 1');
  } catch {
    // Not in every version of Node.
  }
  void process.stdout;
  void process.stderr;
}

function warm() {
  for (const name of kModules) builtins.get(name);
  touchGlobals();
  exercise();
}

exports.warm = warm;
