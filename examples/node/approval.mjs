// A program deletes accounts, and each deletion waits for a person's yes. While it waits it is bytes in a file: another process,
// tomorrow, goes on in the middle of the loop, and nothing is run again.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sandbox, Snapshot, deferred } from 'curfew';

const program = `
  const deleted = [];
  for (const name of ['ada', 'bob', 'eve']) {
    if (!await tools.approve('delete ' + name)) continue;
    await tools.remove(name);
    deleted.push(name);
  }
  return { deleted };`;
const tools = {
  approve: deferred,  // no function: whoever runs the program answers
  remove: async (name) => console.log('deleted', name),
};
const key = randomBytes(32);  // by which this host knows its own files again
const folder = await mkdtemp(path.join(tmpdir(), 'curfew-approval-'));
const file = path.join(folder, 'state.snap');

// Begins, and saves what waits.
{
  const sandbox = await Sandbox.create({ tools });
  await sandbox.beginRun(program);
  await (await sandbox.snapshot()).saveFile(file, { key });
  await sandbox.dispose();
}

// Asks about what the file waits for, one call after the other.
const saved = await Snapshot.loadFile(file, { key });
console.log('waits for', saved.waiting.openCalls.map(({ tool, arguments: [what] }) => `${tool}: ${what}`));
const sandbox = await Sandbox.from(saved, { tools });
const invocation = await sandbox.continue();
while (!invocation.done) {
  for (const { id, arguments: [what] } of invocation.openCalls) await invocation.resume(id, what !== 'delete bob');
}
console.log(await invocation.result());
await sandbox.dispose();
await rm(folder, { recursive: true });
