// Runs one test of test262: in a cell of either engine, and, for comparison, in an ordinary Node (beside.js). The result is "" if it
// passed, and a sentence if not.
const vm = globalThis.process?.versions?.node ? require('node:vm') : null;
const define = Object.defineProperty;
const transfer = ArrayBuffer.prototype.transfer;
const call = Function.prototype.call.bind(Function.prototype.call);
const text = String;
const indirectEval = eval;
const Waiting = Promise;

// A script of its own; where the engine has no such thing, what is nearest to it.
function runScript(source, filename) {
  if (vm === null) return indirectEval(source);
  return vm.runInThisContext(source, { filename, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
}

// The harness's own declarations have to be there for the test that follows. Those of a script are; those of an eval are not, unless
// they are functions or variables.
function runHarness({ name, source }) {
  if (vm !== null) return runScript(source, name);
  return runScript(source.replace(/^["']use strict["'];?$/m, '').replace(/^(?:const|let) /gm, 'var ').replace(/^class (\w+)/gm, 'var $1 = class $1'), name);
}

function hostObject(global, evalScript) {
  const host = {
    global,
    evalScript,
    detachArrayBuffer: (buffer) => void call(transfer, buffer),
    gc() {
      throw new TypeError('garbage cannot be collected on demand');
    },
  };
  if (vm !== null) {
    host.createRealm = () => {
      const context = vm.createContext();
      const realm = hostObject(vm.runInContext('this', context), (source) => vm.runInContext(source, context));
      define(realm.global, '$262', { value: realm, writable: true, configurable: true });
      return realm;
    };
  }
  return host;
}

function describe(error) {
  try {
    if (error !== null && typeof error === 'object' && 'message' in error) {
      return `${text(error.name ?? error.constructor?.name)}: ${text(error.message)}`;
    }
    return text(error);
  } catch {
    return 'something that cannot be described was thrown';
  }
}

function typeOf(error) {
  try {
    return error.constructor.name;
  } catch {
    return undefined;
  }
}

function judge(event, failed, error) {
  const { negative } = event;
  if (!negative) return failed ? describe(error) || 'an exception without a message' : '';
  if (!failed) return `did not fail; a ${negative.type} was expected (${negative.phase})`;
  return typeOf(error) === negative.type ? '' : `a ${negative.type} was expected (${negative.phase}), not ${describe(error)}`;
}

// Settles with what the test prints at its end.
function printed() {
  let settle;
  const end = new Waiting((done) => {
    settle = done;
  });
  const print = (message) => {
    const line = text(message);
    if (line === 'Test262:AsyncTestComplete') settle('');
    else if (line.startsWith('Test262:AsyncTestFailure:')) settle(line.slice('Test262:AsyncTestFailure:'.length));
  };
  globalThis.print = print;  // an accessor, which cannot be defined anew
  return end;
}

function handler(event) {
  const root = event.root ?? '';
  const end = printed();
  define(globalThis, '$262', { value: hostObject(globalThis, (source) => runScript(source, '/evaluated.js')), writable: true, configurable: true });
  event.harness.forEach(runHarness);

  const after = (failed, error) => {
    const verdict = judge(event, failed, error);
    return event.async && verdict === '' && !event.negative ? end : verdict;
  };
  if (event.module) return import(root + event.path).then(() => after(false), (error) => after(true, error));
  try {
    runScript(event.source, root + event.path);
  } catch (error) {
    return after(true, error);
  }
  return after(false);
}
