// The end of a call is the end of its timers: what is left of them never runs. Node's own lists of them are emptied, so
// that timers cost what they cost in Node.
'use strict';

const { internalBinding } = node;
const {
  kRefed,
  kHasPrimitive,
  async_id_symbol: kAsyncId,
  decRefCount,
  immediateInfoFields: { kCount, kRefCount },
  immediateQueue,
  knownTimersById,
  timerListMap,
  timerListQueue,
} = node.require('internal/timers');
const list = node.require('internal/linkedlist');
const { immediateInfo, timeoutInfo, toggleImmediateRef, toggleTimerRef } = internalBinding('timers');
const { tickInfo } = internalBinding('task_queue');

const { clearAsyncIdStack } = internalBinding('async_wrap');
const AsyncContextFrame = node.require('internal/async_context_frame');
const { createHook, executionAsyncResource } = node.require('async_hooks');
const { runNextTicks } = use('uncaught.js');

const kHasTickScheduled = 0;

function forget(timer) {
  list.remove(timer);
  if (timer[kHasPrimitive]) delete knownTimersById[timer[kAsyncId]];
  timer._destroyed = true;
  timer._onTimeout = null;
  timer._idleTimeout = -1;
  if (timer[kRefed]) decRefCount();
  timer[kRefed] = null;
}

// Of a timer that was ended by process.exit, or by a lack of memory, Node still counts that it keeps the loop going.
function forgetEndedTimers() {
  if (timeoutInfo[0] === 0) return;
  timeoutInfo[0] = 0;
  toggleTimerRef(false);
}

function dropTimers() {
  let timers = timerListQueue.peek();
  if (timers === undefined) return false;
  for (; timers !== undefined; timers = timerListQueue.peek()) {
    for (let timer = list.peek(timers); timer !== null && timer !== undefined; timer = list.peek(timers)) forget(timer);
    timerListQueue.shift();
    delete timerListMap[timers.msecs];
  }
  return true;
}

function dropImmediates() {
  if (immediateQueue.head === null) return false;
  for (let immediate = immediateQueue.head; immediate !== null; immediate = immediate._idleNext) {
    immediate._destroyed = true;
    immediate._onImmediate = null;
    immediate[kRefed] = null;
  }
  immediateQueue.head = immediateQueue.tail = null;
  immediateInfo[kCount] = immediateInfo[kRefCount] = 0;
  toggleImmediateRef(false);
  return true;
}

// Drops all timers and immediates. True if there were any.
function drop() {
  const timers = dropTimers();
  forgetEndedTimers();
  return dropImmediates() || timers;
}

// What is left of process.nextTick's queue when a call was ended in its middle. An endless chain would go on in the next call. Nobody
// can empty the queue, but each tick can be changed before it runs.
function dropTicks() {
  clearAsyncIdStack();  // of callbacks that never came to their end
  AsyncContextFrame.set(undefined);
  const nothing = () => {};
  const hook = createHook({
    before() {
      const tick = executionAsyncResource();
      if (typeof tick.callback === 'function') tick.callback = nothing;
    },
  });
  hook.enable();
  try {
    runNextTicks();
  } finally {
    hook.disable();
  }
}

function jobsArePending() {
  return tickInfo[kHasTickScheduled] === 1;
}

exports.drop = drop;
exports.dropTicks = dropTicks;
exports.jobsArePending = jobsArePending;
