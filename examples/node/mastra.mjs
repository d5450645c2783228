// Mastra's code mode on Curfew: npm install curfew @mastra/core zod
//
// In the place of an agent, which would get `instructions` and `tool`, stands what its model might have written.
import { createCodeMode, createTool } from '@mastra/core/tools';
import { createTransport } from 'curfew/mastra';
import { z } from 'zod';

const weather = createTool({
  id: 'get-weather',
  description: 'The weather in a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ degrees: city.length }),
});

const { tool, instructions } = createCodeMode({ tools: { weather }, timeout: 5_000 }, createTransport({ limits: { cpu: '100ms' } }));
console.log(instructions.includes('external_get_weather'));

const context = { observe: { span: (name, work) => work(), log() {} } };  // an agent's own
for (const code of [
  `const all = await Promise.all(['Oslo', 'Madrid'].map((city: string) => external_get_weather({ city })));
   console.log('asked', all.length);
   return all.map(({ degrees }) => degrees);`,
  'while (true) {}',
]) {
  console.log(JSON.stringify(await tool.execute({ code }, context)));
}
