// Compares what the cases give in a cell with what they give in an ordinary Node of the same version: the same text, or
// listed as different by design.
//
//   node compare.js CURFEW [FILE]...     CURFEW: the command; FILE: names of files in cases/, without their ending
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const kFolder = path.join(__dirname, 'cases');
const kShared = ['evaluate.js', 'handler.js', 'support.js'];
const kHeap = '256MiB';

const [curfew, ...names] = process.argv.slice(2);
const files = names.length > 0 ? names : fs.readdirSync(kFolder).filter((name) => name.endsWith('.js') && !kShared.includes(name)).map((name) => name.slice(0, -3));

const run = (program, args) => JSON.parse(execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000, env: { ...process.env, TZ: 'UTC' } }));

function inNode(file) {
  const script = `import(${JSON.stringify(path.join(kFolder, 'evaluate.js'))}).then(async ({ evaluate }) => require('fs').writeSync(1, JSON.stringify(await evaluate('${file}')))).then(() => process.exit(0))`;
  return run(process.execPath, ['-e', script]);
}

function inCell(file) {
  return run(curfew, ['run', '--engine', 'node', '--heap', kHeap, '--modules', kFolder, path.join(kFolder, 'handler.js'), '--event', JSON.stringify(file)]);
}

let same = 0;
let byDesign = 0;
let wrong = 0;
for (const file of files) {
  const ordinary = inNode(file);
  const sealed = inCell(file);
  ordinary.forEach(([source, text, why], i) => {
    const got = sealed[i]?.[1];
    if (why === undefined || why === null) {
      if (got === text) return void ++same;
    } else if (got !== text) {
      return void ++byDesign;
    }
    ++wrong;
    console.log(`${file}: ${source}\n    node ${why ? '(should differ: ' + why + ') ' : ''}${text}\n    cell ${got}`);
  });
}
console.log(`${same + byDesign + wrong} cases: ${same} the same, ${byDesign} different by design, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
