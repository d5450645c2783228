// The module `http`: requests and responses as objects, which frameworks build on and their tests inject. There is no network behind it: a
// server cannot listen, and a client cannot connect.
'use strict';

const Stream = native.library('node_stream');
const EventEmitter = native.library('node_events');
const { unavailable } = native.library('node_system');
const { inherits } = native.library('node_util');

const bufferOf = () => native.library('node_buffer').Buffer;

const METHODS = (
  'ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH ' +
  'POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE').split(' ');

const STATUS_CODES = {
  100: 'Continue', 101: 'Switching Protocols', 102: 'Processing', 103: 'Early Hints', 200: 'OK', 201: 'Created', 202: 'Accepted',
  203: 'Non-Authoritative Information', 204: 'No Content', 205: 'Reset Content', 206: 'Partial Content', 207: 'Multi-Status',
  208: 'Already Reported', 226: 'IM Used', 300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
  304: 'Not Modified', 305: 'Use Proxy', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized',
  402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  407: 'Proxy Authentication Required', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 411: 'Length Required',
  412: 'Precondition Failed', 413: 'Payload Too Large', 414: 'URI Too Long', 415: 'Unsupported Media Type', 416: 'Range Not Satisfiable',
  417: 'Expectation Failed', 418: "I'm a Teapot", 421: 'Misdirected Request', 422: 'Unprocessable Entity', 423: 'Locked',
  424: 'Failed Dependency', 425: 'Too Early', 426: 'Upgrade Required', 428: 'Precondition Required', 429: 'Too Many Requests',
  431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons', 500: 'Internal Server Error', 501: 'Not Implemented',
  502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates', 507: 'Insufficient Storage', 508: 'Loop Detected', 509: 'Bandwidth Limit Exceeded', 510: 'Not Extended',
  511: 'Network Authentication Required',
};

function failure(Type, code, message) {
  const error = new Type(message);
  error.code = code;
  return error;
}

function checkName(name, value) {
  if (typeof name !== 'string' || !/^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/.test(name)) throw failure(TypeError, 'ERR_INVALID_HTTP_TOKEN', 'Header name must be a valid HTTP token ["' + String(name) + '"]');
  if (value === undefined) throw failure(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', 'Invalid value "undefined" for header "' + name + '"');
  for (const each of [value].flat()) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(String(each))) throw failure(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in header content ["' + name + '"]');
  }
}

// --- Requests ---

function IncomingMessage(socket) {
  if (!(this instanceof IncomingMessage)) return new IncomingMessage(socket);
  Stream.Readable.call(this);
  Object.assign(this, { socket, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, complete: false, headers: {}, rawHeaders: [], trailers: {}, rawTrailers: [], url: '', method: null, statusCode: null, statusMessage: null, aborted: false });
}
inherits(IncomingMessage, Stream.Readable);
Object.setPrototypeOf(IncomingMessage, Stream.Readable);
Object.defineProperty(IncomingMessage.prototype, 'connection', {
  get() { return this.socket; },
  set(value) { this.socket = value; },
  configurable: true,
});
IncomingMessage.prototype._read = function () {};
IncomingMessage.prototype.setTimeout = function (time, callback) {
  if (callback) this.on('timeout', callback);
  return this;
};

// --- Responses ---

const kHeaders = Symbol('headers');  // by the name in small letters: [name, value]

function OutgoingMessage() {
  if (!(this instanceof OutgoingMessage)) return new OutgoingMessage();
  Stream.call(this);
  Object.assign(this, { writable: true, destroyed: false, finished: false, sendDate: true, shouldKeepAlive: true, chunkedEncoding: false, useChunkedEncodingByDefault: true, socket: null, _header: null, _hasBody: true, outputData: [] });
  this[kHeaders] = new Map();
}
inherits(OutgoingMessage, Stream);
Object.setPrototypeOf(OutgoingMessage, Stream);

const headersOf = (message) => (message[kHeaders] ??= new Map());

