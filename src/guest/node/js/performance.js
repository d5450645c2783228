// performance.now and performance.timeOrigin: since the sandbox began, not since the image was made. A sandbox that starts
// from a snapshot goes on from the value that was read last before it was taken.
'use strict';

const { DateNow, MathFloor, ObjectDefineProperty, FunctionPrototypeCall } = node.primordials;
const { Performance, performance } = globalThis;
const { now: nodeNow } = Performance.prototype;

// What scripts are told goes by steps, so that one reading does not tell a page fault or a cache miss. A power of two to
// the millisecond, so that differences of readings are exact.
const kSteps = 8;

let origin = 0;      // Node's reading that counts as zero
let lastRead = 0;    // since then
let timeOrigin = 0;  // milliseconds since 1970; zero: not asked for since the clock was restarted

function read() {
  lastRead = FunctionPrototypeCall(nodeNow, performance) - origin;
  return lastRead;
}

const inSteps = (time) => MathFloor(time * kSteps) / kSteps;

function restart() {
  origin = FunctionPrototypeCall(nodeNow, performance) - lastRead;
  timeOrigin = 0;
}

function install() {
  const replaced = {
    now() {
      return this === performance ? inSteps(read()) : FunctionPrototypeCall(nodeNow, this);  // which throws
    },
    get timeOrigin() {
      if (timeOrigin === 0) timeOrigin = inSteps(DateNow() - read());
      return timeOrigin;
    },
  };
  ObjectDefineProperty(Performance.prototype, 'now', { __proto__: null, value: replaced.now });
  const { get } = Object.getOwnPropertyDescriptor(replaced, 'timeOrigin');
  for (const holder of [Performance.prototype, performance]) {
    if (Object.hasOwn(holder, 'timeOrigin')) ObjectDefineProperty(holder, 'timeOrigin', { __proto__: null, get });
  }
}

exports.install = install;
exports.restart = restart;
