// event: "Grüße, 世界 👋🏽"
// result: [14,12,"GRÜSSE, 世界 👋🏽","é",2,1,"\ud83d","i̇",128075,true,["👋","🏽"],"%E4%B8%96"]
function handler(text) {
    return [
        text.length,
        [...text].length,
        text.toUpperCase(),
        "e\u0301".normalize("NFC"),
        "e\u0301".normalize("NFC").normalize("NFD").length,
        "e\u0301".normalize("NFC").length,
        "👋"[0],
        "İ".toLowerCase(),
        text.codePointAt(10),
        text.isWellFormed(),
        [...text].slice(-2),
        encodeURIComponent("世"),
    ];
}
