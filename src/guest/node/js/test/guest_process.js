// One guest in a process of its own: reads from its input what is to be done, and writes the answers. See run.js.
'use strict';

const fs = require('node:fs');
const { Guest } = require('./mock.js');

const { writeSync } = fs;
const leave = process.reallyExit.bind(process);
const { stringify } = JSON;
const input = JSON.parse(fs.readFileSync(0, 'utf8'));

process.chdir('/');  // as a cell's is

async function main() {
  const functions = input.functions === undefined ? {} : new Function(`return ${input.functions}`)();
  const guest = new Guest({ files: input.files, functions, root: input.root });
  let text = '';  // no array: scripts may replace what arrays do
  for (let i = 0; i < input.steps.length; ++i) {
    const step = input.steps[i];
    if (step.folder !== undefined) guest.folders[step.script ?? 'handler.js'] = step.folder;
    if (step.warm) await guest.guest.warm();
    if (step.reseed) guest.guest.reseed();
    const answer = step.source === undefined ? await guest.call(step.event, step.name) : await guest.load(step.source, step.script, step.name);
    text += (text === '' ? '[' : ',') + stringify(answer);
  }
  writeSync(1, `${text}]`);
  leave(0);
}

main().catch((error) => {
  writeSync(2, `${error?.stack ?? error}\n`);
  leave(1);
});
