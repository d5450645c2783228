// Event, CustomEvent, EventTarget, AbortController and AbortSignal, as the DOM standard has them for targets without a tree.
//
// Nothing here goes through what a script may have replaced: state is in private fields and linked lists, and what is needed besides
// the language's own syntax comes from `native`. Of the syntax, the engine's templates call a method of strings: so there are none.
'use strict';

const { call, defineMembers, domException, isCallable, now, reportUncaught, startTimer, textOf, typeError } = native;

const kNone = 0;
const kAtTarget = 2;

const need = (count, wanted, what) => {
  if (count < wanted) throw typeError(what + ' takes ' + wanted + (wanted === 1 ? ' argument' : ' arguments') + ', and got ' + count, 'ERR_MISSING_ARGS');
};

// A dictionary of options, which may be left out.
const dictionary = (value, what) => {
  if (value === undefined || value === null) return { __proto__: null };
  if (typeof value !== 'object' && typeof value !== 'function') throw typeError(what + ' must be an object', 'ERR_INVALID_ARG_TYPE');
  return value;
};

let begin;   // an event's way through its target's listeners
let finish;
let isStopped;
let isEvent;
let isDispatched;
let setPassive;
let trusted;

class Event {
  #type;
  #bubbles = false;
  #cancelable = false;
  #composed = false;
  #canceled = false;
  #stopped = false;
  #stoppedAtOnce = false;
  #passive = false;
  #dispatched = false;
  #target = null;
  #currentTarget = null;
  #phase = kNone;
  #timeStamp = now();
  #trusted = false;

  constructor(type, options = undefined) {
    need(arguments.length, 1, 'the constructor of Event');
    this.#type = textOf(type);
    const { bubbles, cancelable, composed } = dictionary(options, 'the options of an Event');
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
    this.#composed = !!composed;
  }

