// result: [0.30000000000000004,1e+21,1e-7,"1.00","1e+3","255","ff","-0.1","Infinity","NaN",9007199254740991,true,"3.1416","12,345.67"]
function handler() {
    return [
        0.1 + 0.2, 1e21, 1e-7, (1).toFixed(2), (1234).toExponential(0), String(0xff), (255).toString(16),
        String(-0.1), String(1 / 0), String(0 / 0), Number.MAX_SAFE_INTEGER, Object.is(-0, 0 * -1),
        Math.PI.toPrecision(5),
        (12345.67).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/, ","),
    ];
}
