// Runs npm packages, unmodified, in cells through the host's module loader, and compares what they give with an ordinary Node.
// They are those of packages/package.json, which pins their versions; npm fetches them into FOLDER, if they are not there.
//
//   node packages.js CURFEW FOLDER [--engine quickjs] [PACKAGE]...     CURFEW: the command
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const kSources = path.join(__dirname, 'packages');
const kHeap = '256MiB';

const [curfew, folder, ...rest] = process.argv.slice(2);
const engine = rest[0] === '--engine' ? rest.splice(0, 2)[1] : 'node';
const wanted = rest;
const { dependencies } = JSON.parse(fs.readFileSync(path.join(kSources, 'package.json'), 'utf8'));
const names = wanted.length > 0 ? wanted : Object.keys(dependencies);

fs.mkdirSync(folder, { recursive: true });
for (const file of ['package.json', 'cases.js', 'handler.js']) fs.copyFileSync(path.join(kSources, file), path.join(folder, file));
const isThere = (name) => {
  const file = path.join(folder, 'node_modules', name, 'package.json');
  return fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')).version === dependencies[name];
};
if (!Object.keys(dependencies).every(isThere)) {
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, stdio: 'inherit' });
}

const run = (program, args) => execFileSync(program, args, { encoding: 'utf8', cwd: folder, timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } });
const inNode = (name) => run(process.execPath, ['--no-warnings', '-e', `import('./handler.js').then(async ({ handler }) => require('fs').writeSync(1, JSON.stringify(await handler('${name}')))).then(() => process.exit(0))`]);
const inCell = (name) => run(curfew, ['run', '--engine', engine, '--heap', kHeap, '--modules', folder, path.join(folder, 'handler.js'), '--event', JSON.stringify(name)]);

let good = 0;
for (const name of names) {
  let ordinary;
  let sealed;
  try {
    ordinary = JSON.parse(inNode(name));
    sealed = JSON.parse(inCell(name));
  } catch (error) {
    sealed = `failed: ${error.stderr || error.message}`;
  }
  if (ordinary === sealed && !ordinary.startsWith('throws')) ++good;
  else console.log(`${name}\n    node ${ordinary}\n    cell ${sealed}`);
}
console.log(`${good} of ${names.length} packages give the same as in an ordinary Node`);
process.exitCode = good === names.length ? 0 : 1;