function refuseIfSent(message, what) {
  if (message._header) throw failure(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot ' + what + ' headers after they are sent to the client');
}

Object.assign(OutgoingMessage.prototype, {
  setHeader(name, value) {
    refuseIfSent(this, 'set');
    checkName(name, value);
    headersOf(this).set(name.toLowerCase(), [name, value]);
    return this;
  },
  setHeaders(headers) {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  },
  appendHeader(name, value) {
    const known = this.getHeader(name);
    return this.setHeader(name, known === undefined ? value : [known, value].flat());
  },
  getHeader(name) { return headersOf(this).get(String(name).toLowerCase())?.[1]; },
  getHeaders() {
    const all = Object.create(null);
    for (const [key, [, value]] of headersOf(this)) all[key] = value;
    return all;
  },
  getHeaderNames() { return [...headersOf(this).keys()]; },
  getRawHeaderNames() { return Array.from(headersOf(this).values(), ([name]) => name); },
  hasHeader(name) { return headersOf(this).has(String(name).toLowerCase()); },
  removeHeader(name) {
    refuseIfSent(this, 'remove');
    headersOf(this).delete(String(name).toLowerCase());
  },
  flushHeaders() { if (!this._header) this._implicitHeader(); },
  _implicitHeader() { throw failure(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _implicitHeader() method is not implemented'); },

  _storeHeader(firstLine) {
    let text = firstLine;
    for (const [name, value] of headersOf(this).values()) {
      for (const each of [value].flat()) text += name + ': ' + each + '\r\n';
    }
    if (this.sendDate && !this.hasHeader('date')) text += 'Date: ' + new Date().toUTCString() + '\r\n';
    if (!this.hasHeader('connection')) text += this.shouldKeepAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
    if (/chunked/i.test(this.getHeader('transfer-encoding') ?? '')) {
      this.chunkedEncoding = true;
    } else if (this._hasBody && !this.hasHeader('content-length') && this.useChunkedEncodingByDefault) {
      if (this._contentLength === undefined) {
        text += 'Transfer-Encoding: chunked\r\n';
        this.chunkedEncoding = true;
      } else {
        text += 'Content-Length: ' + this._contentLength + '\r\n';
      }
    }
    this._header = text + '\r\n';
    this._toSocket(this._header);
  },

  _toSocket(data, encoding, callback) {
    if (this.socket === null) {
      this.outputData.push([data, encoding, callback]);
      return false;
    }
    return this.socket.write(data, encoding, callback);
  },

  write(data, encoding, callback) {
    if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array');
    }
    if (this.finished) {
      const error = failure(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
      process.nextTick(() => {
        this.emit('error', error);
        callback?.(error);
      });
      return false;
    }
    if (!this._header) this._implicitHeader();
    if (!this._hasBody || data.length === 0) {
      if (callback) process.nextTick(callback);
      return true;
    }
    if (!this.chunkedEncoding) return this._toSocket(data, encoding, callback);
    const bytes = typeof data === 'string' ? bufferOf().from(data, encoding) : data;
    this._toSocket(bytes.length.toString(16) + '\r\n');
    this._toSocket(bytes);
    return this._toSocket('\r\n', undefined, callback);
  },

  end(data, encoding, callback) {
    if (typeof data === 'function') [data, callback] = [undefined, data];
    else if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (this.finished) {
      if (callback) process.nextTick(callback, failure(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished'));
      return this;
    }
    const hasData = data !== undefined && data !== null;
    if (!this._header) {
      this._contentLength = !hasData ? 0 : typeof data === 'string' ? bufferOf().byteLength(data, encoding) : data.length;
      this._implicitHeader();
    }
    if (hasData) this.write(data, encoding);
    if (callback) this.once('finish', callback);
    const finish = () => this.emit('finish');
    if (this._hasBody && this.chunkedEncoding) this._toSocket('0\r\n' + (this._trailer ?? '') + '\r\n', undefined, finish);
    else this._toSocket('', undefined, finish);
    this.finished = true;
    return this;
  },

  addTrailers(trailers) {
    this._trailer = '';
    for (const [name, value] of Array.isArray(trailers) ? trailers : Object.entries(trailers)) {
      checkName(name, value);
      this._trailer += name + ': ' + value + '\r\n';
    }
  },
  setTimeout(time, callback) {
    if (callback) this.on('timeout', callback);
    return this;
  },
  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.socket?.destroy?.(error);
    process.nextTick(() => this.emit('close'));
    return this;
  },
  cork() { this.socket?.cork?.(); },
  uncork() { this.socket?.uncork?.(); },
  pipe() { this.emit('error', failure(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable')); },
});

const described = (get, set) => ({ get, set, configurable: true });
Object.defineProperties(OutgoingMessage.prototype, {
  headersSent: described(function () { return Boolean(this._header); }),
  writableEnded: described(function () { return this.finished; }),
  writableFinished: described(function () { return this.finished && this.outputData.length === 0 && (this.socket === null || this.socket.writableLength === 0); }),
  writableLength: described(function () { return this.socket?.writableLength ?? 0; }),
  writableHighWaterMark: described(function () { return this.socket?.writableHighWaterMark ?? 65536; }),
  writableObjectMode: described(() => false),
  writableNeedDrain: described(function () { return this.socket?.writableNeedDrain ?? false; }),
  errored: described(() => null),
  closed: described(function () { return this.destroyed; }),
  connection: described(function () { return this.socket; }, function (value) { this.socket = value; }),
});

function ServerResponse(request) {
  if (!(this instanceof ServerResponse)) return new ServerResponse(request);
  OutgoingMessage.call(this);
  this.req = request;
  if (request.method === 'HEAD') this._hasBody = false;
  if (request.httpVersionMajor < 1 || request.httpVersionMinor < 1) this.useChunkedEncodingByDefault = this.shouldKeepAlive = false;
}
inherits(ServerResponse, OutgoingMessage);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

Object.assign(ServerResponse.prototype, {
  statusCode: 200,
  statusMessage: undefined,

  assignSocket(socket) {
    this.socket = socket;
    for (const [data, encoding, callback] of this.outputData.splice(0)) socket.write(data, encoding, callback);
    this.emit('socket', socket);
  },
  detachSocket() { this.socket = null; },

  writeHead(statusCode, reason, headers) {
    if (this._header) throw failure(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot write headers after they are sent to the client');
    const status = statusCode | 0;
    if (status < 100 || status > 999) throw failure(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', 'Invalid status code: ' + statusCode);
    if (typeof reason === 'string') this.statusMessage = reason;
    else headers ??= reason;
    this.statusMessage ||= STATUS_CODES[status] || 'unknown';
    this.statusCode = status;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(this.statusMessage)) throw failure(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage');
    if (Array.isArray(headers)) {
      if (Array.isArray(headers[0])) for (const [name, value] of headers) this.appendHeader(name, value);
      else for (let i = 0; i + 1 < headers.length; i += 2) this.appendHeader(headers[i], headers[i + 1]);
    } else if (headers) {
      for (const name of Object.keys(headers)) this.setHeader(name, headers[name]);
    }
    if (status === 204 || status === 304 || (status >= 100 && status <= 199)) this._hasBody = false;
    this._storeHeader('HTTP/1.1 ' + status + ' ' + this.statusMessage + '\r\n');
    return this;
  },
  _implicitHeader() { this.writeHead(this.statusCode); },
  writeContinue(callback) { this._toSocket('HTTP/1.1 100 Continue\r\n\r\n', 'latin1', callback); },
  writeEarlyHints: unavailable('http.ServerResponse', 'writeEarlyHints'),
});
ServerResponse.prototype.writeHeader = ServerResponse.prototype.writeHead;

// --- Servers and clients, as far as they can be without a network ---

function Server(options, listener) {
  if (!(this instanceof Server)) return new Server(options, listener);
  EventEmitter.call(this);
  if (typeof options === 'function') listener = options;
  if (listener) this.on('request', listener);
  Object.assign(this, { listening: false, timeout: 0, keepAliveTimeout: 5000, headersTimeout: 60000, requestTimeout: 300000, maxHeadersCount: null });
}
inherits(Server, EventEmitter);
Object.assign(Server.prototype, {
  listen: unavailable('http.Server', 'listen'),
  address: () => null,
  close(callback) {
    if (callback) process.nextTick(callback, failure(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.'));
    return this;
  },
  closeAllConnections() {},
  closeIdleConnections() {},
  ref() { return this; },
  unref() { return this; },
  setTimeout(time, callback) {
    this.timeout = time;
    if (callback) this.on('timeout', callback);
    return this;
  },
});

module.exports = {
  METHODS,
  STATUS_CODES,
  Agent: unavailable('http', 'Agent'),
  ClientRequest: unavailable('http', 'ClientRequest'),
  IncomingMessage,
  OutgoingMessage,
  Server,
  ServerResponse,
  createServer: (options, listener) => new Server(options, listener),
  get: unavailable('http', 'get'),
  globalAgent: {},
  maxHeaderSize: 16384,
  request: unavailable('http', 'request'),
  validateHeaderName: (name) => checkName(name, ''),
  validateHeaderValue: (name, value) => checkName(name, value),
};
