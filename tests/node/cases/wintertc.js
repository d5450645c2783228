// The Minimum Common Web API (ECMA-429, WinterTC): 53 interfaces and 25 members of the global object. How many of them there
// are is counted here; what is missing is missing in Node as well.
const kInterfaces = `AbortController AbortSignal Blob ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto CryptoKey
  CustomEvent DecompressionStream DOMException ErrorEvent Event EventTarget File FormData Headers MessageChannel MessageEvent MessagePort
  Performance PromiseRejectionEvent ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableStreamDefaultController ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WebAssembly.CompileError
  WebAssembly.Exception WebAssembly.Global WebAssembly.Instance WebAssembly.LinkError WebAssembly.Memory WebAssembly.Module
  WebAssembly.RuntimeError WebAssembly.Table WebAssembly.Tag WritableStream WritableStreamDefaultController
  WritableStreamDefaultWriter`.split(/\s+/);

const kMembers = `WebAssembly.JSTag WebAssembly.compile WebAssembly.compileStreaming WebAssembly.instantiate
  WebAssembly.instantiateStreaming WebAssembly.validate atob btoa clearInterval clearTimeout console crypto fetch globalThis
  navigator.userAgent onerror onrejectionhandled onunhandledrejection performance queueMicrotask reportError self setInterval
  setTimeout structuredClone`.split(/\s+/);

const valueOf = (name) => name.split('.').reduce((object, key) => object?.[key], globalThis);
const missing = (names) => names.filter((name) => valueOf(name) === undefined);

export default [
  () => [kInterfaces.length, kMembers.length],
  () => ({ interfaces: kInterfaces.length - missing(kInterfaces).length, members: kMembers.length - missing(kMembers).length }),
  () => [...missing(kInterfaces), ...missing(kMembers)],
  () => kInterfaces.filter((name) => valueOf(name) !== undefined && typeof valueOf(name) !== 'function'),
];
