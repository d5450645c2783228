// Runs one *.any.js of the web platform's tests: in a cell of either engine, and, for comparison, in an ordinary Node (beside.js).
// The result is what its tests came to: { passed, failures: ["name: message"] }.
const vm = globalThis.process?.versions?.node ? require('node:vm') : null;

const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });

// What the harness, and scripts for shells and workers, look for.
function becomeAShell({ path, query, title }) {
  define('self', globalThis);
  define('GLOBAL', { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false });
  const href = `https://web-platform.test${path}${query ?? ''}`;
  define('location', { href, protocol: 'https:', host: 'web-platform.test', hostname: 'web-platform.test', port: '', origin: 'https://web-platform.test', pathname: path, search: query ?? '', hash: '', toString: () => href });
  if (title) define('META_TITLE', title);
}

const runScript = ({ name, source }) => (vm === null ? (0, eval)(source) : vm.runInThisContext(source, { filename: name }));

function handler(event) {
  becomeAShell(event);
  const [harness, ...scripts] = event.scripts;
  if (harness === undefined) return { passed: 0, failures: [] };
  runScript(harness);
  return new Promise((done) => {
    add_completion_callback((tests, status) => {
      const failures = tests.filter((test) => test.status !== 0 && test.status !== 4).map((test) => `${test.name}: ${test.message ?? 'did not come to an end'}`);
      if (status.status !== 0 && status.status !== 4) failures.push(`the file: ${status.message ?? 'did not come to an end'}`);
      done({ passed: tests.filter((test) => test.status === 0).length, failures });
    });
    try {
      scripts.forEach(runScript);
    } catch (error) {
      done({ passed: 0, failures: [`the file: ${error?.name}: ${error?.message ?? error}`] });
    }
  });
}
