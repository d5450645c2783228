// result: ["aGVsbG8=","hello","hello","hello","ÿ","/w==","",["InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError"],[true,true,5,"InvalidCharacterError: String contains an invalid character"]]
// result@node: ["aGVsbG8=","hello","hello","hello","ÿ","/w==","",["InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError"],[true,true,5,"InvalidCharacterError: Invalid character"]]
function handler() {
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return e;
        }
    };
    const refused = error(() => btoa("€"));
    return [
        btoa("hello"),
        atob("aGVsbG8="),
        atob("aGVsbG8"),
        atob(" aGV\nsbG\t8= "),
        atob("/w=="),
        btoa("\xff"),
        atob(""),
        ["€", "a", "aGVsbG8==", "a-_b", "=aaa"].map((text) => error(() => atob(text)).name),
        [refused instanceof DOMException, refused instanceof Error, refused.code, String(refused)],
    ];
}
