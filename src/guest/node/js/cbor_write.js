// Values of the script as CBOR, for the host; src/wire/cbor.h and docs/values.md say in which form. Getters and toJSON of the script
// run, as in JSON.stringify.
'use strict';

const {
  ArrayIsArray,
  ArrayPrototypePush,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeGetTime,
  FunctionPrototypeCall,
  MapPrototypeForEach,
  NumberPrototypeValueOf,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  RegExpPrototypeExec,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  SafeMap,
  SafeSet,
  SetPrototypeForEach,
  StringPrototypeSlice,
  StringPrototypeValueOf,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypeError,
} = node.primordials;
const {
  isAnyArrayBuffer, isBigIntObject, isBooleanObject, isBoxedPrimitive, isDate, isMap, isNumberObject, isRegExp, isSet,
  isStringObject,
} = node.internalBinding('types');
const { isDataView, isTypedArray } = node.require('internal/util/types');
const { bytesOf } = use('host_modules.js');
const { isError } = use('errors.js');
const { classOf } = use('classes.js');
const output = use('cbor_output.js');
const { byte, head, number, text, bytes, tag, bigint } = output;

const kMostLevels = 200;  // of objects in each other; the host takes no more
const kMostSteps = 32;    // of a place that are shown
const kReference = 0xffffffff;
const kFew = 32;

const kViewTags = {
  __proto__: null,
  Uint8Array: 0,
  Uint8ClampedArray: 68,
  Int8Array: 72,
  Uint16Array: 69,
  Int16Array: 77,
  Uint32Array: 70,
  Int32Array: 78,
  BigUint64Array: 71,
  BigInt64Array: 79,
  Float16Array: 84,
  Float32Array: 85,
  Float64Array: 86,
};

const kIdentifier = /^[A-Za-z_$][\w$]*$/;

// Of the value that is being written: where in it, which objects were written where, and what refers to them.
let path = [];
let levels = 0;
let objects = [];
let offsets = [];
let seen;   // the same objects as in `objects`, if they are many
let known;  // their places, from when one came again
let references = [];
let what = '';

const kMember = { __proto__: null };
const kNone = [];

function shownStep(step) {
  if (typeof step === 'number') return `[${step}]`;
  if (step === kMember) return '[member]';
  const shown = step.length > 100 ? `${StringPrototypeSlice(step, 0, 100)}...` : step;
  return RegExpPrototypeExec(kIdentifier, shown) !== null ? `.${shown}` : `["${shown}"]`;
}

function refuse(kind) {
  if (levels === 0) throw new TypeError(`${what} is ${kind}, which cannot be passed to the host`);
  let place = '';
  for (let i = 0; i < levels && i < kMostSteps; ++i) place += shownStep(path[i]);
  if (levels > kMostSteps) place += '...';
  throw new TypeError(`${what} holds ${kind} at ${place}, which cannot be passed to the host`);
}

function item(value) {
  switch (typeof value) {
    case 'string':
      if (!text(value)) refuse('a string with half of a surrogate pair');
      return;
    case 'number': return number(value);
    case 'boolean': return byte(value ? 0xf5 : 0xf4);
    case 'undefined': return byte(0xf7);
    case 'bigint': return bigint(value);
    case 'symbol': return refuse('a symbol');
    default: return value === null ? byte(0xf6) : object(value);
  }
}

function object(value) {
  if (ObjectGetPrototypeOf(value) !== ObjectPrototype && isBoxedPrimitive(value)) return item(unboxed(value));
  const entry = placeOf(value);
  if (entry >= 0) {
    tag(29);
    head(0, kReference);
    ArrayPrototypePush(references, output.offset(), entry);
    return;
  }
  if (levels === kMostLevels) refuse('something nested deeper than 200 levels');
  note(value);
  ++levels;
  body(value);
  --levels;
}

// Which of the objects that were begun it is; -1: it is new, and begun next. Few are looked through. Of many it is first of all of
// interest that none comes again: then a set does not grow, and a map is made.
function placeOf(value) {
  const count = objects.length;
  if (count <= kFew) {
    for (let i = 0; i < count; ++i) {
      if (objects[i] === value) return i;
    }
    return -1;
  }
  if (known !== undefined) return known.get(value) ?? -1;
  if (seen === undefined) seen = new SafeSet(objects);
  seen.add(value);
  if (seen.size > count) return -1;
  known = new SafeMap();
  for (let i = 0; i < count; ++i) known.set(objects[i], i);
  return known.get(value);
}

function note(value) {
  const place = objects.length;
  objects[place] = value;
  offsets[place] = output.offset();
  if (known !== undefined) known.set(value, place);
}

function unboxed(value) {
  if (isNumberObject(value)) return NumberPrototypeValueOf(value);
  if (isStringObject(value)) return StringPrototypeValueOf(value);
  if (isBooleanObject(value)) return BooleanPrototypeValueOf(value);
  if (isBigIntObject(value)) return BigIntPrototypeValueOf(value);
  return refuse('a symbol');
}

