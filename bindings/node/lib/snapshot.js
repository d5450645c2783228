// Saved states.
'use strict';

const { native } = require('./inside.js');
const { decode } = require('./cbor_read.js');
const { wrong, requireText, requireBoolean, optionsOf, requireSignal } = require('./checks.js');
const { CurfewError, checked, orAborted } = require('./errors.js');
const { toolName } = require('./tools.js');

const kInside = Symbol('inside');
let inside;

class Snapshot {
  #handle;
  #info;

  constructor(key, handle) {
    if (key !== kInside) throw new TypeError('a Snapshot is what Sandbox.snapshot() and Snapshot.load() give');
    this.#handle = handle;
  }

  static { inside = (value) => {
    if (typeof value !== 'object' || value === null || !(#handle in value)) throw wrong('snapshot', 'a Snapshot', value);
    return { handle: value.#handle, info: value.#known };
  }; }

  get #known() { return (this.#info ??= native.snapshotInfo(this.#handle)); }

  get kind() { return this.#known.loaded ? 'loaded_sandbox' : 'sandbox'; }
  get handlers() { return [...this.#known.handlers]; }
  get size() { return this.#known.size; }
  get heapSize() { return this.#known.heapSize; }
  get requirements() {
    return { hostModules: this.#known.hostFunctions.map(({ module, functions }) => ({ module, functions: [...functions] })) };
  }

  get waiting() {
    const { waiting } = this.#known;
    if (waiting === undefined) return undefined;
    return { handler: waiting.handler, usage: { ...waiting.usage }, openCalls: openCallsOf(waiting.calls), dueMs: waiting.dueMs };
  }

  async save(folder, tag, options) {
    requireText(folder, 'folder');
    requireText(tag, 'tag');
    const { signal } = optionsOf(options, 'the options of save()', ['signal']);
    return forSnapshots((listener) => native.saveSnapshot(listener, this.#handle, folder, tag), signal);
  }

  static async load(folder, tagOrDigest, options) {
    requireText(folder, 'folder');
    requireText(tagOrDigest, 'tagOrDigest');
    const { verify = true, signal } = optionsOf(options, 'the options of load()', ['verify', 'signal']);
    requireBoolean(verify, 'verify');
    return new Snapshot(kInside, await forSnapshots((listener) => native.loadSnapshot(listener, folder, tagOrDigest, verify), signal));
  }

  async saveFile(file, options) {
    requireText(file, 'file');
    const { key, signal } = optionsOf(options, 'the options of saveFile()', ['key', 'signal']);
    await forSnapshots((listener) => native.saveSnapshotFile(listener, this.#handle, file, keyOf(key)), signal);
  }

  static async loadFile(file, options) {
    requireText(file, 'file');
    const { key, signal } = optionsOf(options, 'the options of loadFile()', ['key', 'signal']);
    return new Snapshot(kInside, await forSnapshots((listener) => native.loadSnapshotFile(listener, file, keyOf(key)), signal));
  }

  async toBuffer(options) {
    const { key, signal } = optionsOf(options, 'the options of toBuffer()', ['key', 'signal']);
    return forSnapshots((listener) => native.snapshotToBytes(listener, this.#handle, keyOf(key)), signal);
  }

  static async fromBuffer(bytes, options) {
    if (!(bytes instanceof Uint8Array)) throw wrong('bytes', 'a Uint8Array', bytes);
    const { key, signal } = optionsOf(options, 'the options of fromBuffer()', ['key', 'signal']);
    return new Snapshot(kInside, await forSnapshots((listener) => native.snapshotFromBytes(listener, bytes, keyOf(key)), signal));
  }
}

function keyOf(key) {
  if (key !== undefined && !(key instanceof Uint8Array)) throw wrong('key', 'a Uint8Array', key);
  return key;
}

async function forSnapshots(begin, signal) {
  requireSignal(signal)?.throwIfAborted();
  return orAborted(new Promise((done) => begin({ done })).then(checked), signal);
}

const openCallsOf = (calls) => calls.map((call) =>
  ({ id: call.id, tool: toolName(call), arguments: argumentsOf(call) }));

// A file can claim anything of them.
function argumentsOf({ values }) {
  try {
    const list = decode(values);
    if (Array.isArray(list)) return list;
  } catch {
    // Below.
  }
  throw new CurfewError('invalid_argument', 'the open calls of this snapshot cannot be read');
}

module.exports = { Snapshot, insideOfSnapshot: inside, makeSnapshot: (handle) => new Snapshot(kInside, handle), openCallsOf };
