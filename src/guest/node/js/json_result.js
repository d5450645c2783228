// What JSON cannot hold, and JSON.stringify passes over in silence: a Promise that nobody waited for, a Map or an error becomes {}
// there.
'use strict';

const {
  ArrayIsArray,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  SafeSet,
  StringPrototypeIncludes,
} = node.primordials;
const { isAnyArrayBuffer, isBoxedPrimitive, isDate, isMap, isProxy, isRegExp, isSet } = node.internalBinding('types');
const { isDataView, isTypedArray } = node.require('internal/util/types');
const { isError } = use('errors.js');
const { classOf } = use('classes.js');
const { shownStep } = use('cbor_write.js');

const kDeepest = 1000;

function kindOf(value) {
  if (isMap(value)) return 'a Map';
  if (isSet(value)) return 'a Set';
  if (isError(value)) return 'an Error';
  if (isRegExp(value)) return 'a RegExp';
  if (isAnyArrayBuffer(value)) return 'an ArrayBuffer';
  if (isDataView(value)) return 'a DataView';
  return classOf(value);
}

function hasToJson(value) {
  try {
    return typeof value.toJSON === 'function';
  } catch {
    return true;
  }
}

// The place of such an object, from the inside out; undefined if there is none.
function look(value, seen, depth) {
  if (value === null || typeof value !== 'object' || isProxy(value) || depth > kDeepest) return undefined;
  if (seen.has(value) || hasToJson(value)) return undefined;
  seen.add(value);
  if (ArrayIsArray(value)) {
    for (let i = 0; i < value.length; ++i) {
      const found = look(value[i], seen, depth + 1);
      if (found !== undefined) return { __proto__: null, kind: found.kind, place: shownStep(i) + found.place };
    }
    return undefined;
  }
  if (isDate(value) || isTypedArray(value) || isBoxedPrimitive(value)) return undefined;
  const keys = ObjectKeys(value);
  if (keys.length === 0) {
    const kind = kindOf(value);
    return kind === undefined ? undefined : { __proto__: null, kind, place: '' };
  }
  for (let i = 0; i < keys.length; ++i) {
    const own = ObjectGetOwnPropertyDescriptor(value, keys[i]);
    if (own === undefined || !ObjectPrototypeHasOwnProperty(own, 'value')) continue;
    const found = look(own.value, seen, depth + 1);
    if (found !== undefined) return { __proto__: null, kind: found.kind, place: shownStep(keys[i]) + found.place };
  }
  return undefined;
}

// Looks for such an object in what became this JSON: "holds a Promise at .list[0]"; undefined if there is none. Costs next to nothing
// where there is no {} in the text.
function findLostObject(value, json) {
  if (!StringPrototypeIncludes(json, '{}')) return undefined;
  const found = look(value, new SafeSet(), 0);
  if (found === undefined) return undefined;
  return found.place === '' ? `is ${found.kind}` : `holds ${found.kind} at ${found.place}`;
}

exports.findLostObject = findLostObject;
