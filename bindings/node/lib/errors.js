// What sandboxes, snapshots and pools fail with.
'use strict';

const { kKillMonitor } = require('./inside.js');

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

function fromNative(failed, usage) {
  const killed = failed.terminatedBy === kKillMonitor;
  const message = killed ? failed.message.replace(`execution monitor "${kKillMonitor}"`, 'kill()') : failed.message;
  const error = new CurfewError(failed.code, message, failed.cause === undefined ? undefined : { cause: failed.cause });
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
  const frames = error.guestStack.split('\n').filter((line) => line.trim() !== '').map((line) => `    ${line.trim()}`);
  return [header, ...frames, ...(own === '' ? [] : [own])].join('\n');
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
