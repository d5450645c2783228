// Requests of scripts.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { after, before, test } = require('node:test');
const { Sandbox, rejectsWith } = require('./helper.js');

let server;
let origin;
before(async () => {
  server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ path: request.url, method: request.method, key: request.headers['x-key'], body: Buffer.concat(parts).toString() }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test('are held to a policy', async () => {
  const sandbox = await Sandbox.create({ fetch: { origins: [origin], addresses: ['127.0.0.1'], headers: { [origin]: { 'x-key': 'secret' } }, maxRequests: 3, timeLimit: '20s' } });
  assert.deepEqual(await sandbox.run(`await (await fetch('${origin}/a', { method: 'POST', body: 'text' })).json()`), { path: '/a', method: 'POST', key: 'secret', body: 'text' });
  assert.match(await sandbox.run("await fetch('http://localhost:1/').catch((error) => error.message)"), /fetch failed/);
  await assert.rejects(sandbox.run(`for (let i = 0; i < 5; ++i) await fetch('${origin}/' + i)`), /fetch failed/);
  await sandbox.dispose();
});

test('are refused without one, and addresses of this machine too', async () => {
  const sandbox = await Sandbox.create();
  await rejectsWith('handler_error', sandbox.run(`await fetch('${origin}')`));
  const other = await Sandbox.create({ fetch: { origins: [origin] } });
  await rejectsWith('handler_error', other.run(`await fetch('${origin}')`));
  await Promise.all([sandbox.dispose(), other.dispose()]);
});

test('have options that are checked', async () => {
  for (const fetch of [1, { origin }, { origins: origin }, { origins: [1] }, { headers: { [origin]: { a: 1 } } }, { maxRequests: -1 }, { timeLimit: 'soon' }, { maxResponseBytes: 'x' }]) {
    await assert.rejects(Sandbox.create({ fetch }), TypeError, JSON.stringify(fetch));
  }
  await rejectsWith('invalid_argument', Sandbox.create({ fetch: { origins: ['ftp://x'] } }));
});
