// Curfew's host and the native part of the guest, in plain Node: gives main.js a __curfew that answers as they do, and turns
// requests into promises. Each test runs a guest of its own, in a process of its own (see guest_process.js).
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const crypto = require('node:crypto');

// Scripts under test replace what they can.
const { emitWarning } = process;
process.emitWarning = () => {};
const { primordials: { ArrayPrototypeConcat, Promise: PromiseOfNode, RegExpPrototypeExec, StringPrototypeToWellFormed } } = require('internal/test/binding');
process.emitWarning = emitWarning;
const { _fatalException: onException, _tickCallback: runNextTicks, getActiveResourcesInfo } = process;
const realImmediate = setImmediate;
const { loadBuiltinModule } = require('internal/modules/helpers');  // what an embedder's `require` does
const kNoWork = /^(Immediate|TTYWrap|PipeWrap|FSReqPromise)$/;
const kLevels = ['print', 'log', 'info', 'warn', 'error', 'debug'];
const kDescribed = 32768;

// The stack in the description of an error, which is CBOR: the text behind the text "stack". Scripts may have replaced whatever they
// can reach.
const { fromCharCode } = String;
function stackOf(bytes) {
  const name = [0x65, 0x73, 0x74, 0x61, 0x63, 0x6b];
  let at = 0;
  for (let i = 0; i < name.length && bytes[at] !== undefined; ++at) i = bytes[at] === name[i] ? i + 1 : bytes[at] === name[0] ? 1 : 0;
  if (bytes[at] === undefined) return '';
  const low = bytes[at] & 31;
  let size = low;
  if (low === 24) size = bytes[at + 1];
  if (low === 25) size = bytes[at + 1] * 256 + bytes[at + 2];
  const from = at + 1 + (low < 24 ? 0 : low === 24 ? 1 : 2);
  let text = '';
  for (let i = 0; i < size; ++i) text += fromCharCode(bytes[from + i]);
  return text;
}

const kFlags = { 8: 'out-of-memory', 16: 'syntax-error', 32: 'bad-event', 64: 'stack-overflow' };

// Text as the host gets it.
const shown = (text) => StringPrototypeToWellFormed(text);

// What Node does behind each callback.
function runJobs() {
  for (;;) {
    try {
      return runNextTicks();
    } catch (thrown) {
      onException(thrown, false);
    }
  }
}

const now = process.hrtime.bigint;
const kPatience = 500_000_000n;

// True as long as there is something that may go on.
function isWorking() {
  const resources = getActiveResourcesInfo();
  for (let i = 0; i < resources.length; ++i) {
    if (RegExpPrototypeExec(kNoWork, resources[i]) === null) return true;
  }
  return false;
}

class Guest {
  // `files`: path -> text. `functions`: host module -> name -> function.
  constructor({ files = {}, functions = {}, root } = {}) {
    this.files = files;
    this.functions = functions;
    this.root = root;
    this.folders = { __proto__: null };  // of scripts
    this.last = undefined;  // what was printed: a list that no script's changes of Array reach
    this.answer = undefined;
    const folder = path.join(__dirname, '..');
    const sources = {};
    for (const file of fs.readdirSync(folder)) {
      if (file.endsWith('.js')) sources[file] = fs.readFileSync(path.join(folder, file), 'utf8');
    }
    globalThis.__curfew = {
      sources,
      keepFrames: process.env.KEEP_FRAMES === '1',
      print: (level, text) => { this.last = { text: `${kLevels[level]}${text === '' ? '' : ` ${shown(text)}`}`, before: this.last }; },
      hostCall: (module, name, args) => this.hostCall(module, name, args),
      resolve: (importer, specifier, builtIn) => this.resolve(importer, specifier, builtIn),
      readModule: (name) => this.readModule(name),
      done: (json) => this.settle({ result: json ?? '' }),
      failed: (flags, message, stack) => {
        const other = flags & ~kDescribed;
        const text = flags === other ? stack : stackOf(stack);
        this.settle({ error: message, stack: text, flags: kFlags[other] ?? (other || undefined) });
      },
      random: (bytes) => crypto.webcrypto.getRandomValues(bytes),
      refuseWithoutRoom: () => false,
      waitFor: () => false,  // no loop can be run inside of another here
    };
    const run = vm.compileFunction(sources['main.js'], ['require'], { filename: 'curfew:main.js' });
    this.guest = run((name) => loadBuiltinModule(name.replace(/^node:/, '')).exports);
    if ('__curfew' in globalThis) throw new Error('main.js leaves __curfew to everybody');
  }

