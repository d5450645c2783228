// An executor for code mode with the AI SDK, as @cloudflare/codemode/ai has it: createCodeTool({ tools, executor: createExecutor() }). It runs
// an async arrow function, or a program, whose tools are functions under a name each.
'use strict';

const { optionsOf, open, describe } = require('./shared.js');

const kNamespace = 'codemode';
const kConnectors = '$connectors';
const kFunction = /^\s*(async\b\s*)?(\(|function\b|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)/u;

const text = JSON.stringify;

function createExecutor(options) {
  const own = optionsOf(options);
  return {
    async execute(code, providersOrFunctions, { connectors = [], signal } = {}) {
      const providers = Array.isArray(providersOrFunctions) ? providersOrFunctions : [{ name: kNamespace, fns: providersOrFunctions }];
      const tools = Object.fromEntries(providers.map(({ name, fns }) => [name, { ...fns }]));
      for (const { name, binding } of connectors) {
        tools[kConnectors] ??= {};
        tools[kConnectors][name] = (method, args) => binding.callTool(method, args);
      }
      let opened;
      try {
        opened = await open(own, { tools, signal });
        const { sandbox } = opened;
        for (const { name, prelude } of providers) {
          await sandbox.run(`globalThis[${text(name)}] = { ...tools[${text(name)}] };\n${prelude ?? ''}\nnull`, { signal });
        }
        for (const { name } of connectors) {
          await sandbox.run(`globalThis[${text(name)}] = new Proxy({}, { get: (to, method) => (args) => tools[${text(kConnectors)}][${text(name)}](method, args) }); null`, { signal });
        }
        const result = await sandbox.run(kFunction.test(code) ? `return await (${code.trim().replace(/;$/, '')}\n)();` : code, { signal });
        return { result, logs: opened.logs };
      } catch (error) {
        return { result: undefined, error: describe(error).message, logs: opened?.logs ?? [] };
      } finally {
        await opened?.sandbox.dispose();
      }
    },
  };
}

module.exports = { createExecutor };
