// The handlers of this guest: loading the scripts that define them, calling them, and answering once for each request.
'use strict';

const {
  FunctionPrototypeCall,
  JSONParse,
  JSONStringify,
  Promise,
  PromisePrototypeThen,
  SafeMap,
} = node.primordials;
const { isPromise } = node.internalBinding('types');
const { describe, kindOf, kBadEvent, kSyntaxError } = use('errors.js');
const { describeBadEvent } = use('bad_event.js');
const modules = use('modules.js');
const { runJobs, reportRejections } = use('uncaught.js');
const timers = use('timers.js');
const hostModules = use('host_modules.js');
const { flush, makeOutput, useOutput } = use('console.js');

let { done, failed } = native;
const { refuseWithoutRoom } = native;

const kLargeEvent = 1 << 16;
const kNoRoom = 'the event cannot become a value: RangeError: out of memory';

const handlers = new SafeMap();

// The request that is being worked on, and what of it is waited for. A promise of an earlier request that settles late
// has another number, and answers nothing.
let request = 0;
let answered = true;
let waitsFor = '';

function begin(who) {
  answered = false;
  waitsFor = who;
  return ++request;
}

function fail(failure) {
  if (answered) return;
  answered = true;
  failed(failure.flags, failure.message, failure.stack);
}

function failWith(thrown, before = '') {
  const failure = describe(thrown);
  failure.message = before + failure.message;
  fail(failure);
}

const because = (message, flags = 0) => ({ flags, message, stack: '' });

// Waits for a value as `await` does, and goes on with it.
function settle(value, number, goOn) {
  const settled = (result) => {
    if (number !== request || answered) return;
    try {
      goOn(result);
    } catch (thrown) {
      failWith(thrown);
    }
  };
  const rejected = (reason) => {
    if (number === request) failWith(reason);
  };
  let promise = value;
  if (!isPromise(value)) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return settled(value);
    if (typeof value.then !== 'function') return settled(value);  // a getter's exception is the caller's
    promise = new Promise((resolve) => resolve(value));
  }
  PromisePrototypeThen(promise, settled, rejected);
}

function load(name, script, source) {
  const number = begin("the script's top level");
  const output = makeOutput();
  useOutput(output);
  let compiling = true;
  try {
    const loaded = modules.loadScript(script, source);
    compiling = false;
    settle(loaded.evaluate(), number, () => register(name, script, loaded, output));
  } catch (thrown) {
    const failure = describe(thrown, compiling);
    if (compiling && failure.isSyntaxError) failure.flags |= kSyntaxError;
    fail(failure);
  }
}

function register(name, script, loaded, output) {
  let handler;
  try {
    handler = loaded.handler();
  } catch (thrown) {
    return failWith(thrown);
  }
  if (handler === undefined) {
    return fail(because(`${script} has no handler: define function handler(event), or export one`));
  }
  if (typeof handler !== 'function') {
    return fail(because(`${script} has a handler that is ${kindOf(handler)}: it has to be a function`));
  }
  handlers.set(name, { handler, output });
  answered = true;
  done(undefined);
}

function call(name, eventText) {
  const number = begin('the handler');
  const entry = handlers.get(name);
  if (entry === undefined) return fail(because(`there is no handler "${name}"`));
  const { handler } = entry;
  useOutput(entry.output);
  let event;
  try {
    event = JSONParse(eventText);
  } catch (thrown) {
    return fail(because(describeBadEvent(thrown, eventText), kBadEvent));
  }
  // No exception tells of a lack of memory.
  if (eventText.length > kLargeEvent && refuseWithoutRoom(kBadEvent, kNoRoom)) {
    answered = true;
    return;
  }
  try {
    settle(FunctionPrototypeCall(handler, undefined, event), number, answer);
  } catch (thrown) {
    failWith(thrown);
  }
}

function answer(result) {
  let json;
  try {
    json = JSONStringify(result);
  } catch (thrown) {
    return failWith(thrown, "the handler's result cannot be turned into JSON: ");
  }
  if (json === undefined) {
    return fail(because(`the handler returned ${kindOf(result)}, which is not JSON: return something else, such as null`));
  }
  answered = true;
  done(json);
}

function stalled() {
  fail(because(`${waitsFor} waits for a promise that can never settle: nothing is left to run that could settle it`));
}

function exited(code) {
  fail(because(`process.exit(${code}) ended the call: a handler returns its result instead`));
}

// The end of a request: runs what jobs are left, drops the timers, and prints what was rejected and never handled.
// Nothing is left to run in the next one. `wasEnded`: process.exit or a lack of memory ended it, in the middle of whatever ran.
function finish(wasEnded) {
  answered = true;
  if (wasEnded) timers.dropTicks();
  do {
    runJobs();
    reportRejections();
  } while (timers.drop() || timers.jobsArePending());
  hostModules.drop();
  flush();
}

// Does what is to be done without an answer to anybody, and leaves no handler behind.
async function rehearse(work) {
  done = failed = () => {};
  try {
    await work();
  } finally {
    ({ done, failed } = native);
    handlers.clear();
    answered = true;
  }
}

exports.rehearse = rehearse;
exports.load = load;
exports.call = call;
exports.stalled = stalled;
exports.exited = exited;
exports.finish = finish;
