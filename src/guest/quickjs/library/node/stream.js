// The modules `stream`, `stream/promises` and `stream/consumers`, by the package readable-stream, which is Node's own.
'use strict';

const Stream = require('readable-stream/lib/stream.js');

async function bytes(stream) {
  const { Buffer } = native.library('node_buffer');
  const pieces = [];
  for await (const piece of stream) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  return Buffer.concat(pieces);
}

const text = async (stream) => new TextDecoder().decode(await bytes(stream));

const consumers = {
  buffer: bytes,
  text,
  arrayBuffer: async (stream) => new Uint8Array(await bytes(stream)).buffer,
  json: async (stream) => JSON.parse(await text(stream)),
};

module.exports = Stream;
Object.defineProperty(Stream, 'consumers', { value: consumers });
Object.defineProperty(Stream, 'web', { get: () => ({ ReadableStream }) });
