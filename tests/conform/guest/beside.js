// Runs one case in the ordinary Node that runs this: beside.js HANDLER CHECKOUT, with the event on standard input. Prints the
// handler's result as JSON.
'use strict';
const fs = require('node:fs');
const { registerHooks } = require('node:module');

const [handlerFile, checkout] = process.argv.slice(2);
const print = process.stdout.write.bind(process.stdout);
const stringify = JSON.stringify;

// As in cells, where every file of the checkout is an ES module.
registerHooks({ load: (url, context, next) => next(url, url.startsWith('file:') && url.endsWith('.js') ? { ...context, format: 'module' } : context) });
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

const handler = new Function('require', `${fs.readFileSync(handlerFile, 'utf8')}; return handler;`)(require);
const event = { ...JSON.parse(fs.readFileSync(0, 'utf8')), root: checkout };
new Promise((done) => done(handler(event))).then(
  (result) => print(stringify(result), () => process.exit(0)),
  (error) => print(stringify(`${error?.name}: ${error?.message ?? error}`), () => process.exit(0)),
);
