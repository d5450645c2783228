// result: [[1,"two",{"three":3}],[],"undefined",0]
// result@node: [[1,"two",{"three":3}],[],"object",1]
async function handler() {
    const more = await new Promise((done) => setTimeout((...all) => done(all), 0, 1, "two", { three: 3 }));
    const none = await new Promise((done) => setTimeout((...all) => done(all)));
    const self = await new Promise((done) => setTimeout(function () { done(typeof this); }, 0));
    return [more, none, self, setTimeout.length - clearTimeout.length];
}
