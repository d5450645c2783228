// result: ["1267650600228229401496703205376","-7","2432902008176640000","18446744073709551615","-1","TypeError",true,"ff",158]
function handler() {
    let factorial = 1n;
    for (let i = 2n; i <= 20n; ++i) factorial *= i;
    let mixed;
    try {
        mixed = 1n + 1;
    } catch (error) {
        mixed = error.name;
    }
    let large = 1n;
    for (let i = 2n; i <= 100n; ++i) large *= i;
    return [
        (2n ** 100n).toString(), (-15n / 2n).toString(), factorial.toString(), BigInt.asUintN(64, -1n).toString(),
        BigInt.asIntN(8, 255n).toString(), mixed, 10n > 9, (255n).toString(16), large.toString().length,
    ];
}