function body(value) {
  if (ArrayIsArray(value)) return array(value);
  const isPlain = ObjectGetPrototypeOf(value) === ObjectPrototype;  // as most are
  if (!isPlain && typeof value === 'object') {
    if (isTypedArray(value)) return view(value);
    if (isMap(value)) return map(value);
    if (isSet(value)) return set(value);
    if (isDate(value)) {
      tag(1);
      return number(DatePrototypeGetTime(value) / 1000);
    }
    if (isRegExp(value)) return regexp(value);
    if (isError(value)) return exception(value);
    if (isDataView(value)) return buffer('DataView', value);
    if (isAnyArrayBuffer(value)) return buffer('ArrayBuffer', value);
  }
  const toJSON = value.toJSON;
  if (typeof toJSON === 'function') {
    const made = FunctionPrototypeCall(toJSON, value);
    if (made !== value) {
      --levels;
      item(made);
      ++levels;
      return;
    }
  }
  if (typeof value === 'function') return refuseObject('a function');
  const kind = isPlain ? undefined : classOf(value);
  if (kind !== undefined) return refuseObject(kind);
  members(value, ObjectKeys(value), 0);
}

function refuseObject(kind) {
  --levels;
  refuse(kind);
}

function array(value) {
  const length = value.length;
  const level = levels - 1;
  head(4, length);
  for (let i = 0; i < length; ++i) {
    path[level] = i;
    item(value[i]);
  }
}

function members(value, keys, more) {
  const level = levels - 1;
  const count = keys.length;
  head(5, count + more);
  for (let i = 0; i < count; ++i) {
    const key = keys[i];
    path[level] = key;
    if (!text(key)) refuse('a name with half of a surrogate pair');
    item(value[key]);
  }
}

// Lists of what they hold now: the script's code may change them meanwhile.
function map(value) {
  const all = [];
  MapPrototypeForEach(value, (each, key) => ArrayPrototypePush(all, key, each));
  tag(259);
  head(5, all.length / 2);
  listed(all);
}

function set(value) {
  const all = [];
  SetPrototypeForEach(value, (each) => ArrayPrototypePush(all, each));
  tag(258);
  head(4, all.length);
  listed(all);
}

function listed(all) {
  path[levels - 1] = kMember;
  for (let i = 0; i < all.length; ++i) item(all[i]);
}

function regexp(value) {
  tag(21066);
  head(4, 2);
  text(RegExpPrototypeGetSource(value));
  text(RegExpPrototypeGetFlags(value));
}

const textOrNone = (value) => (typeof value === 'string' ? value : '');

function exception(value) {
  tag(27);
  head(4, 2);
  const level = levels - 1;
  const keys = [];
  const all = ObjectKeys(value);
  for (let i = 0; i < all.length; ++i) {
    if (all[i] !== 'message' && all[i] !== 'stack') ArrayPrototypePush(keys, all[i]);
  }
  for (let i = 0; i < kHidden.length; ++i) {
    const name = kHidden[i];
    const own = ObjectGetOwnPropertyDescriptor(value, name);
    if (own !== undefined && !own.enumerable) ArrayPrototypePush(keys, name);
  }
  path[level] = 'name';
  item(textOrNone(value.name));
  head(5, keys.length + 2);
  text('message');
  path[level] = 'message';
  item(textOrNone(value.message));
  text('stack');
  path[level] = 'stack';
  item(textOrNone(value.stack));
  for (let i = 0; i < keys.length; ++i) {
    path[level] = keys[i];
    if (!text(keys[i])) refuse('a name with half of a surrogate pair');
    item(value[keys[i]]);
  }
}

const kHidden = ['cause', 'errors'];

function bytesOrRefuse(value) {
  try {
    return bytesOf(value);
  } catch {
    return refuseObject('bytes of a buffer that was detached or has shrunk');
  }
}

function view(value) {
  const viewTag = kViewTags[TypedArrayPrototypeGetSymbolToStringTag(value)];
  const data = bytesOrRefuse(value);
  if (viewTag !== 0) tag(viewTag);
  bytes(data, TypedArrayPrototypeGetByteLength(data));
}

function buffer(name, value) {
  const data = bytesOrRefuse(value);
  tag(27);
  head(4, 2);
  text(name);
  bytes(data, TypedArrayPrototypeGetByteLength(data));
}

// Now it is known which objects came more than once.
function putMarks() {
  const numbers = new SafeMap();
  for (let i = 1; i < references.length; i += 2) numbers.set(references[i], 0);
  const marked = [];
  for (let i = 0; i < offsets.length; ++i) {
    if (numbers.get(i) === undefined) continue;
    numbers.set(i, marked.length);
    ArrayPrototypePush(marked, offsets[i]);
  }
  for (let i = 0; i < references.length; i += 2) output.fillIn(references[i], numbers.get(references[i + 1]));
  output.insertTags(marked, marked.length, 28);
}

// A Uint8Array, valid until something else is written; with `take`, that is given it instead, as cbor_output.js says. Throws a TypeError
// that names the place for what cannot be passed, and whatever the script's code throws. `who`: what the value is, for the message.
function encode(value, who, take) {
  // A script's toJSON may call the host, which encodes in the middle of this.
  const outer = what === '' ? undefined : { __proto__: null, path, levels, objects, offsets, seen, known, references, what };
  const start = output.offset();
  path = [];
  levels = 0;
  objects = [];
  offsets = [];
  seen = known = undefined;
  references = [];
  what = who;
  try {
    item(value);
    if (references.length > 0) putMarks();
    if (take === undefined) return output.taken(start);
    return output.give(start, take);
  } catch (thrown) {
    output.drop(start);
    throw thrown;
  } finally {
    if (outer === undefined) {
      objects = kNone;
      seen = known = undefined;
      what = '';
    } else {
      ({ path, levels, objects, offsets, seen, known, references, what } = outer);
    }
  }
}

exports.encode = encode;
exports.shownStep = shownStep;
