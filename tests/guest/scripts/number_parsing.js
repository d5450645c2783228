// event: [1e400, -0, 5e-324, 1.7976931348623157e308, 123456789012345680000, 0.1]
// result: ["Infinity","-0","5e-324","1.7976931348623157e+308","123456789012345680000","0.1",4.35,"NaN",255,-9,10]
function handler(event) {
    const shown = event.map((number) => (Object.is(number, -0) ? "-0" : String(number)));
    return [...shown, Number("4.35"), String(Number("1x")), Number("0xff"), parseInt("-9px"), Number(" 10 \n")];
}
