// What the host is told when a script or a handler fails, and what stacks look like: the user's frames only.
'use strict';

const {
  ArrayPrototypeFilter,
  ArrayPrototypeJoin,
  ArrayPrototypeMap,
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeHasOwnProperty,
  String,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} = node.primordials;
const { internalBinding } = node;
const { isNativeError } = internalBinding('types');
const { setPrepareStackTraceCallback, getErrorSourcePositions } = internalBinding('errors');
const { prepareStackTraceCallback, overrideStackTrace, kIsNodeError } = node.require('internal/errors');
const { inspect } = node.require('internal/util/inspect');
const { DOMException } = globalThis;
const positions = use('positions.js');
const { describeThrown, use: useFunctions } = use('error_description.js');

// Flags of a failure, as wire/mailbox.h has them.
exports.kSyntaxError = 16;
exports.kBadEvent = 32;
const kStackOverflow = 64;
exports.kDescribed = 32768;  // in place of the stack, the description is given

const kTooDeep = 'RangeError: Maximum call stack size exceeded';

const kFrame = '\n    at ';

// Places of our own files and of Node's inside, which say nothing about the user's code.
const isInside = (file) =>
  typeof file === 'string' && (StringPrototypeStartsWith(file, 'curfew:') ||
                               StringPrototypeStartsWith(file, 'node:internal/'));

// Frames are left out where they are made, so that `error.stack`, the console and a failure's stack say the same.
const ofUser = (trace) =>
  ArrayPrototypeMap(ArrayPrototypeFilter(trace, (frame) => !isInside(frame.getFileName())), positions.ofUser);

function install() {
  if (native.keepFrames) return;  // for work on these files
  setPrepareStackTraceCallback((global, error, trace) =>
    prepareStackTraceCallback(global, error, overrideStackTrace.has(error) ? trace : ofUser(trace)));
}

// A property, or undefined if getting it throws.
function property(object, name) {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

function text(value) {
  try {
    return String(value);
  } catch {
    return '';
  }
}

const isError = (value) => isNativeError(value) || isDomException(value);

function isDomException(value) {
  try {
    return typeof value === 'object' && value !== null && value instanceof DOMException;
  } catch {
    return false;
  }
}

// "TypeError: x is not a function", without a stack.
function titleOf(error) {
  const name = property(error, 'name');
  const message = property(error, 'message');
  const said = message === undefined ? '' : text(message);
  let named = name === undefined ? 'Error' : text(name);
  if (named === '') return said;
  if (kIsNodeError in error) named += ` [${text(property(error, 'code'))}]`;
  return said === '' ? named : `${named}: ${said}`;
}

// The frames of an error's stack, without the title above them.
function framesOf(error) {
  const stack = property(error, 'stack');
  if (typeof stack !== 'string') return '';
  const title = titleOf(error);
  // A message may itself look like frames.
  const from = StringPrototypeStartsWith(stack, title) ? title.length : 0;
  const start = StringPrototypeIndexOf(stack, kFrame, from);
  return start < 0 ? '' : StringPrototypeSlice(stack, start + 1);
}

function indented(lines) {
  return `  ${ArrayPrototypeJoin(StringPrototypeSplit(lines, '\n'), '\n  ')}`;
}

function reasonOf(error, name) {
  const own = ObjectGetOwnPropertyDescriptor(error, name);
  if (own === undefined || !ObjectPrototypeHasOwnProperty(own, 'value')) return '';
  return `\n${indented(`[${name}]: ${inspected(own.value)}`)}`;
}

// What lies behind an error, as Node prints it below the error's own frames.
function reasonsOf(error) {
  return reasonOf(error, 'cause') + reasonOf(error, 'errors');
}

// Any value as text; an object whose own code fails while it is shown is named by its kind.
function inspected(value, options) {
  try {
    return inspect(value, options);
  } catch {
    return `[${kindOf(value)}]`;
  }
}

// As the console shows one value: a string as it is.
const loose = (value) => (typeof value === 'string' ? value : inspected(value));

const kOneLine = { __proto__: null, compact: true, breakLength: Infinity };

// Where the compiler stopped, which V8 keeps beside a SyntaxError.
function placeOf(error) {
  const { scriptResourceName: file, lineNumber, startColumn } = getErrorSourcePositions(error);
  if (typeof file !== 'string' || file === '' || isInside(file)) return undefined;
  return `${file}:${lineNumber}:${startColumn + 1}`;
}

// The failure that a thrown value is: message, stack and flags. A SyntaxError of the compiler gets its place.
// `firstFrameOnly`: the stack ends below its first frame.
function describe(thrown, compiling = false, firstFrameOnly = false) {
  const failure = describeInWords(thrown, compiling);
  if (firstFrameOnly) failure.stack = StringPrototypeSplit(failure.stack, '\n', 1)[0];
  const said = { __proto__: null, ...partsOf(thrown), stack: failure.stack };
  failure.description = describeThrown(thrown, said);
  if (failure.message === kTooDeep) failure.flags |= kStackOverflow;
  return failure;
}

// The parts of what was thrown, as its description has them.
function partsOf(thrown) {
  if (!isError(thrown)) return { __proto__: null, isError: false, message: shownOnOneLine(thrown), name: '', stack: '' };
  const name = property(thrown, 'name');
  const message = property(thrown, 'message');
  return {
    __proto__: null,
    isError: true,
    name: name === undefined ? 'Error' : text(name),
    message: message === undefined ? '' : text(message),
    stack: framesOf(thrown),
  };
}

const shownOnOneLine = (thrown) => (typeof thrown === 'string' ? thrown : inspected(thrown, kOneLine));

function describeInWords(thrown, compiling) {
  if (!isError(thrown)) return { flags: 0, message: shownOnOneLine(thrown), stack: '', isSyntaxError: false };
  const failure = { flags: 0, message: titleOf(thrown), stack: framesOf(thrown), isSyntaxError: false };
  if (compiling && isNativeError(thrown) && property(thrown, 'name') === 'SyntaxError') {
    failure.isSyntaxError = true;
    const place = placeOf(thrown);
    if (place !== undefined) {
      failure.message += ` (${place})`;
      failure.stack = failure.stack === '' ? `    at ${place}` : `    at ${place}\n${failure.stack}`;
    }
  }
  failure.stack += reasonsOf(thrown);
  if (StringPrototypeStartsWith(failure.stack, '\n')) failure.stack = StringPrototypeSlice(failure.stack, 1);
  return failure;
}

// What `typeof` says, with an article.
function kindOf(value) {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'bigint': return 'a BigInt';
    case 'object': return 'an object';
    default: return `a ${typeof value}`;
  }
}

useFunctions({ __proto__: null, isError, partsOf, titleOf });

exports.install = install;
exports.describe = describe;
exports.isInside = isInside;
exports.kindOf = kindOf;
exports.isError = isError;
exports.loose = loose;
