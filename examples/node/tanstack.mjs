// TanStack AI's code mode on Curfew: npm install curfew @tanstack/ai @tanstack/ai-code-mode zod
//
// In the place of a model, which would get `systemPrompt` and `tool`, stands what it might have written.
import { toolDefinition } from '@tanstack/ai';
import { createCodeMode } from '@tanstack/ai-code-mode';
import { createDriver } from 'curfew/tanstack';
import { z } from 'zod';

const weather = toolDefinition({
  name: 'weather',
  description: 'The weather in a city.',
  inputSchema: z.object({ city: z.string() }),
  outputSchema: z.object({ degrees: z.number() }),
}).server(async ({ city }) => ({ degrees: city.length }));

const { tool, systemPrompt } = createCodeMode({ driver: createDriver({ limits: { cpu: '100ms' } }), tools: [weather], timeout: 5_000 });
console.log(systemPrompt.includes('external_weather'));

for (const typescriptCode of [
  `const all = await Promise.all(['Oslo', 'Madrid'].map((city: string) => external_weather({ city })));
   console.log('asked', all.length);
   return all.map(({ degrees }) => degrees);`,
  'while (true) {}',
]) {
  console.log(JSON.stringify(await tool.execute({ typescriptCode }, {})));
}
