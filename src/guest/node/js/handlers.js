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
const { describe, kindOf, kBadEvent, kDescribed, kSyntaxError } = use('errors.js');
const { describeBadEvent } = use('bad_event.js');
const { decode } = use('cbor_read.js');
const { encode } = use('cbor_write.js');
use('host_modules.js').useValues(encode, decode);
const { findLostObject } = use('json_result.js');
const modules = use('modules.js');
const programs = use('programs.js');
const { runJobs, reportRejections } = use('uncaught.js');
const timers = use('timers.js');
const hostModules = use('host_modules.js');
const { flush, makeOutput, useOutput } = use('console.js');

let { done, failed } = native;
const { refuseWithoutRoom } = native;

const kLargeEvent = 1 << 16;
const kNoRoom = 'the event cannot become a value: RangeError: out of memory';

// By name: functions, and what runs a program.
const handlers = new SafeMap();
const programsByName = new SafeMap();
let runsProgram = false;
let inCbor = false;  // the result is to be

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
  if (failure.description === undefined) {
    failed(failure.flags, failure.message, failure.stack);
  } else {
    failed(failure.flags | kDescribed, failure.message, failure.description);
  }
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

function load(name, script, source, isProgram) {
  const number = begin("the script's top level");
  const output = makeOutput();
  useOutput(output);
  if (isProgram) return loadProgram(name, script, source, output);
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

// The program's function, or undefined: it does not compile, and the request has failed.
function compileProgram(script, text, keepsNames) {
  try {
    return programs.compile(script, text, keepsNames);
  } catch (thrown) {
    const failure = describe(thrown, true, true);  // below the first are frames of the compiler's callers
    if (failure.isSyntaxError) failure.flags |= kSyntaxError;
    fail(failure);
    return undefined;
  }
}

function loadProgram(name, script, text, output) {
  const program = compileProgram(script, text, false);
  if (program === undefined) return;
  handlers.delete(name);
  programsByName.set(name, { program, output });
  answered = true;
  done(undefined);
}

function evaluate(script, text, asCbor) {
  const number = begin('the program');
  inCbor = asCbor;
  useOutput(undefined);
  const program = compileProgram(script, text, true);
  if (program !== undefined) run(program, number);
}

function run(program, number) {
  runsProgram = true;
  settle(program(), number, inCbor ? answerInCbor : answer);
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
  programsByName.delete(name);
  handlers.set(name, { handler, output });
  answered = true;
  done(undefined);
}

// `given` is JSON, or CBOR, whose bytes are its characters. The answer has the same form.
function call(name, given, asCbor) {
  const number = begin('the handler');
  const entry = handlers.get(name) ?? programsByName.get(name);
  if (entry === undefined) return fail(because(`there is no handler "${name}"`));
  const { handler, program } = entry;
  useOutput(entry.output);
  inCbor = asCbor;
  let event;
  try {
    event = asCbor ? decode(given) : JSONParse(given);
  } catch (thrown) {
    if (!asCbor) return fail(because(describeBadEvent(thrown, given), kBadEvent));
    return fail(because(`the event cannot become a value: ${describe(thrown).message}`, kBadEvent));
  }
  // No exception tells of a lack of memory.
  if (given.length > kLargeEvent && refuseWithoutRoom(kBadEvent, kNoRoom)) {
    answered = true;
    return;
  }
  if (program !== undefined) {
    waitsFor = 'the program';
    programs.showEvent(event);
    return run(program, number);
  }
  try {
    settle(FunctionPrototypeCall(handler, undefined, event), number, inCbor ? answerInCbor : answer);
  } catch (thrown) {
    failWith(thrown);
  }
}

// A program that says nothing of its result has none, which is null.
function answer(result) {
  const who = runsProgram ? 'the program' : 'the handler';
  let json;
  try {
    json = JSONStringify(runsProgram && result === undefined ? null : result);
  } catch (thrown) {
    return failWith(thrown, `${who}'s result cannot be turned into JSON: `);
  }
  if (json === undefined) {
    return fail(because(`${who} returned ${kindOf(result)}, which is not JSON: return something else, such as null`));
  }
  const lost = findLostObject(result, json);
  if (lost !== undefined) {
    return fail(because(`${who}'s result ${lost}, which JSON cannot hold: convert it, or give it a toJSON method; ` +
                        'CBOR can hold Map, Set and more'));
  }
  answered = true;
  done(json);
}

function answerInCbor(result) {
  encode(result, runsProgram ? "the program's result" : "the handler's result", giveCbor);
}

function giveCbor(bytes, start, size) {
  answered = true;
  done(bytes, start, size);
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
  if (runsProgram) programs.hideEvent();
  runsProgram = false;
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
    programsByName.clear();
    runsProgram = false;
    answered = true;
  }
}

exports.rehearse = rehearse;
exports.load = load;
exports.call = call;
exports.evaluate = evaluate;
exports.stalled = stalled;
exports.exited = exited;
exports.finish = finish;
