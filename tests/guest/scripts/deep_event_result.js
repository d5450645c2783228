// event: 30000
// error: the handler's result cannot be turned into JSON: RangeError:
// flags@node: stack-overflow
// event: 10
// result: [[[[[[[[[[[]]]]]]]]]]]
function handler(count) {
    let list = [];
    for (let i = 0; i < count; ++i) list = [list];
    return list;
}
