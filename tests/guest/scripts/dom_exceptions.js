// event: "log"
// printed: log InvalidCharacterError: String contains an invalid character\n    at btoa (native)\n    at handler (dom_exceptions.js:12:30)
// printed: log { e: [AbortError: gone] }
// result: null
// event: "throw"
// error: InvalidCharacterError: String contains an invalid character
// stack: at handler (dom_exceptions.js:18
// event: "reject"
// error: AbortError: gone
function handler(event) {
    try {
        if (event === "log") btoa("€");
    } catch (e) {
        console.log(e);
        console.log({ e: new DOMException("gone", "AbortError") });
        return null;
    }
    if (event === "throw") btoa("€");
    return Promise.reject(new DOMException("gone", "AbortError"));
}
