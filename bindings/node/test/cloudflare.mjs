// The executor in createCodeTool of @cloudflare/codemode/ai. Started by adapters.sh, where the packages are.
import assert from 'node:assert/strict';
import { register } from 'node:module';

const kStub = 'data:text/javascript,export class RpcTarget {} export class WorkerEntrypoint {} export class DurableObject {} export const exports = {}; export const env = {};';
register(`data:text/javascript,${encodeURIComponent(`export const resolve = (name, context, next) =>
  (name === 'cloudflare:workers' ? { url: ${JSON.stringify(kStub)}, shortCircuit: true } : next(name, context));`)}`);
const { createCodeTool } = await import('@cloudflare/codemode/ai');
const { createExecutor } = await import('curfew/ai-sdk');
const { tool } = await import('ai');
const { z } = await import('zod');

const weather = tool({ description: 'The weather.', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => ({ degrees: city.length }) });
const code = createCodeTool({ tools: { weather }, executor: createExecutor() });
const done = await code.execute({ code: 'async () => { console.log("asks"); return await codemode.weather({ city: "Oslo" }); }' }, {});
assert.deepEqual(done, { result: { degrees: 4 }, logs: ['asks'] });
await assert.rejects(async () => code.execute({ code: 'async () => nothing.there' }, {}));
console.log('@cloudflare/codemode: as expected');
