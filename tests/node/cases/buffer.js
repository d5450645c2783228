// Buffer, string_decoder and zlib.
import buffer, { Blob, File, SlowBuffer, constants, isAscii, isUtf8, kMaxLength, resolveObjectURL, transcode } from 'node:buffer';
import { promisify } from 'node:util';
import { StringDecoder } from 'node:string_decoder';
import zlib from 'node:zlib';
import { byDesign, collect } from './support.js';

const bytes = (...all) => Buffer.from(all);

export default [
  () => Buffer.from('aé€😊'), () => Buffer.from('68656c6c6f', 'hex').toString(), () => Buffer.from('aGk_-w', 'base64url'), () => Buffer.from('ÿ', 'latin1'), () => Buffer.from('hi', 'utf16le'),
  () => Buffer.from('zz', 'hex'), () => Buffer.from('x', 'nonsense'), () => Buffer.from(7), () => Buffer.from([256, -1, 3.7, 'a']), () => Buffer.from({ length: 2, 0: 1, 1: 2 }),
  () => Buffer.from(new ArrayBuffer(4), 1, 2).length, () => Buffer.from(Object(String('boxed'))), () => Buffer.alloc(3, 'ab'), () => Buffer.alloc(-1), () => Buffer.allocUnsafe(4).length, () => Buffer.alloc(4).fill('€'),
  () => bytes(0xff, 0xfe, 0x61).toString('utf8'), () => ['hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf16le', 'binary'].map((e) => bytes(1, 200, 255, 97).toString(e)),
  () => Buffer.byteLength('€', 'utf16le'), () => Buffer.concat([bytes(1), bytes(2, 3)], 2), () => Buffer.compare(bytes(1), bytes(2)), () => bytes(1, 2).equals(new Uint8Array([1, 2])), () => Buffer.isEncoding('UTF-8'),
  () => bytes(1, 2, 3, 4).slice(1, -1), () => bytes(1, 2, 3).subarray(1).parent === undefined, () => { const b = bytes(1, 2, 3); b.subarray(1)[0] = 9; return b; }, () => bytes(1, 2, 3, 4).swap16(), () => bytes(1, 2, 3).swap16(),
  () => Buffer.from('abcabc').indexOf('ca'), () => Buffer.from('abcabc').lastIndexOf(bytes(98)), () => Buffer.from('abc').includes('z'), () => { const b = Buffer.alloc(6); return [b.write('héllo', 1), b]; },
  () => { const b = Buffer.alloc(8); b.writeDoubleBE(-1.5); return [b, b.readDoubleBE(), b.readInt32LE(0)]; }, () => { const b = Buffer.alloc(8); b.writeBigUInt64LE(2n ** 63n); return [b, b.readBigInt64LE()]; },
  () => { const b = Buffer.alloc(6); b.writeUIntBE(0x123456789abc, 0, 6); return [b, b.readUIntLE(0, 6), b.readIntBE(1, 3)]; }, () => Buffer.alloc(2).writeInt8(200), () => Buffer.alloc(2).readUInt32LE(0), () => Buffer.alloc(1).writeUInt8(256, 0),
  () => JSON.stringify(bytes(1, 2)), () => Buffer.from(JSON.parse(JSON.stringify(bytes(1, 2)))), () => Buffer.from('ab').copy(Buffer.alloc(1)), () => [...bytes(5, 6).entries()], () => bytes(1) instanceof Uint8Array, () => Buffer.poolSize,
  () => bytes(...Array(60).keys()), () => [typeof SlowBuffer, constants.MAX_STRING_LENGTH, kMaxLength === constants.MAX_LENGTH], () => [isAscii(bytes(97)), isUtf8(bytes(0xff))], () => transcode(Buffer.from('€'), 'utf8', 'latin1'),
  () => [Blob === globalThis.Blob, File === globalThis.File, typeof resolveObjectURL, buffer.INSPECT_MAX_BYTES], () => Buffer.from('a').toLocaleString('hex'), () => Buffer.copyBytesFrom(new Uint16Array([1, 2]), 1),
  () => { const u = URL.createObjectURL(new Blob(['x'])); const same = resolveObjectURL(u).size; URL.revokeObjectURL(u); return [same, resolveObjectURL(u), u.startsWith('blob:nodedata:')]; },
  () => Buffer.from('x'.repeat(100)).toString('base64').length, () => Buffer.of(1, 2), () => bytes(1, 2, 3).readUInt16BE(2), () => bytes(1, 2).toString('nonsense'), () => Buffer.from(new Uint16Array([256, 257])), byDesign('every engine of Curfew has it', () => typeof Uint8Array.prototype.toHex), byDesign('every engine of Curfew has it', () => Uint8Array.fromBase64('YWI=')),
  // string_decoder
  () => { const d = new StringDecoder('utf8'); return [d.write(bytes(0xe2, 0x82)), d.write(bytes(0xac, 0xf0)), d.end()]; }, () => { const d = new StringDecoder('base64'); return [d.write(bytes(1, 2)), d.end(bytes(3))]; }, () => new StringDecoder('x'),
  () => { const d = new StringDecoder('utf16le'); return [d.write(bytes(0x3d, 0xd8, 0x0a)), d.end()]; },
  // zlib
  () => zlib.inflateSync(zlib.deflateSync('hello')).toString(), () => zlib.gunzipSync(zlib.gzipSync(Buffer.from('x'.repeat(1e5)))).length, () => zlib.deflateRawSync('aaaaaaaaaa').toString('hex'), () => zlib.gzipSync('a').toString('hex'),
  () => zlib.brotliDecompressSync(zlib.brotliCompressSync('x'.repeat(500))).toString().length, () => zlib.zstdDecompressSync(zlib.zstdCompressSync('y'.repeat(500))).toString().length, () => zlib.crc32('hello'), () => zlib.gunzipSync('nonsense'),
  () => zlib.inflateSync(zlib.deflateSync('x'.repeat(1e6)), { maxOutputLength: 100 }), () => promisify(zlib.gzip)('abc').then(promisify(zlib.gunzip)).then(String), async () => (await collect(zlib.createGzip().end('z'))).length > 0,
  async () => { const z = zlib.createDeflate({ level: 9 }); z.write('a'); z.end('b'); return zlib.inflateSync(Buffer.concat(await collect(z))).toString(); }, () => zlib.deflateSync('x', { level: 99 }), () => zlib.constants.Z_BEST_SPEED, () => zlib.codes.Z_DATA_ERROR,
  () => zlib.unzipSync(zlib.gzipSync('either')).toString(), async () => new Promise((done) => zlib.inflate(Buffer.from('bad'), (e) => done([e.code, e.errno]))), () => zlib.inflateRawSync(zlib.deflateRawSync(Buffer.alloc(10), { dictionary: Buffer.from('dict') }), { dictionary: Buffer.from('dict') }).length,
];
