// Monitors that are functions of the program. The first phase, start(), runs on JavaScript's thread before the invocation does; what it
// returns is the second: a promise that settles when the invocation is to end.
'use strict';

const { native, Place, isThenable, messageOf } = require('./inside.js');
const { wrong, requireText, requireFunction } = require('./checks.js');
const { CurfewError } = require('./errors.js');
const { limits } = require('./limits.js');

const kLongestName = 64;
const kTaken = new Set([...limits.map(({ name }) => name), 'kill', 'stop-token', 'quota']);

function monitorsOf(value, what = 'monitors') {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(what, 'an array', value);
  for (const [index, monitor] of value.entries()) {
    const place = `${what}[${index}]`;
    if (monitor === null || typeof monitor !== 'object') throw wrong(place, 'an object with a name and a function start', monitor);
    requireText(monitor.name, `${place}.name`);
    if (monitor.name === '' || monitor.name.length > kLongestName) throw new TypeError(`${place}.name should have 1 to ${kLongestName} characters`);
    if (kTaken.has(monitor.name)) throw new TypeError(`${place}.name is "${monitor.name}", which is a limit's own name`);
    requireFunction(monitor.start, `${place}.start`);
  }
  return value;
}

// The monitors of one invocation.
class Watching {
  #monitors;
  #handler;
  #place = new Place();
  #ended = new AbortController();
  #thrown = new Map();

  constructor(monitors, handler) {
    this.#monitors = monitors;
    this.#handler = handler;
  }

  get names() { return this.#monitors.map(({ name }) => name); }

  // Phase one, of all. Throws, with none of them left, if one does not start.
  start(session, listener) {
    if (this.#monitors.length === 0) return;
    const tasks = this.#monitors.map((monitor, index) => {
      try {
        const task = listener.asPart(this.#place, () => monitor.start({
          handler: this.#handler,
          signal: this.#ended.signal,
          usage: () => (this.#ended.signal.aborted ? undefined : native.used(session, index)),
        }));
        if (isThenable(task)) return task;
        throw new TypeError('start() returned no promise');
      } catch (error) {
        this.end();
        throw new CurfewError('monitor_failed', `execution monitor "${monitor.name}" failed to start: ${messageOf(error)}`, { cause: error });
      }
    });
    for (const [index, task] of tasks.entries()) {
      const fire = () => { if (!this.#ended.signal.aborted) native.fire(session, index); };
      Promise.resolve(task).then(fire, (error) => {
        this.#thrown.set(this.#monitors[index].name, error);
        fire();
      });
    }
  }

  // The invocation is over: what still runs may stop.
  end() {
    this.#place.end();
    this.#ended.abort();
  }

  // Says of the error of an invocation that one of these has ended why it did, if it was because it failed.
  explain(failed) {
    if (failed === undefined || !this.#thrown.has(failed.terminatedBy)) return;
    failed.cause = this.#thrown.get(failed.terminatedBy);
    failed.message += `; the monitor itself failed: ${messageOf(failed.cause)}`;
  }
}

module.exports = { monitorsOf, Watching };
