// fetch, and the classes that belong to it, as far as the host gives a way to the network. The host holds each request to its policy, whatever
// is done here; src/sandbox/host/fetch_module.h says what its functions do. Redirects are followed here, and each of them is a
// request of its own for the host.
'use strict';

const { defineHidden, defineMembers, domException, hostModule, parseJson, textOf, typeError, utf8Decode, utf8Encode, wellFormed } = native;
const { isAborted, isSignal, onAbort } = native.library('events');
const { URL, URLSearchParams } = native.library('url');
const { Blob, contentOf, isBlob } = native.library('blob');
const { ReadableStream, bytesOf, isDisturbed, isStream, streamOf } = native.library('streams');
const { Headers, fill, freeze, linesOf, newHeaders } = native.library('headers');

const kLargestPiece = 64 * 1024;  // that the host takes

const need = (count, what) => {
  if (count < 1) throw typeError(what + ' takes 1 argument, and got 0', 'ERR_MISSING_ARGS');
};

// --- Bodies ---

// What a body is made of: { bytes, stream, type }, one of the first two null. Null for no body.
function bodyOf(value) {
  if (value === null || value === undefined) return null;
  if (isStream(value)) {
    if (isDisturbed(value) || value.locked) throw typeError('Response body object should not be disturbed or locked', undefined);
    return { __proto__: null, bytes: null, stream: value, type: null };
  }
  if (isBlob(value)) {
    const { bytes, type } = contentOf(value);
    return { __proto__: null, bytes, stream: null, type: type === '' ? null : type };
  }
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { __proto__: null, bytes, stream: null, type: null };
  if (value instanceof URLSearchParams) {
    return { __proto__: null, bytes: utf8Encode(textOf(value)), stream: null, type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  return { __proto__: null, bytes: utf8Encode(wellFormed(textOf(value))), stream: null, type: 'text/plain;charset=UTF-8' };
}

class Body {
  #content = null;
  #used = false;

  static set(owner, content) { owner.#content = content; }
  static content(owner) { return owner.#content; }
  static isUsed(owner) { return owner.#used || (owner.#content !== null && owner.#content.stream !== null && isDisturbed(owner.#content.stream)); }

  static stream(owner) {
    const content = owner.#content;
    if (content === null) return null;
    if (content.stream === null) {
      content.stream = streamOf([owner.#used ? undefined : content.bytes]);
      content.bytes = null;
    }
    return content.stream;
  }

  // Takes the body: nobody else gets it.
  static take(owner) {
    const content = owner.#content;
    if (Body.isUsed(owner) || (content !== null && content.stream !== null && content.stream.locked)) {
      throw typeError('Body is unusable: Body has already been read', undefined);
    }
    owner.#used = content !== null;
    return content;
  }

  static clone(owner) {
    const content = owner.#content;
    if (Body.isUsed(owner) || (content !== null && content.stream !== null && content.stream.locked)) {
      throw typeError('Body is unusable: Body has already been read', undefined);
    }
    if (content === null) return null;
    if (content.stream === null) return { __proto__: null, bytes: content.bytes, stream: null, type: content.type };
    const both = content.stream.tee();
    content.stream = both[0];
    return { __proto__: null, bytes: null, stream: both[1], type: content.type };
  }
}

async function all(owner) {
  const content = Body.take(owner);
  if (content === null) return new Uint8Array(0);
  if (content.bytes !== null) return content.bytes.slice();
  const reader = content.stream.getReader();
  const pieces = [];
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const bytes = bytesOf(value);
    if (bytes === undefined) throw typeError('Received non-Uint8Array chunk', undefined);
    pieces[pieces.length] = bytes;
    size += bytes.length;
  }
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(size);
  for (let i = 0, at = 0; i < pieces.length; at += pieces[i++].length) whole.set(pieces[i], at);
  return whole;
}

async function text(owner) {
  const decoded = utf8Decode(await all(owner));
  return decoded[0] === '\ufeff' ? decoded.slice(1) : decoded;
}

// --- Request ---

const kNormalized = { __proto__: null, delete: 'DELETE', get: 'GET', head: 'HEAD', options: 'OPTIONS', post: 'POST', put: 'PUT' };
const kRedirects = { __proto__: null, follow: true, error: true, manual: true };

function methodOf(value) {
  const method = textOf(value);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw typeError("'" + method + "' is not a valid HTTP method.", undefined);
  const upper = method.toUpperCase();
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') throw typeError("'" + method + "' HTTP method is unsupported.", undefined);
  return kNormalized[method.toLowerCase()] ?? method;
}

let takeBody;

class Request {
  #body = new Body();
  #method = 'GET';
  #url;
  #headers;
  #redirect = 'follow';
  #signal;

  constructor(input, init = undefined) {
    need(arguments.length, 'the constructor of Request');
    if (init === null) init = undefined;
    if (init !== undefined && typeof init !== 'object' && typeof init !== 'function') throw typeError('the second argument must be an object', 'ERR_INVALID_ARG_TYPE');
    let from = null;
    if (typeof input === 'object' && input !== null && #url in input) {
      from = input;
      this.#url = from.#url;
      this.#method = from.#method;
      this.#redirect = from.#redirect;
      this.#signal = from.#signal;
    } else {
      let url;
      try {
        url = new URL(textOf(input));
      } catch (cause) {
        const error = typeError('Failed to parse URL from ' + textOf(input), undefined);
        defineHidden(error, 'cause', cause);
        throw error;
      }
      if (url.username !== '' || url.password !== '') {
        throw typeError('Request cannot be constructed from a URL that includes credentials: ' + textOf(input), undefined);
      }
      this.#url = url.href;
    }
    if (init?.method !== undefined) this.#method = methodOf(init.method);
    if (init?.redirect !== undefined) {
      const redirect = textOf(init.redirect);
      if (kRedirects[redirect] === undefined) throw typeError('the option redirect must be follow, error or manual', 'ERR_INVALID_ARG_VALUE');
      this.#redirect = redirect;
    }
    if (init?.signal !== undefined) {
      if (init.signal !== null && !isSignal(init.signal)) throw typeError('the option signal must be an AbortSignal', 'ERR_INVALID_ARG_TYPE');
      this.#signal = init.signal ?? undefined;
    }
    this.#headers = newHeaders();
    fill(this.#headers, init?.headers !== undefined ? init.headers : from !== null ? from.#headers : undefined);
    const given = init?.body;
    const bodiless = this.#method === 'GET' || this.#method === 'HEAD';
    const hasBody = (given !== undefined && given !== null) || (given === undefined && from !== null && Body.content(from.#body) !== null);
    if (hasBody && bodiless) throw typeError('Request with GET/HEAD method cannot have body.', undefined);
    if (given !== undefined && given !== null) {
      const content = bodyOf(given);
      if (content.stream !== null && init.duplex !== 'half') throw typeError('RequestInit: duplex option is required when sending a body.', undefined);
      if (content.type !== null && !this.#headers.has('content-type')) this.#headers.append('content-type', content.type);
      Body.set(this.#body, content);
    } else if (given === undefined && from !== null) {
      const content = Body.take(from.#body);
      Body.set(this.#body, content === null ? null : { __proto__: null, bytes: content.bytes, stream: content.stream, type: null });
    }
  }

  static { takeBody = (request) => Body.take(request.#body); }

  get method() { return this.#method; }
  get url() { return this.#url; }
  get headers() { return this.#headers; }
  get redirect() { return this.#redirect; }
  get signal() { return this.#signal; }
  get cache() { return 'default'; }
  get credentials() { return 'same-origin'; }
  get destination() { return ''; }
  get duplex() { return 'half'; }
  get integrity() { return ''; }
  get keepalive() { return false; }
  get mode() { return 'cors'; }
  get referrer() { return 'about:client'; }
  get referrerPolicy() { return ''; }
  get body() { return Body.stream(this.#body); }
  get bodyUsed() { return Body.isUsed(this.#body); }
  async arrayBuffer() { return (await all(this.#body)).buffer; }
  async blob() { return new Blob([await all(this.#body)], { __proto__: null, type: this.#headers.get('content-type') ?? '' }); }
  async bytes() { return await all(this.#body); }
  async json() { return parseJson(await text(this.#body)); }
  async text() { return await text(this.#body); }
  clone() {
    const content = Body.clone(this.#body);
    const made = new Request(this.#url, { __proto__: null, method: this.#method, headers: this.#headers, redirect: this.#redirect, signal: this.#signal });
    Body.set(made.#body, content);
    return made;
  }
}

// --- Response ---

const kNullBody = { __proto__: null, 101: true, 103: true, 204: true, 205: true, 304: true };
let received;

class Response {
  #body = new Body();
  #status = 200;
  #statusText = '';
  #headers = newHeaders();
  #url = '';
  #redirected = false;
  #type = 'default';

  constructor(body = null, init = undefined) {
    if (init === null) init = undefined;
    if (init?.status !== undefined) {
      const status = +init.status;
      if (!(status >= 200 && status <= 599) || status % 1 !== 0) throw rangeError('init["status"] must be in the range of 200 to 599, inclusive.');
      this.#status = status;
    }
    if (init?.statusText !== undefined) this.#statusText = textOf(init.statusText);
    fill(this.#headers, init?.headers);
    const content = bodyOf(body);
    if (content === null) return;
    if (kNullBody[this.#status]) throw typeError('Response constructor: Invalid response status code ' + this.#status, undefined);
    if (content.type !== null && !this.#headers.has('content-type')) this.#headers.append('content-type', content.type);
    Body.set(this.#body, content);
  }

  static {
    received = (status, statusText, headers, url, redirected, stream) => {
      const made = new Response(null, { __proto__: null, status, statusText });
      made.#headers = headers;
      freeze(headers);
      made.#url = url;
      made.#redirected = redirected;
      made.#type = 'basic';
      if (stream !== null) Body.set(made.#body, { __proto__: null, bytes: null, stream, type: null });
      return made;
    };
  }

  static error() {
    const made = new Response();
    made.#type = 'error';
    made.#status = 0;
    freeze(made.#headers);
    return made;
  }
  static json(data, init = undefined) {
    need(arguments.length, 'Response.json');
    const encoded = stringify(data);
    if (encoded === undefined) throw typeError('Value is not JSON serializable', undefined);
    const made = new Response(encoded, init);
    if (init?.headers === undefined || !newHeadersOf(init.headers).has('content-type')) made.#headers.set('content-type', 'application/json');
    return made;
  }
  static redirect(url, status = 302) {
    need(arguments.length, 'Response.redirect');
    const to = new URL(textOf(url)).href;
    if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) throw rangeError('Invalid status code ' + status);
    const made = new Response(null, { __proto__: null, status, headers: { __proto__: null, location: to } });
    freeze(made.#headers);
    return made;
  }

  get status() { return this.#status; }
  get statusText() { return this.#statusText; }
  get ok() { return this.#status >= 200 && this.#status <= 299; }
  get headers() { return this.#headers; }
  get url() { return this.#url; }
  get redirected() { return this.#redirected; }
  get type() { return this.#type; }
  get body() { return Body.stream(this.#body); }
  get bodyUsed() { return Body.isUsed(this.#body); }
  async arrayBuffer() { return (await all(this.#body)).buffer; }
  async blob() { return new Blob([await all(this.#body)], { __proto__: null, type: this.#headers.get('content-type') ?? '' }); }
  async bytes() { return await all(this.#body); }
  async json() { return parseJson(await text(this.#body)); }
  async text() { return await text(this.#body); }
  clone() {
    const content = Body.clone(this.#body);
    const made = new Response();
    made.#status = this.#status;
    made.#statusText = this.#statusText;
    made.#headers = newHeadersOf(this.#headers);
    made.#url = this.#url;
    made.#redirected = this.#redirected;
    made.#type = this.#type;
    Body.set(made.#body, content);
    return made;
  }
}

const { stringify } = JSON;
const rangeError = (message) => new RangeError(message);
const newHeadersOf = (init) => {
  const made = newHeaders();
  fill(made, init);
  return made;
};

// --- fetch ---

// In the host's errors, a code stands before the sentence.
function explained(error) {
  const message = textOf(error.message);
  const match = /^([A-Z][A-Z_0-9]+) ([^]*)$/.exec(message);
  if (match === null) return error;
  defineHidden(error, 'message', match[2]);
  native.define(error, 'code', match[1]);
  return error;
}

function failed(message, cause) {
  const error = typeError(message, undefined);
  defineHidden(error, 'cause', explained(cause));
  return error;
}

async function writeAll(host, number, bytes) {
  for (let at = 0; at < bytes.length; at += kLargestPiece) await host.write(number, bytes.subarray(at, at + kLargestPiece));
}

// What goes wrong here is told by head() and read() too, better.
async function upload(host, number, content) {
  try {
    if (content.bytes !== null) {
      await writeAll(host, number, content.bytes);
    } else {
      const reader = content.stream.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        await writeAll(host, number, bytesOf(value));
      }
    }
    host.end(number);
  } catch {
    host.close(number);
  }
}

const kRedirected = { __proto__: null, 301: true, 302: true, 303: true, 307: true, 308: true };
const kOfBody = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
const kOfOrigin = ['authorization', 'proxy-authorization', 'cookie', 'host'];

function followed(state, status, location) {
  const to = new URL(location, state.url.href);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw typeError('URL scheme must be a HTTP(S) scheme', undefined);
  if (to.hash === '') to.hash = state.url.hash;
  if ((status === 303 && state.method !== 'GET' && state.method !== 'HEAD') || ((status === 301 || status === 302) && state.method === 'POST')) {
    state.method = 'GET';
    state.content = null;
    for (let i = 0; i < kOfBody.length; ++i) state.headers.delete(kOfBody[i]);
  }
  if (state.content !== null && state.content.bytes === null) throw typeError('the body is a stream, which cannot be sent again', undefined);
  if (to.origin !== state.url.origin) {
    for (let i = 0; i < kOfOrigin.length; ++i) state.headers.delete(kOfOrigin[i]);
  }
  state.url = to;
}

async function exchange(host, state, redirect, current) {
  for (let hops = 0; ; ++hops) {
    if (state.url.protocol !== 'http:' && state.url.protocol !== 'https:') throw typeError('unknown scheme', undefined);
    const size = state.content === null || state.content.bytes === null ? null : state.content.bytes.length;
    const number = host.begin(state.method, state.url.href, linesOf(state.headers), state.content !== null, size);
    current.number = number;
    if (state.content !== null) upload(host, number, state.content);
    const head = await host.head(number);
    const status = +head[0];
    const headers = newHeaders();
    for (let i = 2; i + 1 < head.length; i += 2) headers.append(head[i], head[i + 1]);
    const location = headers.get('location');
    if (kRedirected[status] && location !== null && redirect !== 'manual') {
      host.close(number);
      if (redirect === 'error') throw typeError('unexpected redirect', undefined);
      if (hops >= host.maxRedirects() || hops >= 20) throw typeError('redirect count exceeded', undefined);
      followed(state, status, location);
      continue;
    }
    let stream = null;
    if (state.method !== 'HEAD' && !kNullBody[status]) {
      stream = new ReadableStream({
        __proto__: null,
        async pull(controller) {
          try {
            const bytes = await host.read(number);
            if (bytes.length > 0) return controller.enqueue(bytes);
            host.close(number);
            controller.close();
          } catch (error) {
            controller.error(current.aborted ? current.signal.reason : failed('terminated', error));
          }
        },
        cancel() { host.close(number); },
      });
    } else {
      host.close(number);
    }
    state.url.hash = '';
    return received(status, head[1], headers, state.url.href, hops > 0, stream);
  }
}

async function fetch(input, init = undefined) {
  need(arguments.length, 'fetch');
  const request = new Request(input, init);
  const host = hostModule();
  if (host === undefined) {
    throw typeError('fetch failed: this sandbox has no way to the network; its host can give it one (SandboxBuilder::with_fetch)', undefined);
  }
  const { signal } = request;
  const current = { __proto__: null, number: undefined, aborted: false, signal };
  if (signal !== undefined) {
    if (isAborted(signal)) throw signal.reason;
    onAbort(signal, () => {
      current.aborted = true;
      if (current.number !== undefined) host.close(current.number);
    });
  }
  const headers = newHeadersOf(request.headers);
  if (!headers.has('accept')) headers.append('accept', '*/*');
  const state = { __proto__: null, method: request.method, url: new URL(request.url), headers, content: takeBody(request) };
  try {
    return await exchange(host, state, request.redirect, current);
  } catch (error) {
    if (current.aborted) throw signal.reason;
    throw failed('fetch failed', error);
  }
}

defineMembers(Request, 'Request');
defineMembers(Response, 'Response');
module.exports = { __proto__: null, fetch, Headers, ReadableStream, Request, Response };
