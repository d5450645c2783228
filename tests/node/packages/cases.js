// What is done with each package, unmodified: something that shows that it works, and whose result is the same everywhere.
// A package is imported when its case runs.
const one = (name) => import(name).then((module) => module.default ?? module);

export default {
  async '@babel/core'() {
    const babel = await one('@babel/core');
    return babel.transformSync('const f = async () => { await x; }', { configFile: false, babelrc: false, generatorOpts: { compact: true } }).code;
  },
  async '@noble/hashes'() {
    const { sha256 } = await import('@noble/hashes/sha2.js');
    return Buffer.from(sha256(new TextEncoder().encode('abc'))).toString('hex');
  },
  async ajv() {
    const { Ajv } = await import('ajv');
    const validate = new Ajv({ allErrors: true }).compile({ type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'], additionalProperties: false });
    return [validate({ a: 1 }), validate({ a: 0, b: 2 }), validate.errors.map((e) => e.message)];
  },
  async async() {
    const { mapLimit, queue } = await import('async');
    const q = queue(async (x) => x * 2, 2);
    return [await mapLimit([1, 2, 3], 2, async (x) => x + 1), await q.push([4])];
  },
  async 'bignumber.js'() {
    const BigNumber = await one('bignumber.js');
    return new BigNumber('0.1').plus('0.2').times('1e30').toFixed();
  },
  async chalk() {
    const { Chalk } = await import('chalk');
    return new Chalk({ level: 1 }).red.bold('x');
  },
  async cheerio() {
    const { load } = await import('cheerio');
    const $ = load('<ul><li class="a">1</li><li>2</li></ul>');
    $('li.a').text('one').after('<li>new</li>');
    return [$('ul').html(), $('li').length];
  },
  async commander() {
    const { Command } = await import('commander');
    const program = new Command().option('-n, --number <n>', 'a number', Number).argument('<file>').exitOverride();
    program.parse(['-n', '5', 'x.txt'], { from: 'user' });
    return [program.opts(), program.args, program.helpInformation()];
  },
  async 'csv-parse'() {
    const { parse } = await import('csv-parse');
    const { parse: now } = await import('csv-parse/sync');
    const later = [];
    for await (const record of parse('a,b\n1,"x, y"\n', { columns: true })) later.push(record);
    return [later, now('1;2\n3;4', { delimiter: ';' })];
  },
  async 'date-fns'() {
    const { addDays, format, formatDistance, parseISO } = await import('date-fns');
    return [format(addDays(parseISO('2024-02-28'), 2), 'yyyy-MM-dd EEEE'), formatDistance(0, 86400000)];
  },
  async dayjs() {
    const dayjs = await one('dayjs');
    return dayjs('2024-01-31').add(1, 'month').format('YYYY-MM-DD');
  },
  async debug() {
    const debug = await one('debug');
    return [debug('x').enabled, debug.enable('a:*'), debug('a:b').enabled, debug.disable()];
  },
  async 'decimal.js'() {
    const { Decimal } = await import('decimal.js');
    return new Decimal(2).sqrt().toFixed(40);
  },
  async ejs() {
    const ejs = await one('ejs');
    return ejs.render('<% for (const x of list) { %><b><%= x %></b><% } %>', { list: [1, '<'] });
  },
  async express() {
    const express = await one('express');
    const { default: inject } = await import('light-my-request');
    const app = express();
    app.use(express.json());
    app.get('/hello/:name', (request, response) => response.set('x-a', 'b').json({ hello: request.params.name, query: request.query }));
    app.post('/echo', (request, response) => response.status(201).send(request.body));
    app.use((error, request, response, next) => response.status(500).send(error.message));
    app.get('/fail', () => { throw new Error('on purpose'); });
    const show = async (request) => { const { statusCode, headers, payload } = await inject(app, request); return [statusCode, headers['content-type'], headers['x-a'], payload.replace(/<[^>]*>|\s+/g, ' ').slice(0, 60)]; };
    return [await show('/hello/world?a=1'), await show({ method: 'POST', url: '/echo', payload: { x: [1] } }), await show('/none'), (await show('/fail'))[0]];
  },
  async 'fast-xml-parser'() {
    const { XMLBuilder, XMLParser } = await import('fast-xml-parser');
    const value = new XMLParser({ ignoreAttributes: false }).parse('<a x="1"><b>2</b><b>3</b></a>');
    return [value, new XMLBuilder({ ignoreAttributes: false }).build(value)];
  },
  async fastify() {
    const fastify = await one('fastify');
    const app = fastify({ logger: false });
    app.get('/x/:id', { schema: { response: { 200: { type: 'object', properties: { id: { type: 'integer' } } } } } }, async (request) => ({ id: request.params.id, more: 1 }));
    const { statusCode, body } = await app.inject('/x/7');
    return [statusCode, body];
  },
  async fflate() {
    const { gunzipSync, gzipSync, strFromU8, strToU8, unzipSync, zipSync } = await import('fflate');
    return [strFromU8(gunzipSync(gzipSync(strToU8('hello')))), Object.keys(unzipSync(zipSync({ 'a.txt': strToU8('x') })))];
  },
  async graphql() {
    const { buildSchema, graphql } = await import('graphql');
    return graphql({ schema: buildSchema('type Query { hello(name: String!): String, list: [Int] }'), source: '{ hello(name: "x") list }', rootValue: { hello: ({ name }) => `hi ${name}`, list: [1, 2] } });
  },
  async handlebars() {
    const handlebars = await one('handlebars');
    handlebars.registerHelper('upper', (text) => text.toUpperCase());
    return handlebars.compile('{{#each list}}{{upper name}}{{#unless @last}}, {{/unless}}{{/each}} {{{raw}}}')({ list: [{ name: 'a' }, { name: '<b' }], raw: '<i>' });
  },
  async hono() {
    const { Hono } = await import('hono');
    const { cors } = await import('hono/cors');
    const app = new Hono().use(cors()).get('/u/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') })).post('/t', async (c) => c.text((await c.req.json()).a, 201));
    const show = async (...request) => { const response = await app.request(...request); return [response.status, response.headers.get('access-control-allow-origin'), await response.text()]; };
    return [await show('/u/7?q=x'), await show('/t', { method: 'POST', body: '{"a":"b"}' }), await show('/none')];
  },
  async 'iconv-lite'() {
    const iconv = await one('iconv-lite');
    return [iconv.encode('Привет', 'win1251').toString('hex'), iconv.decode(Buffer.from('b0a1', 'hex'), 'euc-kr'), iconv.encodingExists('shift_jis')];
  },
  async immer() {
    const { produce } = await import('immer');
    const before = { a: [1], b: { c: 2 } };
    const after = produce(before, (draft) => { draft.a.push(2); });
    return [before, after, before.b === after.b];
  },
  async jose() {
    const { EncryptJWT, SignJWT, jwtDecrypt, jwtVerify } = await import('jose');
    const secret = new Uint8Array(32).fill(7);
    const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).setIssuer('i').sign(secret);
    const sealed = await new EncryptJWT({ b: 2 }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(secret);
    return [token, (await jwtVerify(token, secret, { issuer: 'i' })).payload, (await jwtDecrypt(sealed, secret)).payload, await jwtVerify(`${token}x`, secret).catch((e) => e.code)];
  },
  async jsonwebtoken() {
    const jwt = await one('jsonwebtoken');
    const token = jwt.sign({ a: 1, iat: 0 }, 'secret');
    return [token, jwt.verify(token, 'secret'), jwt.decode(token, { complete: true }).header];
  },
  async koa() {
    const Koa = await one('koa');
    const { default: inject } = await import('light-my-request');
    const app = new Koa().use(async (context, next) => { await next(); context.set('x-a', 'b'); }).use((context) => { context.body = { path: context.path }; });
    const { statusCode, headers, payload } = await inject(app.callback(), '/p');
    return [statusCode, headers['x-a'], payload];
  },
  async 'light-my-request'() {
    const inject = await one('light-my-request');
    const { statusCode, payload } = await inject((request, response) => { response.writeHead(202, { 'x-y': 'z' }); response.end(request.url); }, '/path');
    return [statusCode, payload];
  },
  async lodash() {
    const _ = await one('lodash');
    return [_.chunk([1, 2, 3], 2), _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.template('<%= x %>!')({ x: 1 }), _.camelCase('foo-bar baz'), _.isEqual(new Map([[1, 2]]), new Map([[1, 2]]))];
  },
  async 'lodash-es'() {
    const { debounce, groupBy } = await import('lodash-es');
    let calls = 0;
    const later = debounce(() => ++calls, 2);
    later();
    later();
    await new Promise((done) => setTimeout(done, 20));
    return [calls, groupBy([1.2, 1.8, 2.1], Math.floor)];
  },
  async luxon() {
    const { DateTime, Duration } = await import('luxon');
    return [DateTime.fromISO('2024-03-31T01:30:00', { zone: 'Europe/Berlin' }).plus({ hours: 1 }).toISO(), DateTime.fromMillis(0).setZone('Asia/Tokyo').toLocaleString(DateTime.DATETIME_FULL, { locale: 'de' }), Duration.fromObject({ minutes: 90 }).toFormat('h:mm')];
  },
  async marked() {
    const { marked } = await import('marked');
    return marked.parse('# T\n\n- a\n- **b** `c`\n\n| x | y |\n|---|---|\n| 1 | 2 |\n');
  },
  async moment() {
    const moment = await one('moment');
    return moment.utc('2024-01-31').add(1, 'month').format();
  },
  async mustache() {
    const mustache = await one('mustache');
    return mustache.render('{{#a}}{{.}};{{/a}}{{^b}}none{{/b}}', { a: [1, '&'] });
  },
  async nanoid() {
    const { customAlphabet, nanoid } = await import('nanoid');
    return [nanoid().length, /^[ab]{10}$/.test(customAlphabet('ab', 10)()), nanoid() !== nanoid()];
  },
  async nunjucks() {
    const nunjucks = await one('nunjucks');
    return nunjucks.renderString('{% for x in list %}{{ x | upper }}{% endfor %}', { list: ['a', 'b'] });
  },
  async pako() {
    const pako = await import('pako');
    return [pako.inflate(pako.deflate('hello'), { to: 'string' }), pako.ungzip(pako.gzip('x'), { to: 'string' })];
  },
  async pino() {
    const pino = await one('pino');
    const lines = [];
    pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) }).child({ b: 2 }).info({ a: 1 }, 'hi');
    return lines;
  },
  async postcss() {
    const postcss = await one('postcss');
    return postcss([{ postcssPlugin: 'p', Declaration(declaration) { declaration.value = 'd'; } }]).process('a{b:c}', { from: undefined }).css;
  },
  async prettier() {
    const prettier = await import('prettier');
    return prettier.format('const a={b:1,c:[1,2]}', { parser: 'babel' });
  },
  async qs() {
    const qs = await one('qs');
    return [qs.parse('a[b][c]=1&d[]=2&d[]=3'), qs.stringify({ a: { b: [1, 2] } })];
  },
  async ramda() {
    const { compose, groupBy, map, prop } = await import('ramda');
    return compose(map((all) => all.length), groupBy(prop('k')))([{ k: 'a' }, { k: 'b' }, { k: 'a' }]);
  },
  async react() {
    const { createElement, useState } = await one('react');
    const { renderToString } = await import('react-dom/server');
    return renderToString(createElement(() => createElement('p', { className: 'a' }, useState(7)[0], '<')));
  },
  async 'react-dom'() {
    const { createElement, Suspense } = await one('react');
    const { renderToReadableStream } = await import('react-dom/server');
    const stream = await renderToReadableStream(createElement(Suspense, { fallback: '' }, createElement('b', null, 'x')));
    return new Response(stream).text();
  },
  async rxjs() {
    const { filter, from, interval, lastValueFrom, map, take, toArray } = await import('rxjs');
    return [await lastValueFrom(from([1, 2, 3]).pipe(filter((x) => x > 1), map((x) => x * 10), toArray())), await lastValueFrom(interval(1).pipe(take(3), toArray()))];
  },
  async 'sanitize-html'() {
    const sanitize = await one('sanitize-html');
    return sanitize('<p onclick="x()">a<script>b</script><a href="javascript:c">d</a></p>');
  },
  async semver() {
    const semver = await one('semver');
    return [semver.satisfies('1.2.3', '^1.0.0'), semver.inc('1.2.3', 'minor'), semver.sort(['2.0.0', '1.0.0']), semver.coerce('v3.4')?.version];
  },
  async uuid() {
    const { parse, v4, v5, v7, validate, version } = await import('uuid');
    return [validate(v4()), version(v7()), v5('x', v5.DNS), parse('6ba7b810-9dad-11d1-80b4-00c04fd430c8').length, v4() !== v4()];
  },
  async validator() {
    const validator = await one('validator');
    return [validator.isEmail('a@b.co'), validator.isIP('::1'), validator.escape('<a>'), validator.isCreditCard('4111111111111111')];
  },
  async winston() {
    const winston = await one('winston');
    const { Writable } = await import('node:stream');
    const lines = [];
    const logger = winston.createLogger({ level: 'info', format: winston.format.json(), transports: [new winston.transports.Stream({ stream: new Writable({ write(chunk, encoding, done) { lines.push(String(chunk)); done(); } }) })] });
    logger.info('hello', { a: 1 });
    logger.debug('unheard');
    await new Promise((done) => setTimeout(done, 5));
    return lines;
  },
  async yaml() {
    const { parse, stringify } = await import('yaml');
    return [parse('a: &x [1, 2]\nb: *x\nc: |\n  text\n'), stringify({ a: [1, { b: 2 }], d: null })];
  },
  async zod() {
    const { z } = await import('zod');
    const schema = z.object({ a: z.string().email(), n: z.coerce.number().int().max(5).default(1) });
    const failed = schema.safeParse({ a: 'x', n: 9.5 });
    return [schema.parse({ a: 'a@b.co', n: '3' }), failed.success, failed.error.issues.map((issue) => [issue.path, issue.code])];
  },
};
