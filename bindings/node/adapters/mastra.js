// A transport for the code mode of @mastra/core: createCodeMode({ tools }, createTransport()).
'use strict';

const { optionsOf, open, globals, describe, lineOf } = require('./shared.js');

// As the stubs that the model sees name a tool.
const externalName = (id) => `external_${id.replace(/[^A-Za-z0-9_$]/g, '_')}`;

function createTransport(options) {
  const own = optionsOf(options);
  return {
    requiresSandbox: false,
    async run({ program, toolIds, dispatch, timeout, abortSignal, onExternalCall, onExternalResult }) {
      const call = (id) => async (args) => {
        const began = performance.now();
        onExternalCall?.(id, args);
        try {
          const result = await dispatch(id, args);
          onExternalResult?.(id, performance.now() - began);
          return result;
        } catch (error) {
          onExternalResult?.(id, performance.now() - began, error);
          throw error;
        }
      };
      const tools = Object.fromEntries(toolIds.map((id) => [externalName(id), call(id)]));
      let opened;
      try {
        opened = await open(own, { tools, timeout, prelude: globals(Object.keys(tools)), signal: abortSignal });
        const result = await opened.sandbox.run(program, { signal: abortSignal, typescript: true });
        return { success: true, result, logs: opened.logs };
      } catch (error) {
        const { name, message } = describe(error);
        return { success: false, logs: opened?.logs ?? [], error: { name, message, line: lineOf(error) } };
      } finally {
        await opened?.sandbox.dispose();
      }
    },
  };
}

module.exports = { createTransport };
