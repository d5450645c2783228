// The modules `util` and `util/types`. What shows values and tells their kinds is the guest's native code.
'use strict';

const { formatArguments, inspect: shown, kindOf, typeError } = native;

const kCustom = Symbol.for('nodejs.util.promisify.custom');
const kInspect = Symbol.for('nodejs.util.inspect.custom');

const needFunction = (value, name) => {
  if (typeof value !== 'function') throw typeError('The "' + name + '" argument must be of type function', 'ERR_INVALID_ARG_TYPE');
};

// --- Texts ---

function inspect(value, options) {
  const custom = value !== null && typeof value === 'object' && value[kInspect];
  if (typeof custom === 'function' && custom !== inspect) {
    const depth = options?.depth === undefined ? 2 : options.depth;
    const made = custom.call(value, depth, typeof options === 'object' && options !== null ? options : {}, inspect);
    if (made !== value) return typeof made === 'string' ? made : inspect(made, options);
  }
  return shown(value);
}
inspect.custom = kInspect;
inspect.defaultOptions = {};
inspect.colors = { __proto__: null };
inspect.styles = { __proto__: null };

const kColours = {
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], inverse: [7, 27], hidden: [8, 28], strikethrough: [9, 29],
  black: [30, 39], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], gray: [90, 39], grey: [90, 39],
};
for (const [name, codes] of Object.entries(kColours)) inspect.colors[name] = codes;

function styleText(styles, text, options) {
  const plain = (options?.validateStream ?? true) && !(options?.stream ?? process.stdout).isTTY;
  for (const style of [styles].flat().reverse()) {
    const codes = inspect.colors[style];
    if (codes === undefined) throw typeError('The argument "format" must be one of: ' + Object.keys(inspect.colors).join(', '), 'ERR_INVALID_ARG_VALUE');
    if (!plain) text = '\x1b[' + codes[0] + 'm' + text + '\x1b[' + codes[1] + 'm';
  }
  return text;
}

// --- Functions ---

function promisify(original) {
  needFunction(original, 'original');
  const custom = original[kCustom];
  if (custom !== undefined) {
    needFunction(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, kCustom, { value: custom, configurable: true });
  }
  const promised = function (...rest) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...rest, (error, value) => (error ? reject(error) : resolve(value))]);
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
  Object.defineProperty(promised, kCustom, { value: promised, configurable: true });
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = kCustom;

function callbackify(original) {
  needFunction(original, 'original');
  return function (...rest) {
    const callback = rest.pop();
    needFunction(callback, 'last argument');
    Reflect.apply(original, this, rest).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (reason) => queueMicrotask(() => {
        if (reason) callback(reason);
        else callback(Object.assign(new Error('Promise was rejected with falsy value'), { code: 'ERR_FALSY_VALUE_REJECTION', reason }));
      }));
  };
}

const warned = new Set();

function deprecate(original, message, code) {
  let done = false;
  function deprecated(...rest) {
    if (!done) {
      done = true;
      if (code === undefined || !warned.has(code)) {
        warned.add(code);
        console.warn((code === undefined ? '' : '[' + code + '] ') + 'DeprecationWarning: ' + message);
      }
    }
    return new.target ? Reflect.construct(original, rest, new.target) : Reflect.apply(original, this, rest);
  }
  Object.setPrototypeOf(deprecated, original);
  if (original.prototype) deprecated.prototype = original.prototype;
  return deprecated;
}

function inherits(constructor, parent) {
  needFunction(constructor, 'ctor');
  needFunction(parent, 'superCtor');
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const debuglog = () => Object.assign(() => {}, { enabled: false });

function aborted(signal, resource) {
  if (resource === null || typeof resource !== 'object') throw typeError('The "resource" argument must be of type object', 'ERR_INVALID_ARG_TYPE');
  return new Promise((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })));
}

// --- Kinds ---

const is = (...kinds) => (value) => kinds.includes(kindOf(value));
const tagged = (tag) => (value) => Object.prototype.toString.call(value) === '[object ' + tag + ']';
const boxed = (type) => (value) => kindOf(value) === 'boxed' && typeof native.unboxed(value) === type;
const array = (name) => (value) => kindOf(value) === 'typed array' && Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, value) === name;

const types = {
  isDate: is('date'),
  isRegExp: is('regexp'),
  isNativeError: is('error'),
  isMap: is('map'),
  isSet: is('set'),
  isWeakMap: is('weak map'),
  isWeakSet: is('weak set'),
  isPromise: is('promise'),
  isProxy: is('proxy'),
  isArrayBuffer: is('array buffer'),
  isSharedArrayBuffer: is('shared buffer'),
  isAnyArrayBuffer: is('array buffer', 'shared buffer'),
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isDataView: is('data view'),
  isTypedArray: is('typed array'),
  isBoxedPrimitive: is('boxed'),
  isNumberObject: boxed('number'),
  isStringObject: boxed('string'),
  isBooleanObject: boxed('boolean'),
  isBigIntObject: boxed('bigint'),
  isSymbolObject: boxed('symbol'),
  isAsyncFunction: (value) => typeof value === 'function' && /^Async/.test(Object.prototype.toString.call(value).slice(8)),
  isGeneratorFunction: (value) => typeof value === 'function' && /GeneratorFunction\]$/.test(Object.prototype.toString.call(value)),
  isGeneratorObject: tagged('Generator'),
  isArgumentsObject: tagged('Arguments'),
  isMapIterator: tagged('Map Iterator'),
  isSetIterator: tagged('Set Iterator'),
  isModuleNamespaceObject: tagged('Module'),
  isExternal: () => false,
  isKeyObject: (value) => value instanceof native.library('node_crypto').KeyObject,
  isCryptoKey: () => false,
};
for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array']) {
  types['is' + name] = array(name);
}

module.exports = {
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format: (...rest) => formatArguments(...rest),
  formatWithOptions: (options, ...rest) => formatArguments(...rest),
  inherits,
  inspect,
  isArray: Array.isArray,
  isDeepStrictEqual: (one, other) => native.library('node_assert').isDeepStrictEqual(one, other),
  promisify,
  stripVTControlCharacters: (text) => String(text).replace(/\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07/g, ''),
  styleText,
  TextDecoder,
  TextEncoder,
  toUSVString: (text) => String(text).toWellFormed(),
  types,
};
