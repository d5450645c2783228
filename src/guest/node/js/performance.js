// performance.now and performance.timeOrigin, marks, measures and the times of events: since the sandbox began, not since the image
// was made. A sandbox that starts from a snapshot goes on from the value that was read last before it was taken.
'use strict';

const { DateNow, MathFloor, ObjectDefineProperty, FunctionPrototypeCall } = node.primordials;
const { Event, Performance, performance } = globalThis;
const { mark: nodeMark, measure: nodeMeasure, now: nodeNow } = Performance.prototype;
const { get: nodeTimeStamp } = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp');

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
    // What is not said is now, which Node would count from the image.
    mark(name, options = undefined) {
      if (arguments.length === 0) return FunctionPrototypeCall(nodeMark, this);  // which throws
      const given = options === null || options === undefined ? {} : options;
      const isWhole = typeof given !== 'object' || given.startTime !== undefined;
      return FunctionPrototypeCall(nodeMark, this, name, isWhole ? options : { ...given, startTime: inSteps(read()) });
    },
    measure(name, startOrOptions = undefined, endMark = undefined) {
      if (arguments.length === 0) return FunctionPrototypeCall(nodeMeasure, this);  // which throws
      let from = startOrOptions;
      if (endMark === undefined) {
        if (typeof from !== 'object' || from === null) {
          from = { start: from ?? 0, end: inSteps(read()) };
        } else if (from.end === undefined && from.duration === undefined) {
          from = { ...from, end: inSteps(read()) };
        }
      }
      return FunctionPrototypeCall(nodeMeasure, this, name, from, endMark);
    },
    get timeStamp() {
      return inSteps(FunctionPrototypeCall(nodeTimeStamp, this) - origin);
    },
    get timeOrigin() {
      if (timeOrigin === 0) timeOrigin = inSteps(DateNow() - read());
      return timeOrigin;
    },
  };
  ObjectDefineProperty(Performance.prototype, 'now', { __proto__: null, value: replaced.now });
  for (const name of ['mark', 'measure']) {
    ObjectDefineProperty(Performance.prototype, name, { __proto__: null, value: replaced[name] });
  }
  ObjectDefineProperty(Event.prototype, 'timeStamp', { __proto__: null, get: Object.getOwnPropertyDescriptor(replaced, 'timeStamp').get });
  const { get } = Object.getOwnPropertyDescriptor(replaced, 'timeOrigin');
  for (const holder of [Performance.prototype, performance]) {
    if (Object.hasOwn(holder, 'timeOrigin')) ObjectDefineProperty(holder, 'timeOrigin', { __proto__: null, get });
  }
}

exports.install = install;
exports.restart = restart;
