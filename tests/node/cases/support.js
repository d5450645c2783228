// What the cases share. Each is a function without arguments; its source is its name, its result the text that has to be the
// same in a cell and in an ordinary Node of the same version.

// A case that comes out differently in a cell, and why that is so.
export const byDesign = (why, run) => ({ why, run });

export async function collect(stream) {
  const all = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

// What is logged until nothing more comes.
export async function ticks(begin) {
  const log = [];
  begin((what) => log.push(what));
  await new Promise((done) => setTimeout(done, 10));
  return log;
}
