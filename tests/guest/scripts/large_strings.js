// result: [200000,"xyxy",100000,true]
function handler() {
    let text = "";
    for (let i = 0; i < 100_000; ++i) text += "xy";
    return [text.length, text.slice(0, 4), text.split("x").length - 1, text.lastIndexOf("y") === 199_999];
}
