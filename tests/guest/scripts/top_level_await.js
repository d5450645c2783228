// result: [1,2]
const first = await Promise.resolve(1);
let second;
await Promise.resolve().then(() => (second = 2));
function handler() {
    return [first, second];
}
