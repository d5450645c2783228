// What sandboxes, snapshots and pools fail with.
'use strict';

const { kKillMonitor } = require('./inside.js');
const { decode } = require('./cbor_read.js');

class CurfewError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
    this.terminatedBy = undefined;
    this.usage = undefined;
    this.guestStack = undefined;
  }
}
Object.defineProperty(CurfewError.prototype, 'name', { value: 'CurfewError', writable: true, configurable: true });

// What the guest threw below an error, as an Error of its own.
function guestError({ name, message, stack, value, cause, errors, ...place }) {
  const made = new Error(message, cause === undefined ? undefined : { cause: guestError(cause) });
  Object.defineProperty(made, 'name', { value: name === '' ? 'Error' : name, writable: true, configurable: true });
  made.stack = stack === '' ? `${made.name}: ${message}` : `${made.name}: ${message}\n${framesOf(stack).join('\n')}`;
  if (errors.length > 0) made.errors = errors.map(guestError);
  return Object.assign(made, fieldsOf(value), placeOf(place));
}

function fieldsOf(value) {
  if (value === undefined) return {};
  try {
    const fields = decode(value);
    if (typeof fields !== 'object' || fields === null) return { value: fields };
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !kOwn.has(name)));
  } catch {
    return {};
  }
}
const kOwn = new Set(['name', 'message', 'stack', 'cause', 'errors', '__proto__']);

const placeOf = ({ file, line, column, sourceLine }) => (line === 0 ? {} : { file, line, column, sourceLine });

// Lines of a stack that are places, in Node's form.
const framesOf = (stack) => stack.split('\n').filter((line) => /^\s*at /.test(line)).map((line) => `    ${line.trim()}`);

function fromNative(failed, usage) {
  const killed = failed.terminatedBy === kKillMonitor;
  const message = killed ? failed.message.replace(`execution monitor "${kKillMonitor}"`, 'kill()') : failed.message;
  const { details } = failed;
  const cause = failed.cause ?? (details?.cause === undefined ? undefined : guestError(details.cause));
  const error = new CurfewError(failed.code, message, cause === undefined ? undefined : { cause });
  if (details !== undefined) {
    error.guestName = details.name === '' ? undefined : details.name;
    error.guestFields = fieldsOf(details.value);
    if (details.errors.length > 0) error.errors = details.errors.map(guestError);
    Object.assign(error, placeOf(details));
  }
  if (failed.terminatedBy !== '') error.terminatedBy = killed ? 'kill' : failed.terminatedBy;
  if (failed.stack !== '') error.guestStack = failed.stack;
  error.usage = usage;
  error.stack = stackOf(error);
  return error;
}

// The guest's frames stand above this process's own.
function stackOf(error) {
  if (error.guestStack === undefined) return error.stack;
  const header = `${error.name}: ${error.message}`;
  const own = error.stack.startsWith(header) ? error.stack.slice(header.length + 1) : '';
  return [header, ...framesOf(error.guestStack), ...(own === '' ? [] : [own])].join('\n');
}

function check(failed) {
  if (failed !== null) throw fromNative(failed);
}

function checked(outcome) {
  if (outcome.error !== undefined) throw fromNative(outcome.error, outcome.usage);
  return outcome.value;
}

// For what was aborted: the operation goes on, but nobody waits for it.
function orAborted(promise, signal) {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

module.exports = { CurfewError, fromNative, check, checked, orAborted };
