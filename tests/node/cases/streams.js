// node:stream, events, timers, async_hooks and what goes on over time.
import { AsyncLocalStorage, AsyncResource, executionAsyncId } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import EventEmitter, { captureRejectionSymbol, getEventListeners, on, once } from 'node:events';
import readline from 'node:readline';
import stream, { Duplex, PassThrough, Readable, Transform, Writable, addAbortSignal, compose, finished } from 'node:stream';
import { buffer, json, text } from 'node:stream/consumers';
import { finished as whenFinished, pipeline } from 'node:stream/promises';
import { scheduler, setImmediate as immediate, setInterval as every, setTimeout as pause } from 'node:timers/promises';
import { collect, ticks } from './support.js';

const upper = () => new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()); } });

export default [
  () => collect(Readable.from([1, 'a', { b: 2 }])),
  async () => (await collect(Readable.from(['a', 'b']).pipe(upper()))).join(''),
  () => text(Readable.from(['x', 'y'])),
  () => json(Readable.from(['{"a"', ':1}'])),
  async () => (await buffer(Readable.from([Buffer.from('ab')]))).length,
  async () => { const out = []; await pipeline(Readable.from(['a', 'b']), upper(), new Writable({ write(chunk, e, done) { out.push(String(chunk)); done(); } })); return out; },
  async () => pipeline(Readable.from(['a']), new Transform({ transform(c, e, done) { done(new Error('broken')); } }), new PassThrough()),
  async () => { const w = new Writable({ write(c, e, done) { done(); } }); w.end('x'); await whenFinished(w); return [w.writableFinished, w.destroyed]; },
  async () => { const r = new Readable({ read() { this.push('a'); this.push(null); } }); r.setEncoding('utf8'); return collect(r); },
  async () => { const r = Readable.from([1, 2, 3, 4]); return [await r.filter((x) => x % 2).map((x) => x * 2).toArray()]; },
  async () => Readable.from([1, 2, 3]).reduce((a, b) => a + b, 0),
  async () => Readable.from([1, 2, 3]).take(2).toArray(),
  async () => Readable.from([[1], [2]]).flatMap((x) => x).toArray(),
  async () => Readable.from([1, 2]).some((x) => x > 1),
  () => { const w = new Writable({ highWaterMark: 3, write() {} }); return [w.write('ab'), w.write('cd'), w.writableLength, w.writableNeedDrain]; },
  () => new Promise((done) => { const d = new Duplex({ read() {}, write(c, e, next) { this.push(c); next(); }, final(next) { this.push(null); next(); } }); const all = []; d.on('data', (c) => all.push(String(c))).on('end', () => done(all)); d.end('echo'); }),
  async () => { const c = new AbortController(); const r = addAbortSignal(c.signal, new Readable({ read() {} })); setTimeout(() => c.abort(), 1); return collect(r); },
  () => new Promise((done) => finished(Readable.from(['x']).resume(), (e) => done(e ?? 'fine'))),
  () => new Writable().write('x'),
  () => new Promise((done) => { new Writable({ write(c, e, n) { n(); } }).on('error', (e) => done(e.code)).end('a', () => {}).write('b'); }),
  () => [stream.getDefaultHighWaterMark(false), stream.getDefaultHighWaterMark(true), stream.isReadable(Readable.from([])), stream.Stream === stream],
  async () => collect(compose(Readable.from(['a']), async function* (source) { for await (const x of source) yield x + '!'; })),
  async () => { const r = Readable.toWeb(Readable.from(['w'])); return collect(r); },
  async () => collect(Readable.fromWeb(new ReadableStream({ start(c) { c.enqueue('n'); c.close(); } }))),
  () => new Promise((done) => new Readable({ read() { this.push(7); } }).on('error', (e) => done(e.code)).read()),
  () => { const r = new Readable({ objectMode: true, read() {} }); r.push({ a: 1 }); r.unshift({ b: 2 }); return [r.read(), r.read(), r.read()]; },
  async () => { const p = new PassThrough(); p.write('a'); p.cork(); p.end('b'); return (await collect(p)).join(); },

  // events
  () => { const e = new EventEmitter(); const log = []; e.on('a', (x) => log.push('on', x)); e.prependListener('a', () => log.push('first')); e.once('a', () => log.push('once')); return [e.emit('a', 1), e.emit('a', 2), e.emit('none'), log, e.listenerCount('a'), e.eventNames()]; },
  () => new EventEmitter().emit('error', new Error('unheard')),
  () => new EventEmitter().emit('error', 'text'),
  async () => once(Object.assign(new EventEmitter(), {}), 'a', { signal: AbortSignal.abort() }),
  async () => { const e = new EventEmitter(); setTimeout(() => e.emit('x', 1, 2)); return once(e, 'x'); },
  async () => { const e = new EventEmitter(); setTimeout(() => { e.emit('n', 1); e.emit('n', 2); }); const seen = []; for await (const [v] of on(e, 'n')) { seen.push(v); if (v === 2) break; } return seen; },
  () => { const e = new EventEmitter(); const f = () => {}; e.on('a', f).off('a', f); return [getEventListeners(e, 'a'), e.getMaxListeners(), EventEmitter.defaultMaxListeners]; },
  () => new Promise((done) => { const e = new EventEmitter({ captureRejections: true }); e.on('a', async () => { throw new Error('async'); }); e.on('error', (x) => done(x.message)); e.emit('a'); }),
  () => typeof captureRejectionSymbol,
  () => new EventEmitter().on('a', 'no function'),
  () => { class A extends EventEmitter {} return new A() instanceof EventEmitter; },

  // timers and order
  () => pause(1, 'value'),
  () => immediate('i'),
  async () => { const seen = []; for await (const x of every(1, 'e')) { seen.push(x); if (seen.length === 2) return seen; } },
  async () => pause(1000, 0, { signal: AbortSignal.abort() }),
  async () => scheduler.wait(1),
  () => ticks((log) => { process.nextTick(() => { log('tick 1'); Promise.resolve().then(() => log('micro of tick')); process.nextTick(() => log('tick 3')); }); process.nextTick(() => log('tick 2')); queueMicrotask(() => { log('micro'); process.nextTick(() => log('tick of micro')); }); }),
  () => ticks((log) => { setImmediate(() => { log('i1'); setImmediate(() => log('i3')); process.nextTick(() => log('tick')); }); setImmediate(() => log('i2')); }),
  () => ticks((log) => { setTimeout(() => log('b'), 2); setTimeout(() => log('a'), 1); const t = setTimeout(() => log('never'), 1); clearTimeout(t); setTimeout(() => log('c'), 3).refresh(); }),
  () => ticks(async (log) => { log(1); await null; log(2); await new Promise((r) => r()); log(3); await { then(r) { r(); } }; log(4); }),

  // async_hooks, diagnostics_channel, readline
  async () => { const s = new AsyncLocalStorage(); return s.run({ id: 1 }, async () => { await pause(1); return [s.getStore(), await new Promise((done) => setTimeout(() => done(s.getStore()))), s.exit(() => s.getStore())]; }); },
  () => { const s = new AsyncLocalStorage(); const bound = s.run(5, () => AsyncResource.bind(() => s.getStore())); return [bound(), s.getStore()]; },
  () => { const s = new AsyncLocalStorage(); s.enterWith(3); const snap = AsyncLocalStorage.snapshot(); s.disable(); return snap(() => s.getStore()); },
  () => typeof executionAsyncId(),
  () => { const c = diagnostics.channel('x'); const log = []; const f = (m, n) => log.push(m, n); c.subscribe(f); c.publish({ a: 1 }); c.unsubscribe(f); return [log, c.hasSubscribers]; },
  () => { const t = diagnostics.tracingChannel('t'); const log = []; t.subscribe({ start: () => log.push('start'), end: () => log.push('end') }); t.traceSync(() => 1); return log; },
  async () => collect(readline.createInterface({ input: Readable.from(['a\nb\n', 'c']) })),
  () => new Promise((done) => readline.createInterface({ input: Readable.from(['only\n']) }).once('line', done)),
];