  static {
    begin = (event, target) => {
      event.#dispatched = true;
      event.#target = event.#currentTarget = target;
      event.#phase = kAtTarget;
    };
    finish = (event) => {
      event.#dispatched = event.#stopped = event.#stoppedAtOnce = false;
      event.#currentTarget = null;
      event.#phase = kNone;
      return !event.#canceled;
    };
    isStopped = (event, atOnce) => (atOnce ? event.#stoppedAtOnce : event.#stopped);
    isEvent = (value) => typeof value === 'object' && value !== null && #dispatched in value;
    isDispatched = (event) => event.#dispatched;
    trusted = (type) => {
      const event = new Event(type);
      event.#trusted = true;
      return event;
    };
    setPassive = (event, passive) => { event.#passive = passive; };
  }

  get type() { return this.#type; }
  get target() { return this.#target; }
  get currentTarget() { return this.#currentTarget; }
  get srcElement() { return this.#target; }
  get eventPhase() { return this.#phase; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get composed() { return this.#composed; }
  get defaultPrevented() { return this.#canceled; }
  get isTrusted() { return this.#trusted; }
  get timeStamp() { return this.#timeStamp; }
  get returnValue() { return !this.#canceled; }
  set returnValue(value) { if (!value) this.preventDefault(); }
  get cancelBubble() { return this.#stopped; }
  set cancelBubble(value) { if (value) this.#stopped = true; }
  composedPath() { return this.#dispatched ? [this.#currentTarget] : []; }
  stopPropagation() { this.#stopped = true; }
  stopImmediatePropagation() { this.#stopped = this.#stoppedAtOnce = true; }
  preventDefault() { if (this.#cancelable && !this.#passive) this.#canceled = true; }

  initEvent(type, bubbles = false, cancelable = false) {
    need(arguments.length, 1, 'initEvent');
    const text = textOf(type);
    if (this.#dispatched) return;
    this.#type = text;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
    this.#canceled = this.#stopped = this.#stoppedAtOnce = false;
    this.#target = null;
  }
}

class CustomEvent extends Event {
  #detail;

  constructor(type, options = undefined) {
    super(type, options);
    const { detail = null } = dictionary(options, 'the options of a CustomEvent');
    this.#detail = detail;
  }

  get detail() { return this.#detail; }
}

let listen;
let fire;

class EventTarget {
  #first = null;
  #last = null;

  #add(type, callback, capture, once, passive, signal) {
    for (let node = this.#first; node !== null; node = node.next) {
      if (node.type === type && node.callback === callback && node.capture === capture) return;
    }
    const node = { __proto__: null, type, callback, capture, once, passive, removed: false, next: null, before: this.#last };
    if (this.#last === null) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    if (signal !== undefined) onAbort(signal, () => this.#drop(node));
  }

  // Of a node that was taken out, `next` still leads on: it may be the one whose turn it is.
  #drop(node) {
    if (node.removed) return;
    node.removed = true;
    if (node.before === null) this.#first = node.next;
    else node.before.next = node.next;
    if (node.next === null) this.#last = node.before;
    else node.next.before = node.before;
  }

  static {
    listen = (target, type, callback) => target.#add(type, callback, false, false, false, undefined);
  }

  addEventListener(type, callback, options = undefined) {
    need(arguments.length, 2, 'addEventListener');
    const name = textOf(type);
    let capture = !!options;
    let once = false;
    let passive = false;
    let signal;
    if (options !== null && (typeof options === 'object' || typeof options === 'function')) {
      ({ capture, once, passive, signal } = options);
      if (signal !== undefined && !isSignal(signal)) throw typeError('the option signal must be an AbortSignal', 'ERR_INVALID_ARG_TYPE');
    }
    if (callback === null || callback === undefined) return;
    if (typeof callback !== 'object' && typeof callback !== 'function') {
      throw typeError('a listener must be a function, or an object with handleEvent', 'ERR_INVALID_ARG_TYPE');
    }
    if (signal !== undefined && isAborted(signal)) return;
    this.#add(name, callback, !!capture, !!once, !!passive, signal);
  }

  removeEventListener(type, callback, options = undefined) {
    need(arguments.length, 2, 'removeEventListener');
    const name = textOf(type);
    const capture = options !== null && typeof options === 'object' ? !!options.capture : !!options;
    for (let node = this.#first; node !== null; node = node.next) {
      if (node.type === name && node.callback === callback && node.capture === capture) return this.#drop(node);
    }
  }

  dispatchEvent(event) {
    need(arguments.length, 1, 'dispatchEvent');
    if (!isEvent(event)) throw typeError('dispatchEvent takes an Event', 'ERR_INVALID_ARG_TYPE');
    if (isDispatched(event)) throw domException('The event is already being dispatched', 'InvalidStateError');
    return this.#dispatch(event, event.type);
  }

  #dispatch(event, type) {
    begin(event, this);
    // Capturing listeners come first; those that are added meanwhile do not run.
    for (let capture = true; ; capture = false) {
      const end = this.#last;
      for (let node = end === null ? null : this.#first; node !== null; node = node === end ? null : node.next) {
        if (node.removed || node.type !== type || node.capture !== capture) continue;
        if (isStopped(event, true)) break;
        if (node.once) this.#drop(node);
        setPassive(event, node.passive);
        try {
          const { callback } = node;
          if (typeof callback === 'function') {
            call(callback, this, event);
          } else {
            const { handleEvent } = callback;
            if (!isCallable(handleEvent)) throw typeError('handleEvent is no function', undefined);
            call(handleEvent, callback, event);
          }
        } catch (error) {
          reportUncaught(error);
        }
        setPassive(event, false);
      }
      if (!capture || isStopped(event, false)) break;
    }
    return finish(event);
  }

  static {
    fire = (target, type) => target.#dispatch(trusted(type), type);
  }
}

const kInside = { __proto__: null };  // who has it may make signals

let abort;
let onAbort;
let isAborted;
let isSignal;
let follow;

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #handler = null;
  #hasListener = false;
  #algorithms = null;  // what is done before the event, a linked list
  #lastAlgorithm = null;
  #followers = null;
  #lastFollower = null;
  #sources = null;

  constructor(inside = undefined) {
    if (inside !== kInside) throw typeError('Illegal constructor', 'ERR_ILLEGAL_CONSTRUCTOR');
    super();
  }

  static {
    isSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    isAborted = (signal) => signal.#aborted;
    onAbort = (signal, run) => {
      if (signal.#aborted) return;
      const node = { __proto__: null, run, next: null };
      if (signal.#lastAlgorithm === null) signal.#algorithms = node;
      else signal.#lastAlgorithm.next = node;
      signal.#lastAlgorithm = node;
    };
    const tell = (signal) => {
      const first = signal.#algorithms;
      signal.#algorithms = signal.#lastAlgorithm = null;
      for (let node = first; node !== null; node = node.next) node.run();
      fire(signal, 'abort');
    };
    // Those that follow a signal are aborted with it, and told behind it.
    const mark = (signal, reason) => {
      if (signal.#aborted) return null;
      signal.#aborted = true;
      signal.#reason = reason;
      let told = null;
      for (let node = signal.#followers; node !== null; node = node.next) {
        if (mark(node.signal, reason) !== null) told = { __proto__: null, signal: node.signal, next: told };
      }
      signal.#followers = null;
      return { __proto__: null, told };
    };
    abort = (signal, reason) => {
      const marked = mark(signal, reason === undefined ? domException('This operation was aborted', 'AbortError') : reason);
      if (marked === null) return;
      tell(signal);
      let inOrder = null;
      for (let node = marked.told; node !== null; node = node.next) inOrder = { __proto__: null, signal: node.signal, next: inOrder };
      for (let node = inOrder; node !== null; node = node.next) tell(node.signal);
    };
    // What is followed are the signals that follow none themselves.
    follow = (signal, source) => {
      if (source.#sources === null) {
        const node = { __proto__: null, signal, next: null };
        if (source.#followers === null) source.#followers = node;
        else source.#lastFollower.next = node;
        source.#lastFollower = node;
        signal.#sources = { __proto__: null, signal: source, next: signal.#sources };
        return;
      }
      for (let node = source.#sources; node !== null; node = node.next) follow(signal, node.signal);
    };
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(kInside);
    abort(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    need(arguments.length, 1, 'AbortSignal.timeout');
    const delay = +milliseconds;
    if (!(delay >= 0 && delay <= 9007199254740991)) throw typeError('the delay must be a number from 0 to 2 ** 53 - 1', 'ERR_OUT_OF_RANGE');
    const signal = new AbortSignal(kInside);
    startTimer(() => abort(signal, domException('The operation was aborted due to timeout', 'TimeoutError')), delay);
    return signal;
  }

  static any(signals) {
    need(arguments.length, 1, 'AbortSignal.any');
    if (signals === null || (typeof signals !== 'object' && typeof signals !== 'function')) {
      throw typeError('AbortSignal.any takes a list of AbortSignals', 'ERR_INVALID_ARG_TYPE');
    }
    const signal = new AbortSignal(kInside);
    const all = [...signals];
    for (let i = 0; i < all.length; ++i) {
      if (!isSignal(all[i])) throw typeError('AbortSignal.any takes a list of AbortSignals', 'ERR_INVALID_ARG_TYPE');
    }
    for (let i = 0; i < all.length; ++i) {
      if (!all[i].#aborted) continue;
      signal.#aborted = true;
      signal.#reason = all[i].#reason;
      return signal;
    }
    for (let i = 0; i < all.length; ++i) follow(signal, all[i]);
    return signal;
  }

  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }
  get onabort() { return this.#handler; }
  set onabort(value) {
    this.#handler = typeof value === 'function' || typeof value === 'object' ? value : null;
    if (this.#handler === null || this.#hasListener) return;
    this.#hasListener = true;
    listen(this, 'abort', (event) => {
      if (isCallable(this.#handler)) call(this.#handler, this, event);
    });
  }
}

class AbortController {
  #signal = new AbortSignal(kInside);

  get signal() { return this.#signal; }
  abort(reason = undefined) { abort(this.#signal, reason); }
}

const kPhases = { __proto__: null, NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };
defineMembers(Event, 'Event', kPhases);
defineMembers(CustomEvent, 'CustomEvent');
defineMembers(EventTarget, 'EventTarget');
defineMembers(AbortSignal, 'AbortSignal');
defineMembers(AbortController, 'AbortController');

module.exports = { __proto__: null, Event, CustomEvent, EventTarget, AbortSignal, AbortController, isAborted, isSignal, onAbort };
