// Functions of the host, as functions of the guest. Arguments go as JSON, but for those that are bytes (typed arrays,
// DataViews and ArrayBuffers), which go as they are; so do results.
'use strict';

const {
  ArrayIsArray,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  Error,
  JSONParse,
  JSONStringify,
  ObjectDefineProperty,
  Promise,
  SafeMap,
  TypedArrayPrototypeAt,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeError,
  Uint8Array,
} = node.primordials;
const { isAnyArrayBuffer, isDataView, isTypedArray } = node.require('internal/util/types');
const { hostCall } = native;

// What the text of an error says of a function of the host.
const shown = (module, name) => `"${name}" of the host module "${module}"`;

function refuse(module, name, index, what) {
  throw new TypeError(`argument ${index + 1} of ${shown(module, name)} is ${what}, which cannot be passed to the host`);
}

// The bytes of a buffer or view, in its own memory. Throws for one that has lost it.
function bytesOf(value) {
  if (isTypedArray(value)) {
    TypedArrayPrototypeAt(value, 0);  // throws when the view is out of bounds
    return new Uint8Array(TypedArrayPrototypeGetBuffer(value), TypedArrayPrototypeGetByteOffset(value),
                          TypedArrayPrototypeGetByteLength(value));
  }
  if (isDataView(value)) {
    return new Uint8Array(DataViewPrototypeGetBuffer(value), DataViewPrototypeGetByteOffset(value),
                          DataViewPrototypeGetByteLength(value));
  }
  return new Uint8Array(value);  // throws for a buffer that was detached
}

const hasBytes = (value) => isTypedArray(value) || isDataView(value) || isAnyArrayBuffer(value);

function encode(module, name, index, value) {
  switch (typeof value) {
    case 'symbol': return refuse(module, name, index, 'a symbol');
    case 'bigint': return refuse(module, name, index, 'a BigInt');
    case 'function': return refuse(module, name, index, 'a function');
    case 'undefined': return 'null';
    case 'object': break;
    default: return JSONStringify(value);
  }
  if (value !== null && hasBytes(value)) {
    try {
      return bytesOf(value);
    } catch {
      return refuse(module, name, index, 'backed by a buffer that was detached or has shrunk');
    }
  }
  return JSONStringify(value) ?? 'null';
}

function decode(module, name, result) {
  if (typeof result !== 'string') return ArrayIsArray(result) ? values.decode(result[0]) : result;
  try {
    return JSONParse(result);
  } catch {
    throw new Error(`what ${shown(module, name)} returned is not JSON`);
  }
}

// A function that calls the host's. One that is asynchronous gives a promise, whatever happens: what goes wrong rejects it.
// `mark` is its wire::FunctionMark.
function hostFunction(module, name, mark) {
  const isAsync = mark === 'a' || mark === 'w';
  const asValues = mark === 'v' || mark === 'w';
  const made = isAsync ? {
    call(...args) {
      return new Promise((resolve, reject) => {
        const answer = callHost(module, name, args, true, asValues);
        if (typeof answer === 'number') open.set(answer, { __proto__: null, module, name, resolve, reject });
        else resolve(decode(module, name, answer));
      });
    },
  } : {
    call(...args) {
      return decode(module, name, callHost(module, name, args, false, asValues));
    },
  };
  ObjectDefineProperty(made.call, 'name', { __proto__: null, value: name, configurable: true });
  return made.call;
}

// All is encoded before the host is called, because encoding may run a script's toJSON, which may call the host. The host's
// error gets a stack of the script's.
function callHost(module, name, args, isAsync, asValues) {
  if (asValues) {
    args = [values.encode(args, `the argument list of ${shown(module, name)}`)];
  } else {
    for (let i = 0; i < args.length; ++i) args[i] = encode(module, name, i, args[i]);
  }
  try {
    return hostCall(module, name, args, isAsync, asValues);
  } catch (thrown) {
    throw new Error(thrown.message);
  }
}

// Calls that the host has not replied to, by their numbers. They are dropped at the end of the request.
const open = new SafeMap();

function replied(number, failed, value) {
  const call = open.get(number);
  if (call === undefined) return;
  open.delete(number);
  const { module, name, resolve, reject } = call;
  if (failed) return reject(new Error(value));
  try {
    resolve(decode(module, name, value));
  } catch (thrown) {
    reject(thrown);
  }
}

function drop() {
  if (open.size > 0) open.clear();
}

exports.hostFunction = hostFunction;
exports.replied = replied;
exports.drop = drop;
// What encodes and decodes values; it uses this file.
const values = { __proto__: null };
exports.useValues = (encode, decode) => {
  values.encode = encode;
  values.decode = decode;
};

exports.bytesOf = bytesOf;
exports.hasBytes = hasBytes;
