// result: [[0,1,1,2,3,5,8],[1,2,3],["a","b"],"returned",[2,4],6]
function* fibonacci() {
    let [a, b] = [0, 1];
    for (;;) {
        yield a;
        [a, b] = [b, a + b];
    }
}
function* nested() {
    yield 1;
    yield* [2, 3];
}
async function* letters() {
    yield "a";
    yield "b";
}
async function handler() {
    const numbers = [];
    for (const number of fibonacci()) {
        if (number > 10) break;
        numbers.push(number);
    }
    const seen = [];
    for await (const letter of letters()) seen.push(letter);
    const generator = nested();
    generator.next();
    const ended = generator.return("returned").value;
    return [
        numbers, [...nested()], seen, ended, [...[1, 2].values().map((x) => x * 2)],
        Iterator.from([1, 2, 3]).reduce((a, b) => a + b),
    ];
}
