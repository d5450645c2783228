// Output that is read as it comes, and a limit of one's own: a client that has gone away ends its program.
import { once, EventEmitter } from 'node:events';
import { Sandbox } from 'curfew';

const client = new EventEmitter();
const connection = {
  name: 'connection',
  start: ({ signal }) => once(client, 'close', { signal }),  // when this settles, the program is ended
};

const sandbox = await Sandbox.create({ limits: { cpu: '10s' } });
const output = sandbox.output();
const running = sandbox.run('for (let i = 1; ; ++i) { console.log(i); await new Promise((done) => setTimeout(done, 1)); }', { monitors: [connection] });
for await (const { level, text } of output) {
  process.stdout.write(`${level}: ${text}`);
  if (text === '3\n') break;
}
client.emit('close');
try {
  await running;
} catch (error) {
  console.log(error.code, error.terminatedBy, error.usage.cpuTimeMs < 10_000);
}
await sandbox.dispose();
