// What is made ready before the freeze: all that would cost milliseconds, a system call or a thread at first use. What is
// ready lies in the image, which all cells share; what is not, each cell makes for itself, in pages of its own.
'use strict';

const { process } = node;
const builtins = use('builtins.js');
const handlers = use('handlers.js');
const modules = use('modules.js');

// Modules that are loaded ahead. The rest is loaded when a script asks for it.
const kModules = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'console', 'constants', 'crypto', 'diagnostics_channel', 'events', 'fs',
  'fs/promises', 'http', 'https', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode',
  'querystring', 'readline', 'stream', 'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'timers',
  'timers/promises', 'tls', 'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'zlib',
];

// How often each of the below is done: until the engine has what it collects of functions that are called again.
const kRounds = 12;

const bytes = (text) => new TextEncoder().encode(text);

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

// What a handler is likely to use first.
const kUses = {
  async web() {
    const { Response, Request, Headers, FormData, Blob, URL, URLSearchParams, AbortController, structuredClone } = globalThis;
    await new Response(JSON.stringify({ a: 1 }), { headers: { 'content-type': 'application/json' } }).json();
    await Response.json({ a: 1 }, { status: 201 }).text();
    await new Request('http://localhost/?a=1', { method: 'POST', body: 'x', headers: new Headers({ a: 'b' }) }).text();
    const form = new FormData();
    form.set('a', 'b');
    await new Response(form).formData();
    await new Blob(['x']).text();
    const url = new URL('../b?c=d', 'http://localhost/a');
    url.searchParams.append('e', 'f');
    void `${url} ${new URLSearchParams({ a: '1' })}`;
    new AbortController().abort();
    structuredClone({ a: [new Map([[1, new Set([2])]]), new Date(), bytes('x')] });
    new EventTarget().dispatchEvent(new Event('x'));
    void atob(btoa('x'));
  },
  async texts() {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes('aé€😊'));
    new TextDecoder('latin1').decode(bytes('a'));
    const buffer = Buffer.from('aé€😊');
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'utf8']) Buffer.from(buffer.toString(encoding), encoding);
    Buffer.concat([buffer, Buffer.alloc(10)]).subarray(1).equals(buffer);
    void JSON.parse(JSON.stringify({ a: [1, 'x', null, { b: true }], date: new Date(0) }));
    void 'a-b'.replace(/-(.)/g, (all, c) => c.toUpperCase()).split(',').join();
  },
  async streams() {
    const { Readable } = builtins.get('stream');
    const { pipeline } = builtins.get('stream/promises');
    const { Transform, PassThrough } = builtins.get('stream');
    const upper = new Transform({ transform(chunk, encoding, done) { done(null, `${chunk}`.toUpperCase()); } });
    const sink = new PassThrough();
    sink.resume();
    await pipeline(Readable.from(['a', 'b']), upper, sink);
    const web = new ReadableStream({ start(controller) { controller.enqueue('x'); controller.close(); } });
    await all(web.pipeThrough(new TransformStream()).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()));
  },
  async compression() {
    const zlib = builtins.get('zlib');
    const { Readable } = builtins.get('stream');
    zlib.gunzipSync(zlib.gzipSync('x'));
    zlib.brotliDecompressSync(zlib.brotliCompressSync('x', { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }));
    zlib.inflateRawSync(zlib.deflateRawSync('x'));
    await all(Readable.from(['a']).pipe(zlib.createGzip()));
    await all(new Blob(['x']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')));
  },
  async crypto() {
    const nodeCrypto = builtins.get('crypto');
    for (const hash of ['md5', 'sha1', 'sha256', 'sha512']) nodeCrypto.createHash(hash).update('x').digest('hex');
    const mac = nodeCrypto.createHmac('sha256', 'key').update('x').digest();
    nodeCrypto.timingSafeEqual(mac, mac);
    globalThis.crypto.createHmac('sha256', 'key').update('x').digest('hex');
    nodeCrypto.randomBytes(8);
    globalThis.crypto.randomUUID();
    globalThis.crypto.getRandomValues(new Uint8Array(4));
    const cipher = nodeCrypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    cipher.update('x');
    cipher.final();
    const { subtle } = globalThis.crypto;
    await subtle.digest('SHA-256', bytes('x'));
    const key = await subtle.importKey('raw', bytes('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
    await subtle.verify('HMAC', key, await subtle.sign('HMAC', key, bytes('x')), bytes('x'));
    await new Promise((done) => nodeCrypto.pbkdf2('a', 'b', 1, 8, 'sha256', done));  // starts the thread pool
  },
  async languages() {
    new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeStyle: 'long', timeZone: 'America/New_York' }).format(0);
    new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(1234.5);
    new Intl.Collator('en').compare('a', 'b');
    void new Date(0).toString();
    void (1234.5).toLocaleString();
    void 'ä'.normalize('NFD');
  },
  async tools() {
    const { format, inspect, promisify } = builtins.get('util');
    inspect({ a: [1, { b: 'x' }], c: new Map([[1, new Set()]]), d: new Date(0), e() {}, f: new Error('x') });
    format('%s %d %j %o', 'x', 1, {}, []);
    promisify((done) => done())();
    const emitter = new (builtins.get('events'))();
    emitter.once('x', () => {});
    emitter.emit('x');
    builtins.get('path').join('/a', '../b');
    builtins.get('querystring').parse('a=1&b=2');
    new (builtins.get('async_hooks').AsyncLocalStorage)().run(1, () => {});
  },
  async waiting() {
    await new Promise((done) => setTimeout(done, 0));
    await new Promise((done) => setImmediate(done));
    await new Promise((done) => process.nextTick(done));
    clearInterval(setInterval(() => {}, 1000));
    await builtins.get('timers/promises').setTimeout(0);
    queueMicrotask(() => {});
  },
};

const kScript = `
  export async function handler(event) {
    if (event.fails) throw new TypeError('x', { cause: new Error('y') });
    if (event.waits) await null;
    return { event, list: [1, 'x'] };
  }`;

const kProgram = `
const { a, list: [first] } = event, names = [];
for (const key of Object.keys(event)) names.push(key);
function both(x) { return [x, first]; }
if (event.fails) {
  throw new TypeError('x');
} else {
  await null;
}
try { if (a === 1) return both(names); } catch (error) { error.message; }
a + 1`;

const kKept = `
let rehearsed = await 1, { [1]: other } = [rehearsed];
const [rehearsedConstant] = [2]
function rehearsedFunction() { return rehearsed; }
class RehearsedClass {}
rehearsedFunction()`;

// {"a": [1, "x", 1.5], "b": h'01', "c": a Map} and null, as CBOR.
const kCborEvents = ['\xa3aa\x83\x01ax\xfb\x3f\xf8\0\0\0\0\0\0abA\x01ac\xd9\x01\x03\xa1\x01\x02', '\xf6'];

// A script is loaded and called as the host does it; nobody gets the answers.
async function rehearse() {
  await handlers.rehearse(async () => {
    const turn = () => new Promise((done) => setImmediate(done));
    handlers.load('', 'rehearsal.js', kScript);
    await turn();
    for (const event of ['{"a":[1,"x"]}', '{"waits":true}', '{"fails":true}', '{', 'null']) {
      handlers.call('', event);
      await turn();
    }
    for (const event of kCborEvents) {
      handlers.call('', event, true);
      await turn();
    }
    handlers.load('', 'rehearsal.js', kProgram, true);
    for (const event of ['{"a":1,"list":[1,"x"]}', '{"a":2,"list":[1,"x"]}', '{"fails":true,"list":[]}']) {
      handlers.call('', event);
      await turn();
    }
    handlers.evaluate('rehearsal.js', kKept);
    await turn();
    for (const name of ['rehearsed', 'other', 'rehearsedConstant', 'rehearsedFunction', 'RehearsedClass', 'event']) {
      delete globalThis[name];
    }
  });
}

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

async function warm() {
  for (const name of kModules) modules.prepare(`node:${name}`);
  touchGlobals();
  use('classes.js').note();
  void process.stdout;
  void process.stderr;
  void builtins.get('tls').rootCertificates;  // else by a thread of its own, later
  if (use('webassembly.js').isThere) builtins.get('module').stripTypeScriptTypes?.('const a: number = 1');
  for (let round = 0; round < kRounds; ++round) {
    for (const name of Object.keys(kUses)) await kUses[name]();
    await rehearse();
  }
  use('random.js').forget();
}

exports.warm = warm;
