// CommonJS modules: files that the host finds, and that are no ES modules. Which they are is decided as Node does: by the
// file's ending, by what compiles, and by "type" in the nearest package.json.
'use strict';

const {
  ArrayPrototypeForEach,
  ArrayPrototypeMap,
  ArrayPrototypePush,
  Error,
  FunctionPrototypeCall,
  JSONParse,
  ObjectPrototypeHasOwnProperty,
  PromisePrototypeThen,
  ReflectApply,
  SafeMap,
  SafeSet,
  SetPrototypeForEach,
  SetPrototypeHas,
  StringPrototypeEndsWith,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = node.primordials;
const { internalBinding } = node;
const { compileFunctionForCJSLoader } = internalBinding('contextify');
const { parse: parseExports } = internalBinding('cjs_lexer');
const { getPromiseDetails, constants: { kPending, kRejected } } = internalBinding('util');
const { Module } = node.require('module');
const { SourceTextModule, SyntheticModule } = node.require('vm');
const modules = use('modules.js');
const builtins = use('builtins.js');

const { kHost, kBuiltIn, kJson } = modules.kinds;

const kModuleExports = 'module.exports';

const folderOf = (path) => StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/')) || '/';

// --- Which files are CommonJS ---

const types = new SafeMap();  // "type" of the package that a folder belongs to, by folder

function typeOf(folder) {
  const known = types.get(folder);
  if (known !== undefined) return known;
  const up = folderOf(folder);
  let type;
  try {
    const { text } = modules.read(folder === '/' ? '/package.json' : `${folder}/package.json`);
    type = JSONParse(text).type;
    type = type === 'module' || type === 'commonjs' ? type : 'none';
  } catch {
    type = folder === '/' || StringPrototypeEndsWith(folder, '/node_modules') ? 'none' : typeOf(up);
  }
  types.set(folder, type);
  return type;
}

// The compiled function of a CommonJS module, or undefined for what is an ES module.
function compile(name, source) {
  if (StringPrototypeEndsWith(name, '.mjs') || StringPrototypeEndsWith(name, '.mts')) return undefined;
  const isCommonJs = StringPrototypeEndsWith(name, '.cjs') || StringPrototypeEndsWith(name, '.cts');
  let compiled;
  try {
    compiled = compileFunctionForCJSLoader(source, name, false, !isCommonJs);
  } catch (thrown) {
    if (isCommonJs || typeOf(folderOf(name)) !== 'module') throw thrown;
    return undefined;
  }
  if (compiled.canParseAsESM || (!isCommonJs && typeOf(folderOf(name)) === 'module')) return undefined;
  return compiled.function;
}

// --- Running them ---

function moduleOf(name, parent) {
  const module = new Module(name, parent);
  module.filename = name;
  module.paths = [];
  module.require = requireFor(name, module);
  return module;
}

function run(record) {
  const { commonJs: module, body, name } = record;
  if (body === undefined) return module.exports;
  record.body = undefined;  // a cycle gets what there is so far
  Module._cache[name] = module;
  let done = false;
  try {
    ReflectApply(body, module.exports, [module.exports, module.require, module, name, folderOf(name)]);
    done = true;
  } finally {
    if (!done) {
      delete Module._cache[name];
      modules.records.delete(name);
    }
  }
  module.loaded = true;
  return module.exports;
}

// --- As seen by ES modules ---

// The names that a module's text promises to export, those of what it re-exports included.
function promisedNames(record, seen = new SafeSet()) {
  if (seen.has(record.name)) return [];
  seen.add(record.name);
  const { 0: found, 1: reexports } = parseExports(record.source);
  const names = new SafeSet();
  SetPrototypeForEach(found, (name) => names.add(name));
  for (let i = 0; i < reexports.length; ++i) {
    const specifier = reexports[i];
    let other;
    try {
      other = modules.load(record.name, specifier, undefined, true);
    } catch {
      continue;  // it may never be asked for
    }
    if (other.commonJs !== undefined) {
      ArrayPrototypeForEach(promisedNames(other, seen), (name) => names.add(name));
    }
  }
  const all = [];
  for (const name of names) ArrayPrototypePush(all, name);
  return all;
}

function facade(record) {
  const names = [];
  ArrayPrototypeForEach(promisedNames(record), (name) => {
    if (name !== 'default' && name !== kModuleExports) ArrayPrototypePush(names, name);
  });
  ArrayPrototypePush(names, 'default', kModuleExports);
  return new SyntheticModule(names, function() {
    const exports = run(record);
    for (let i = 0; i < names.length; ++i) {
      const name = names[i];
      if (name === 'default' || name === kModuleExports) {
        this.setExport(name, exports);
      } else if (exports !== null && exports !== undefined && ObjectPrototypeHasOwnProperty(exports, name)) {
        let value;
        try {
          value = exports[name];
        } catch {
          // A getter that throws is no reason not to have the module.
        }
        this.setExport(name, value);
      }
    }
  }, { identifier: record.name });
}

// A file as a CommonJS module, or undefined if it is an ES module. Its ES side is made when it is asked for.
function make(name, source) {
  const body = compile(name, source);
  if (body === undefined) return undefined;
  let module;
  const record = {
    name,
    source,
    body,
    commonJs: moduleOf(name),
    get module() {
      module ??= facade(record);
      return module;
    },
  };
  return record;
}

// A handler's script as a CommonJS module, or undefined for what is none: it exports `handler` in one of the ways that Node's
// own look at the text finds.
function scriptOf(name, source) {
  const { 0: found } = parseExports(source);
  if (!SetPrototypeHas(found, 'handler')) return undefined;
  const { function: body, canParseAsESM } = compileFunctionForCJSLoader(source, name, false, true);
  if (canParseAsESM) return undefined;
  const commonJs = moduleOf(name);
  return {
    evaluate() {
      const { exports } = commonJs;
      ReflectApply(body, exports, [exports, commonJs.require, commonJs, name, folderOf(name)]);
    },
    handler: () => commonJs.exports?.handler,
  };
}

// --- What they require ---

// An ES module's namespace, evaluated now. `await` at its top level is waited for.
function evaluated(record, specifier) {
  const { module } = record;
  if (module.status === 'evaluating') return module.namespace;
  const { promise, couldWait } = use('require.js').waitWith(() => module.evaluate());
  const details = getPromiseDetails(promise);
  if (details[0] === kPending) {
    throw new Error(couldWait
      ? `the module "${specifier}" waits for a promise that can never settle: nothing is left to run that could settle it`
      : `the module "${specifier}" awaits at its top level, which require cannot wait for in a promise's job: use import()`);
  }
  if (details[0] === kRejected) {
    PromisePrototypeThen(promise, undefined, () => {});
    throw details[1];
  }
  return module.namespace;
}

// What `require` gives a CommonJS module for an ES module: as Node, its export "module.exports" if it has one, and a
// namespace that says so if it has a default export.
function namespaceFor(record, specifier) {
  const namespace = evaluated(record, specifier);
  if (ObjectPrototypeHasOwnProperty(namespace, kModuleExports)) return namespace[kModuleExports];
  if (!ObjectPrototypeHasOwnProperty(namespace, 'default') || ObjectPrototypeHasOwnProperty(namespace, '__esModule')) {
    return namespace;
  }
  if (record.facade === undefined) {
    const text = 'export * from "m"; export { default } from "m"; export const __esModule = true;';
    const module = new SourceTextModule(text, { identifier: record.name });
    module.linkRequests(ArrayPrototypeMap(module.moduleRequests, () => record.module));
    module.instantiate();
    module.evaluate();
    record.facade = module.namespace;
  }
  return record.facade;
}

function requireFrom(importer, specifier, isCommonJs) {
  const cached = Module._cache;
  const record = modules.load(importer, specifier, undefined, true);
  const { kind, name } = record;
  if (kind === kBuiltIn) return StringPrototypeStartsWith(name, 'node:') || isCommonJs ? record.value : evaluated(record, specifier);
  if (record.commonJs !== undefined) {
    const known = cached[name];
    if (known !== undefined && known !== record.commonJs) return known.exports;  // the script put it there
    return run(record);
  }
  if (!isCommonJs || kind === kHost) return evaluated(record, specifier);
  if (kind === kJson) return record.value;
  return namespaceFor(record, specifier);
}

// The `require` of a CommonJS module, or of whoever made it by createRequire.
function requireFor(name, module) {
  const require = function require(specifier) {
    if (typeof specifier !== 'string') return FunctionPrototypeCall(nodeRequire, module, specifier);  // which throws
    return requireFrom(name, specifier, true);
  };
  require.resolve = function resolve(specifier) {
    const { kind, name: found } = modules.resolve(name, `${specifier}`, true);
    return kind === kBuiltIn && builtins.nameOf(specifier) !== undefined ? specifier : found;
  };
  require.resolve.paths = () => null;
  require.main = undefined;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

const { require: nodeRequire } = Module.prototype;

exports.make = make;
exports.scriptOf = scriptOf;
exports.requireFor = requireFor;
exports.requireFrom = requireFrom;
exports.evaluated = evaluated;
exports.moduleOf = moduleOf;
