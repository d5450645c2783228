// What was thrown, as CBOR for the host: src/sandbox/error_description.h says in which form. Nothing that a script threw can make it
// long, deep or slow: no getters run but those of an error's name, message and stack, no traps of proxies, and what is too much is left
// out.
'use strict';

const {
  ArrayIsArray,
  DatePrototypeGetTime,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  ReflectGetOwnPropertyDescriptor,
  StringPrototypeIsWellFormed,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
} = node.primordials;
const { isDate, isProxy } = node.internalBinding('types');
const output = use('cbor_output.js');

const kLongestText = 1 << 14;   // of a message or a stack, in characters
const kLongestString = 256;     // inside of what an error has for fields
const kLongest = 1 << 18;       // bytes of all together
const kMostErrors = 64;         // with causes and the errors of an AggregateError
const kMostCauses = 8;          // below each other
const kMostFields = 64;
const kDeepestField = 4;

const kMap = 0xbf;
const kArray = 0x9f;
const kEnd = 0xff;
const kUndefined = 0xf7;

const kTold = { __proto__: null, name: true, message: true, stack: true, cause: true, errors: true };

let start = 0;
let errors = 0;

const hasRoom = () => output.offset() - start < kLongest && errors < kMostErrors;

function text(value, longest) {
  output.text(StringPrototypeToWellFormed(StringPrototypeSlice(value, 0, longest)));
}

function named(name, value, longest) {
  output.text(name);
  text(value, longest);
}

// A property that an object has itself, if that runs no code; else undefined.
function ownValue(object, name) {
  if (isProxy(object)) return undefined;
  const own = ReflectGetOwnPropertyDescriptor(object, name);
  return isValue(own) ? own.value : undefined;
}

// Whether a property is there, and no accessor. What scripts have done to Object.prototype makes no difference.
const isValue = (descriptor) => descriptor !== undefined && ObjectPrototypeHasOwnProperty(descriptor, 'value');

function members(object, depth, ofError) {
  output.byte(kMap);
  const keys = isProxy(object) ? [] : ObjectKeys(object);
  let written = 0;
  for (let i = 0; i < keys.length && written < kMostFields && hasRoom(); ++i) {
    const key = keys[i];
    if (ofError && kTold[key] || key.length > kLongestString || !StringPrototypeIsWellFormed(key)) continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
    if (!isValue(descriptor)) continue;
    const value = descriptor.value;
    if (!canBeField(value)) continue;
    output.text(key);
    field(value, depth + 1);
    ++written;
  }
  output.byte(kEnd);
}

function canBeField(value) {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  return !isProxy(value);
}

function field(value, depth) {
  switch (typeof value) {
    case 'number': return output.number(value);
    case 'string': return text(value, kLongestString);
    case 'boolean': return output.byte(value ? 0xf5 : 0xf4);
    case 'bigint':
      if (value >= -(2n ** 512n) && value < 2n ** 512n) return output.bigint(value);
      return output.byte(kUndefined);
    case 'object': break;
    default: return output.byte(kUndefined);
  }
  if (value === null) return output.byte(0xf6);
  if (depth >= kDeepestField || isProxy(value) || !hasRoom()) return output.byte(kUndefined);
  if (isDate(value)) {
    output.tag(1);
    return output.number(DatePrototypeGetTime(value) / 1000);
  }
  if (describing.isError(value)) return text(describing.titleOf(value), kLongestString);
  if (!ArrayIsArray(value)) return members(value, depth, false);
  output.byte(kArray);
  for (let i = 0; i < value.length && i < kMostFields && hasRoom(); ++i) field(ownValue(value, i), depth + 1);
  output.byte(kEnd);
}

function error(value, said, depth) {
  if (said.name !== '') named('name', said.name, kLongestText);
  named('message', said.message, kLongestText);
  named('stack', said.stack, kLongestText);
  output.text('value');
  members(value, 0, true);
  if (depth >= kMostCauses) return;
  const cause = ObjectGetOwnPropertyDescriptor(value, 'cause');
  if (isValue(cause) && hasRoom()) {
    output.text('cause');
    thrown(cause.value, depth + 1);
  }
  const list = ownValue(value, 'errors');
  if (!ArrayIsArray(list) || isProxy(list)) return;
  output.text('errors');
  output.byte(kArray);
  for (let i = 0; i < list.length && hasRoom(); ++i) thrown(ownValue(list, i), depth + 1);
  output.byte(kEnd);
}

function thrown(value, depth, said = describing.partsOf(value)) {
  ++errors;
  output.byte(kMap);
  if (said.isError) {
    error(value, said, depth);
  } else {
    named('message', said.message, kLongestText);
    output.text('value');
    field(value, 0);
  }
  output.byte(kEnd);
}

// How errors.js sees errors.
let describing;

// A Uint8Array, valid until the next description. `said` is what partsOf() gives.
function describeThrown(value, said) {
  start = output.offset();
  errors = 0;
  try {
    thrown(value, 0, said);
  } catch {
    output.drop(start);
    return undefined;
  }
  return output.taken(start);
}

exports.describeThrown = describeThrown;
exports.use = (functions) => { describing = functions; };
