// A code tool for the AI SDK on Curfew: npm install curfew ai zod
//
// In the place of a model, to which generateText({ tools: { code } }) would give it, stands what it might have written.
import { tool } from 'ai';
import { createExecutor } from 'curfew/ai-sdk';
import { z } from 'zod';

const weather = tool({
  description: 'The weather in a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ degrees: city.length }),
});

const executor = createExecutor({ limits: { cpu: '100ms', wall: '10s' } });
const functions = { weather: async (input) => weather.execute(weather.inputSchema.parse(input), { toolCallId: 'code', messages: [] }) };
const code = tool({
  description: 'Runs an async arrow function, in which codemode.weather({ city }) gives { degrees }.',
  inputSchema: z.object({ code: z.string() }),
  execute: ({ code: text }, { abortSignal }) => executor.execute(text, functions, { signal: abortSignal }),
});

for (const text of [
  `async () => {
     const all = await Promise.all(['Oslo', 'Madrid'].map((city) => codemode.weather({ city })));
     console.log('asked', all.length);
     return all.map(({ degrees }) => degrees);
   }`,
  'async () => { throw new Error("no such city"); }',
  'async () => { while (true) {} }',
]) {
  console.log(JSON.stringify(await code.execute({ code: text }, { toolCallId: '1', messages: [] })));
}
