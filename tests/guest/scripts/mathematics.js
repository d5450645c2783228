// result: [true,true,true,true,true,5,2,-1,32,3,0.5,1]
function close(a, b) {
    return Math.abs(a - b) < 1e-12 * Math.max(1, Math.abs(b));
}
function handler() {
    return [
        close(Math.sin(1) ** 2 + Math.cos(1) ** 2, 1),
        close(Math.exp(Math.log(10)), 10),
        close(Math.atan2(1, 1) * 4, Math.PI),
        close(Math.cbrt(27), 3),
        close(Math.pow(2, 0.5), Math.SQRT2),
        Math.hypot(3, 4), Math.log2(4), Math.sign(-3), Math.clz32(0), Math.round(2.5), Math.fround(0.5),
        Math.imul(0xffffffff, -1),
    ];
}
