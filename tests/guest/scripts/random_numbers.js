// result: [true,true,true]
function handler() {
    const numbers = Array.from({ length: 10_000 }, () => Math.random());
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;
    return [numbers.every((x) => x >= 0 && x < 1), new Set(numbers).size === numbers.length, Math.abs(mean - 0.5) < 0.05];
}