  settle(answer) {
    if (this.answer !== undefined) throw new Error('a second answer');
    this.answer = answer;
  }

  hostCall(module, name, args) {
    const found = this.functions[module]?.[name];
    if (found === undefined) throw new Error(`there is no function ${module}.${name}`);
    const result = found(...args.map((arg) => (typeof arg === 'string' ? JSON.parse(arg) : arg)));
    if (result === undefined || result instanceof Uint8Array) return result;
    return JSON.stringify(result);
  }

  resolve(importer, specifier, builtIn) {
    const hostOnly = specifier.startsWith('host:');
    const name = hostOnly ? specifier.slice(5) : specifier;
    if (name in this.functions) return [1, `host:${name}`];
    if (hostOnly) throw new Error(`${importer} imports "${specifier}", but the host has registered no module of that name`);
    if (builtIn) return [2, specifier];
    if (Object.keys(this.files).length === 0 && this.root === undefined) {
      throw new Error(`${importer} imports "${specifier}", but this sandbox has no such module, and no module loader`);
    }
    const folder = this.folders[importer] ?? path.posix.dirname(importer.startsWith('/') ? importer : `/${importer}`);
    const found = this.find(folder, specifier);
    if (found === undefined) throw new Error(`${importer} imports "${specifier}", but there is no such module`);
    return [found.endsWith('.json') ? 3 : 0, found];
  }

  // A part of what the host's resolver does: enough for these tests.
  find(folder, specifier) {
    const isFile = (file) => this.text(file) !== undefined;
    const asFile = (file) => [file, `${file}.js`, `${file}.mjs`, `${file}.json`].find(isFile);
    const asFolder = (file) => {
      const text = this.text(`${file}/package.json`);
      const { module, main } = text === undefined ? {} : JSON.parse(text);
      for (const name of [module, main]) {
        if (typeof name !== 'string') continue;
        const at = path.posix.join(file, name);
        const found = asFile(at) ?? asFile(`${at}/index`);
        if (found !== undefined) return found;
      }
      return asFile(`${file}/index`);
    };
    if (specifier.startsWith('/')) return asFile(specifier) ?? asFolder(specifier);
    if (/^\.\.?(\/|$)/.test(specifier)) {
      const at = path.posix.join(folder, specifier);
      return asFile(at) ?? asFolder(at);
    }
    for (let up = folder; ; up = path.posix.dirname(up)) {
      const at = path.posix.join(up, 'node_modules', specifier);
      const found = asFile(at) ?? asFolder(at);
      if (found !== undefined) return found;
      if (up === '/') return undefined;
    }
  }

  text(file) {
    return Object.hasOwn(this.files, file) ? this.files[file] : undefined;
  }

  readModule(name) {
    if (name.startsWith('host:')) {
      const names = Object.keys(this.functions[name.slice(5)]);
      return [1, names.map((one) => `s${one}\0`).join('')];
    }
    const text = this.text(name);
    if (text === undefined) throw new Error(`the module "${name}" cannot be loaded: there is no such file`);
    return [name.endsWith('.json') ? 3 : 0, text];
  }

  // What the native part's loop does around a request: a turn after another, until there is an answer or nothing is left to
  // run. All of it lies outside of promise jobs, which the guest runs itself at the end.
  request(begin) {
    this.answer = undefined;
    this.last = undefined;
    return new PromiseOfNode((resolve) => {
      let idle = 0;
      let idleSince = 0n;
      const turn = () => {
        if (this.answer === undefined) {
          idle = isWorking() ? 0 : idle + 1;
          if (idle <= 1) idleSince = now();
          // What threads of Node compute, random bytes among it, is in no list: it needs its time.
          if (idle <= 20 || now() - idleSince < kPatience) return realImmediate(turn);
          this.guest.stalled();
        }
        const { answer } = this;
        this.guest.finish();
        let printed = [];
        for (let one = this.last; one !== undefined; one = one.before) printed = ArrayPrototypeConcat([one.text], printed);
        resolve({ ...answer, printed });
      };
      realImmediate(() => {
        begin();
        runJobs();
        turn();
      });
    });
  }

  load(source, script = 'handler.js', name = 'handler') {
    return this.request(() => this.guest.load(name, script, source));
  }

  call(event = 'null', name = 'handler') {
    return this.request(() => this.guest.call(name, event));
  }
}


module.exports = { Guest };
