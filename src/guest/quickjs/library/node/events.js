// The module `events`, by the package of that name.
'use strict';

const EventEmitter = require('events');

EventEmitter.setMaxListeners = (most, ...emitters) => {
  if (emitters.length === 0) EventEmitter.defaultMaxListeners = most;
  for (const emitter of emitters) {
    if (typeof emitter.setMaxListeners === 'function') emitter.setMaxListeners(most);
  }
};
EventEmitter.getEventListeners = (emitter, name) => emitter.listeners(name);
EventEmitter.addAbortListener = (signal, listener) => {
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose ?? Symbol.for('dispose')]: () => signal.removeEventListener('abort', listener) };
};

module.exports = EventEmitter;
