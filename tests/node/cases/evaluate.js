// Evaluates the cases of a file, in a cell and outside alike.
import { inspect } from 'node:util';

const kOptions = { depth: 6, breakLength: 120, maxStringLength: 400, maxArrayLength: 60, sorted: false };

async function textOf(run) {
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(done, 5000, 'takes too long');
  });
  try {
    const value = await Promise.race([Promise.resolve(run()), late]);
    // An error's stack is about places, which differ.
    return value instanceof Error ? `an error ${value.name}: ${value.message}` : inspect(value, kOptions);
  } catch (thrown) {
    return `throws ${thrown?.name}${thrown?.code === undefined ? '' : ` [${thrown.code}]`}: ${thrown?.message ?? thrown}`;
  } finally {
    clearTimeout(timer);
  }
}

// A list of [the case's source, its text, why it differs by design].
export async function evaluate(file) {
  const { default: cases } = await import(`./${file}.js`);
  const results = [];
  for (const one of cases) {
    const run = one.run ?? one;
    results.push([run.toString(), await textOf(run), one.why]);
  }
  return results;
}
