// Where something stands in a script's text as its user wrote it, for scripts into whose lines something was put.
'use strict';

const {
  ArrayPrototypePush,
  SafeMap,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
} = node.primordials;

// By the script's name: by line, what was put where, in order: columns of the user's text, from zero, and lengths, by turns.
const scripts = new SafeMap();

function note(name, insertions) {
  if (insertions.size === 0) {
    scripts.delete(name);
  } else {
    scripts.set(name, insertions);
  }
}

// Adds an insertion; those of a line come in order.
function add(insertions, line, column, length) {
  let known = insertions.get(line);
  if (known === undefined) insertions.set(line, known = []);
  ArrayPrototypePush(known, column, length);
}

// The column, from one, in the user's text.
function columnOf(name, line, column) {
  const insertions = scripts.get(name)?.get(line);
  if (insertions === undefined) return column;
  let at = column - 1;
  for (let i = 0; i < insertions.length; i += 2) {
    const place = insertions[i];
    if (at < place) break;
    at = at - insertions[i + 1] < place ? place : at - insertions[i + 1];
  }
  return at + 1;
}

const kMethods = [
  'getThis', 'getTypeName', 'getFunction', 'getFunctionName', 'getMethodName', 'getFileName', 'getLineNumber',
  'getEvalOrigin', 'isToplevel', 'isEval', 'isNative', 'isConstructor', 'isAsync', 'isPromiseAll', 'getPromiseIndex',
  'getScriptNameOrSourceURL', 'getScriptHash', 'getEnclosingLineNumber', 'getEnclosingColumnNumber', 'getPosition',
];

// A frame of a stack, in the user's text.
function ofUser(frame) {
  const name = frame.getFileName();
  if (typeof name !== 'string' || !scripts.has(name)) return frame;
  const line = frame.getLineNumber();
  const column = frame.getColumnNumber();
  const own = columnOf(name, line, column);
  if (own === column) return frame;
  const moved = { getColumnNumber: () => own };
  for (let i = 0; i < kMethods.length; ++i) {
    const method = kMethods[i];
    moved[method] = () => frame[method]?.();
  }
  moved.toString = () => {
    const text = frame.toString();
    const end = StringPrototypeEndsWith(text, ')') ? ')' : '';
    const place = `:${line}:${column}${end}`;
    if (!StringPrototypeEndsWith(text, place)) return text;
    return `${StringPrototypeSlice(text, 0, text.length - place.length)}:${line}:${own}${end}`;
  };
  return moved;
}

exports.note = note;
exports.add = add;
exports.ofUser = ofUser;
