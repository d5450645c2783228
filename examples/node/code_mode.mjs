// Code mode: a language model writes a program against some tools, and the program runs in a sandbox that is as it was before
// afterwards. In the place of the model stands a list of what it might have written.
import { Pool } from 'curfew';

const orders = [{ id: 1, item: 'tea', price: 2.5 }, { id: 2, item: 'cake', price: 4 }];
const tools = {
  orders: { list: async () => orders, get: async (id) => orders.find((order) => order.id === id) },
  email: async (to, text) => `sent ${text.length} characters to ${to}`,
};

const pool = await Pool.create({ size: 1, tools, limits: { cpu: '200ms', wall: '10s', memory: '8MiB', hostCalls: 20 } });

// What a program gives, or what the model should be told.
async function runProgram(program) {
  try {
    return { result: await pool.run(program) };
  } catch (error) {
    return { error: error.terminatedBy ? `it was ended by the limit ${error.terminatedBy}` : error.message };
  }
}

for (const program of [
  'const all = await tools.orders.list(); all.reduce((sum, { price }) => sum + price, 0)',
  'const { item } = await tools.orders.get(2); await tools.email("bob", `Your ${item} is ready`)',
  'let stop = false; while (!stop) {}',
  'await tools.orders.remove(1)',
  'globalThis.secret = 1; typeof secret',
  'typeof secret',
]) {
  console.log(await runProgram(program));
}
await pool.dispose();
