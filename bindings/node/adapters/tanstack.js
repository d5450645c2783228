// A driver for @tanstack/ai-code-mode: createCodeMode({ driver: createDriver(), tools }).
'use strict';

const { optionsOf, open, globals, describe, kMebibyte } = require('./shared.js');

function createDriver(options) {
  const own = optionsOf(options);
  return {
    async createContext({ bindings, timeout, memoryLimit }) {
      const tools = Object.fromEntries(Object.entries(bindings).map(([name, binding]) => [name, (args) => binding.execute(args)]));
      const { sandbox, logs } = await open(own, {
        tools, timeout, memory: memoryLimit === undefined ? undefined : memoryLimit * kMebibyte, prelude: globals(Object.keys(tools)),
      });
      const fresh = await sandbox.snapshot();
      return {
        async execute(code) {
          logs.length = 0;
          try {
            const value = await sandbox.run(code);
            return { success: true, value, logs: [...logs] };
          } catch (error) {
            if (sandbox.poisoned) await sandbox.restore(fresh);
            return { success: false, error: describe(error), logs: [...logs] };
          }
        },
        dispose: () => sandbox.dispose(),
      };
    },
  };
}

module.exports = { createDriver };
