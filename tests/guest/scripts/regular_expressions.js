// result: ["bbb","2024/12/31","y=1;x=2",["1","2"],"A-B","foo",null,["a",1],"é😀",true,"$&"]
function handler() {
    const sticky = /a/y;
    sticky.lastIndex = 1;
    const named = /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/.exec("2024-12-31").groups;
    return [
        /a(b+)c/.exec("zabbbc")[1],
        `${named.year}/${named.month}/${named.day}`,
        "x=2;y=1".replace(/(\w=\d);(\w=\d)/, "$2;$1"),
        [..."a1b2".matchAll(/[a-z](\d)/g)].map((match) => match[1]),
        "a-b".replace(/[a-z]/g, (letter) => letter.toUpperCase()),
        "foobar".match(/foo(?=bar)/)[0],
        /(?<!x)y/.exec("xy"),
        [sticky.exec("ba")[0], sticky.exec("ba")?.index ?? 1],
        "x é😀 y".match(/[\p{L}\p{Emoji}]{2}/u)[0],
        /^\p{Script=Greek}+$/u.test("αβγ"),
        "a".replace("a", "$$&"),
    ];
}
