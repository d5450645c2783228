// A tour: programs, tools, limits, snapshots, handlers and pools.
import { Sandbox, Pool } from 'curfew';

const sandbox = await Sandbox.create({
  limits: { cpu: '100ms', wall: '5s', memory: '32MiB' },
  tools: { weather: async (city) => ({ city, degrees: city.length }) },
  console: (level, text) => process.stdout.write(`${level}: ${text}`),
});

// A program: what code from a language model is, say. Its tools run side by side.
console.log(await sandbox.run(`
  const all = await Promise.all(['Oslo', 'Madrid'].map((city) => tools.weather(city)));
  console.log('asked', all.length, 'times');
  all.map(({ city, degrees }) => city + ' ' + degrees)`));

// A limit ends it, wherever it is; going back to a snapshot takes microseconds.
const fresh = await sandbox.snapshot();
try {
  await sandbox.run('/^(a+)+$/.test("a".repeat(40) + "b")');
} catch (error) {
  console.log(error.code, error.terminatedBy, sandbox.poisoned);
  await sandbox.restore(fresh);
}
await sandbox.dispose();

// Handlers, for many requests that must not see each other.
const pool = await Pool.create({
  size: 2,
  handlers: { count: 'let n = 0; export const handler = ({ by }) => (n += by);' },
});
console.log(await Promise.all([1, 2, 3].map((by) => pool.call('count', { by }))));
await pool.dispose();
