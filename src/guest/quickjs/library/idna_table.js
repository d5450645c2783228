// tr46's table, unpacked entry by entry: as a list of lists it would take more than a megabyte.
'use strict';

const { starts, statuses, mappings } = BUNDLED('tr46/lib/mappingTable.json', idnaTable);
const length = statuses.length;

// Where the mapping of every 64th entry begins; those between are searched for.
const kStep = 64;
const places = [0];
for (let i = 0, at = 0; i < length; ++i) {
  at = mappings.indexOf('\0', at) + 1;
  if ((i + 1) % kStep === 0) places.push(at);
}

const startOf = (i) => starts.charCodeAt(2 * i) * 0x10000 + starts.charCodeAt(2 * i + 1);

function mappingOf(i) {
  let at = places[Math.floor(i / kStep)];
  for (let k = i % kStep; k > 0; --k) at = mappings.indexOf('\0', at) + 1;
  const end = mappings.indexOf('\0', at);
  return end < 0 ? mappings.slice(at) : mappings.slice(at, end);
}

module.exports = new Proxy({}, {
  get(target, key) {
    if (key === 'length') return length;
    const i = Number(key);
    const end = i + 1 < length ? startOf(i + 1) - 1 : 0x10ffff;
    return [[startOf(i), end], Number(statuses[i]), mappingOf(i)];
  },
});
