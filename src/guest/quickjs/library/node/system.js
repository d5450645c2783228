// Modules of Node.js for what no cell has: files, processes, threads, the network. Packages load them whether they need them or not, so
// they are there; what would act throws, and says so. Other modules of that kind cannot be imported at all.
'use strict';

function unavailable(module, name) {
  const text = module + '.' + name;
  const refuse = { [name]: function () {
    const error = new Error(text + ' is not available in a cell of the engine quickjs');
    error.code = 'ERR_NOT_IN_SANDBOX';
    throw error;
  } }[name];
  return refuse;
}

// A module with such functions, by their names, and with what it has besides.
function absent(module, names, besides) {
  const made = {};
  for (const name of names.split(' ')) made[name] = unavailable(module, name);
  return Object.assign(made, besides);
}

const rejecting = (functions) => {
  const made = {};
  for (const name of Object.keys(functions)) made[name] = async (...rest) => functions[name](...rest);
  return made;
};

// Each is made when it is asked for.
const makers = {
  fs() {
    const constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, S_IFLNK: 40960, COPYFILE_EXCL: 1 };
    return absent('fs',
    'appendFile appendFileSync access accessSync chown chownSync chmod chmodSync close closeSync copyFile copyFileSync cp ' +
    'cpSync createReadStream createWriteStream exists existsSync fchown fchownSync fchmod fchmodSync fdatasync fdatasyncSync ' +
    'fstat fstatSync fsync fsyncSync ftruncate ftruncateSync futimes futimesSync lchown lchownSync link linkSync lstat ' +
    'lstatSync lutimes lutimesSync mkdir mkdirSync mkdtemp mkdtempSync open openSync openAsBlob readdir readdirSync read ' +
    'readSync readv readvSync readFile readFileSync readlink readlinkSync realpath realpathSync rename renameSync rm rmSync ' +
    'rmdir rmdirSync stat statfs statSync statfsSync symlink symlinkSync truncate truncateSync unwatchFile unlink unlinkSync ' +
    'utimes utimesSync watch watchFile writeFile writeFileSync write writeSync writev writevSync Dirent Stats ReadStream ' +
    'WriteStream FileReadStream FileWriteStream Dir opendir opendirSync', {
      F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, constants, promises: modules['fs/promises'],
      existsSync: () => false,  // which is the truth
    });
  },
  'fs/promises': () => Object.assign(rejecting(absent('fs.promises',
    'access copyFile cp open opendir rename truncate rm rmdir mkdir readdir readlink symlink lstat stat statfs link unlink ' +
    'chmod lchmod lchown chown utimes lutimes realpath mkdtemp writeFile appendFile readFile watch')), { constants: {} }),
  child_process: () => absent('child_process',
    'ChildProcess exec execFile execFileSync execSync fork spawn spawnSync'),
  dns: () => absent('dns',
    'lookup lookupService Resolver getDefaultResultOrder setDefaultResultOrder setServers getServers resolve resolve4 ' +
    'resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv resolveTxt ' +
    'reverse', { promises: {} }),
  http2: () => absent('http2',
    'connect createServer createSecureServer getDefaultSettings getPackedSettings getUnpackedSettings performServerHandshake ' +
    'Http2ServerRequest Http2ServerResponse', { constants: {}, sensitiveHeaders: Symbol('sensitiveHeaders') }),
  https: () => absent('https', 'Agent Server createServer get request', { globalAgent: {} }),
  module() {
    const { fileURLToPath } = native.library('node_url');
    const made = absent('module', 'register findSourceMap SourceMap syncBuiltinESMExports runMain', {
      builtinModules: native.builtInModules(),
      createRequire: (from) => native.requireFor(String(from).startsWith('file:') ? fileURLToPath(from) : String(from)),
      isBuiltin: (name) => native.builtInModules().includes(String(name).replace(/^node:/, '')),
      Module: unavailable('module', 'Module'),
    });
    made.Module.createRequire = made.createRequire;
    made.Module.builtinModules = made.builtinModules;
    return made;
  },
  net() {
    const isIPv4 = (text) => /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) && !/(?:^|\.)0\d/.test(text);
    const isIPv6 = (text) => {
      if (typeof text !== 'string' || !/^[0-9a-fA-F:.]+(?:%[0-9a-zA-Z-.:]+)?$/.test(text)) return false;
      try {
        return new URL('http://[' + text.replace(/%.*$/, '') + ']/').hostname !== '';
      } catch {
        return false;
      }
    };
    return absent('net',
    'BlockList SocketAddress connect createConnection createServer Server Socket Stream getDefaultAutoSelectFamily ' +
    'setDefaultAutoSelectFamily getDefaultAutoSelectFamilyAttemptTimeout setDefaultAutoSelectFamilyAttemptTimeout', { isIPv4, isIPv6, isIP: (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0) });
  },
  os() {
    const constants = { signals: {}, errno: {}, priority: {}, dlopen: {} };
    return absent('os', 'cpus freemem getPriority loadavg setPriority totalmem uptime userInfo', {
      EOL: '\n', devNull: '/dev/null', constants,
      arch: () => 'javascript', availableParallelism: () => 1, endianness: () => 'LE', homedir: () => '/', hostname: () => '', machine: () => '',
      networkInterfaces: () => ({}), platform: () => 'browser', release: () => '', tmpdir: () => '/tmp', type: () => 'Browser', version: () => '',
    });
  },
  perf_hooks: () => absent('perf_hooks', 'PerformanceObserver createHistogram eventLoopUtilization monitorEventLoopDelay', { performance, constants: {} }),
  readline: () => absent('readline',
    'Interface clearLine clearScreenDown createInterface cursorTo emitKeypressEvents moveCursor', { promises: {} }),
  timers: () => ({ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, promises: modules['timers/promises'] }),
  'timers/promises'() {
    const later = (start, stop) => (...rest) => new Promise((done, fail) => {
      const [value, options] = rest.slice(start === setTimeout ? 1 : 0);
      const signal = options?.signal;
      const refuse = () => fail(Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
      if (signal?.aborted) {
        refuse();
        return;
      }
      const end = () => {
        stop(timer);
        refuse();
      };
      const timer = start === setTimeout ? setTimeout(finish, rest[0]) : setImmediate(finish);
      function finish() {
        signal?.removeEventListener('abort', end);
        done(value);
      }
      signal?.addEventListener('abort', end, { once: true });
    });
    const wait = later(setTimeout, clearTimeout);
    return {
      setTimeout: wait,
      setImmediate: later(setImmediate, clearImmediate),
      async *setInterval(delay, value, options) { for (;;) yield wait(delay, value, options); },
      scheduler: { wait: (delay, options) => wait(delay, undefined, options), yield: () => later(setImmediate, clearImmediate)() },
    };
  },
  tls: () => absent('tls',
    'getCiphers convertALPNProtocols checkServerIdentity createSecureContext SecureContext TLSSocket Server createServer ' +
    'connect createSecurePair', { DEFAULT_MIN_VERSION: 'TLSv1.2', DEFAULT_MAX_VERSION: 'TLSv1.3', rootCertificates: [] }),
  tty: () => absent('tty', 'ReadStream WriteStream', { isatty: () => false }),
  v8: () => absent('v8',
    'cachedDataVersionTag getHeapSnapshot getHeapStatistics getHeapSpaceStatistics getHeapCodeStatistics setFlagsFromString ' +
    'Serializer Deserializer DefaultSerializer DefaultDeserializer deserialize takeCoverage stopCoverage serialize ' +
    'writeHeapSnapshot queryObjects setHeapSnapshotNearHeapLimit GCProfiler', { startupSnapshot: { isBuildingSnapshot: () => false } }),
  vm: () => absent('vm',
    'Script createContext createScript runInContext runInNewContext runInThisContext isContext compileFunction measureMemory', { constants: {} }),
  worker_threads: () => absent('worker_threads',
    'MessagePort MessageChannel markAsUntransferable moveMessagePortToContext receiveMessageOnPort postMessageToThread Worker ' +
    'BroadcastChannel setEnvironmentData getEnvironmentData', { isMainThread: true, parentPort: null, threadId: 0, workerData: null, resourceLimits: {}, SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV') }),
  zlib: () => absent('zlib',
    'crc32 Deflate Inflate Gzip Gunzip DeflateRaw InflateRaw Unzip BrotliCompress BrotliDecompress deflate deflateSync gzip ' +
    'gzipSync deflateRaw deflateRawSync unzip unzipSync inflate inflateSync gunzip gunzipSync inflateRaw inflateRawSync ' +
    'brotliCompress brotliCompressSync brotliDecompress brotliDecompressSync createDeflate createInflate createDeflateRaw ' +
    'createInflateRaw createGzip createGunzip createUnzip createBrotliCompress createBrotliDecompress', { constants: {}, codes: {} }),
};

const modules = {};
for (const name of Object.keys(makers)) {
  let made;
  Object.defineProperty(modules, name, { get: () => (made ??= makers[name]()), enumerable: true });
}

exports.modules = modules;
exports.unavailable = unavailable;
