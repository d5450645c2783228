// event: null
// result: {"small":"7.120236347223045e-307","negative":"-7.120236347223045e-307","exponential":"5.960464477539063e-8","fixed":"7.1202363472230444e-307","wrong":[]}

// What String() gives of a number has as few digits as it needs, also for the powers of two, below which doubles are closer.
function handler() {
    const small = 2 ** -1017;
    const wrong = [];
    for (let power = -1074; power < 1024; ++power) {
        const number = 2 ** power;
        const text = String(number);
        const digits = text.split("e")[0].replace(/[.-]/g, "").replace(/^0+|0+$/g, "");
        let least = 1;
        for (; least < digits.length; ++least) {
            const near = number.toExponential(least - 1);
            const [, whole, exponent] = near.match(/^(.*)e(.*)$/);
            const up = (BigInt(whole.replace(".", "")) + 1n).toString();
            const above = `${up[0]}.${up.slice(1)}e${exponent}`;
            if (Number(near) === number || (up.length === least && Number(above) === number)) break;
        }
        if (Number(text) !== number || digits.length > least) wrong.push(text);
    }
    return {
        small: String(small),
        negative: `${-small}`,
        exponential: (2 ** -24).toExponential(),
        fixed: small.toPrecision(17),
        wrong,
    };
}
