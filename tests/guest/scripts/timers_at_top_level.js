// printed: log loading
// printed: log loaded
// result: ["waited",true]
const before = performance.now();
console.log("loading");
const value = await new Promise((done) => setTimeout(done, 20, "waited"));
const took = performance.now() - before;
setTimeout(() => console.log("never"), 0);
console.log("loaded");
export async function handler() {
    await new Promise((done) => setTimeout(done, 1));
    return [value, took >= 18];  // Node may run a timer a little early
}
