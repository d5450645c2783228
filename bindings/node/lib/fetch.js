// What guests may fetch, as it is written.
'use strict';

const { wrong, requireText, requireNatural, optionsOf } = require('./checks.js');
const { durationOf, sizeOf } = require('./limits.js');

const kLists = ['origins', 'methods', 'addresses'];
const kSizes = ['maxRequestBytes', 'maxResponseBytes', 'maxHeaderBytes'];
const kCounts = ['maxRequests', 'maxConcurrent', 'maxRedirects'];

// For the native part; undefined if nothing may be fetched.
function fetchOf(value) {
  if (value === undefined) return undefined;
  const policy = { ...optionsOf(value, 'fetch', [...kLists, ...kSizes, ...kCounts, 'headers', 'timeLimit']) };
  for (const name of kLists) {
    if (policy[name] === undefined) continue;
    if (!Array.isArray(policy[name])) throw wrong(`fetch.${name}`, 'an array of texts', policy[name]);
    for (const text of policy[name]) requireText(text, `fetch.${name}[...]`);
  }
  for (const name of kSizes) policy[name] = sizeOf(policy[name], `fetch.${name}`);
  for (const name of kCounts) {
    if (policy[name] === undefined) continue;
    requireNatural(policy[name], `fetch.${name}`);
    if (policy[name] > 0xffffffff) throw new TypeError(`fetch.${name} should be below 4,294,967,296`);
  }
  policy.timeLimit = durationOf(policy.timeLimit, 'fetch.timeLimit');
  policy.headers = headersOf(policy.headers);
  return policy;
}

// By origin: { "https://api.example.com": { authorization: "..." } }.
function headersOf(value) {
  if (value === undefined) return undefined;
  if (value === null || typeof value !== 'object') throw wrong('fetch.headers', 'an object by origin', value);
  return Object.entries(value).map(([origin, headers]) => {
    if (headers === null || typeof headers !== 'object') throw wrong(`fetch.headers[${JSON.stringify(origin)}]`, 'an object', headers);
    for (const [name, text] of Object.entries(headers)) requireText(text, `the header "${name}" for ${origin}`);
    return [origin, Object.entries(headers)];
  });
}

module.exports = { fetchOf };
