// Exceptions that nobody is there to catch, and rejections that nobody handles: printed as errors, and the call goes on.
// A script that listens for them gets them instead, as in Node.
'use strict';

const { Array: ArrayOfNode, FunctionPrototypeCall, ObjectDefineProperty, SafeMap } = node.primordials;
const { internalBinding, process } = node;
const { setPromiseRejectCallback, promiseRejectEvents } = internalBinding('task_queue');
const { kPromiseRejectWithNoHandler, kPromiseHandlerAddedAfterReject } = promiseRejectEvents;
const execution = node.require('internal/process/execution');
const { emit: emitEvent, listenerCount } = node.require('events').prototype;
const { loose } = use('errors.js');
const { print } = native;

const kError = 4;  // the level
const kMaxRejections = 16;

// Rejected promises without a handler. One may still get its handler, so they are told of only when all jobs are done.
const rejections = new SafeMap();
let moreRejections = 0;  // that found no room

const runNextTicks = process._tickCallback;

function isListenedFor(event) {
  return FunctionPrototypeCall(listenerCount, process, event) > 0;
}

function printUncaught(before, thrown) {
  print(kError, before + loose(thrown));
}

function onRejection(type, promise, reason) {
  if (type === kPromiseRejectWithNoHandler) {
    if (rejections.size < kMaxRejections) rejections.set(promise, reason);
    else ++moreRejections;
  } else if (type === kPromiseHandlerAddedAfterReject) {
    if (!rejections.delete(promise) && moreRejections > 0) --moreRejections;
  }
}

// Prints what was rejected and never handled, and forgets it.
function reportRejections() {
  if (rejections.size === 0) return;
  for (const { 0: promise, 1: reason } of rejections) {
    rejections.delete(promise);
    if (isListenedFor('unhandledRejection')) tell('unhandledRejection', reason, promise);
    else printUncaught('Unhandled promise rejection: ', reason);
  }
  if (moreRejections > 0) {
    print(kError, `Unhandled promise rejections: ${moreRejections} more`);
    moreRejections = 0;
  }
}

function tell(event, ...what) {
  try {
    FunctionPrototypeCall(emitEvent, process, event, ...what);
  } catch (thrown) {
    printUncaught('Uncaught ', thrown);
  }
}

function uncaught(thrown) {
  if (isListenedFor('uncaughtException')) tell('uncaughtException', thrown, 'uncaughtException');
  else printUncaught('Uncaught ', thrown);
}

// Runs ticks and microtasks until none is left. An exception ends that job only.
function runJobs() {
  for (;;) {
    try {
      runNextTicks();
      return;
    } catch (thrown) {
      uncaught(thrown);
    }
  }
}

// Node calls this array's own method after each callback; that of all arrays a script may have replaced.
function keepStack() {
  const { execution_async_resources: stack } = internalBinding('async_wrap');
  ObjectDefineProperty(stack, 'pop', { __proto__: null, value: ArrayOfNode.prototype.pop });
}

function install() {
  keepStack();
  setPromiseRejectCallback(onRejection);
  execution.setUncaughtExceptionCaptureCallback(uncaught);
  // The script may set one of its own.
  let own = null;
  process.setUncaughtExceptionCaptureCallback = function setUncaughtExceptionCaptureCallback(fn) {
    if (fn !== null || own !== null) execution.setUncaughtExceptionCaptureCallback(null);
    own = null;
    try {
      if (fn !== null) execution.setUncaughtExceptionCaptureCallback(fn);
      own = fn;
    } finally {
      if (own === null && !execution.hasUncaughtExceptionCaptureCallback()) {
        execution.setUncaughtExceptionCaptureCallback(uncaught);
      }
    }
  };
  process.hasUncaughtExceptionCaptureCallback = function hasUncaughtExceptionCaptureCallback() {
    return own !== null;
  };
}

exports.install = install;
exports.runJobs = runJobs;
exports.runNextTicks = runNextTicks;
exports.reportRejections = reportRejections;
exports.uncaught = uncaught;
