// event: "log"
// printed: log InvalidCharacterError: String contains an invalid character\n    at btoa (native)\n    at handler (dom_exceptions.js:16:30)
// printed: log { e: [AbortError: gone] }
// result: null
// printed@node: log DOMException [InvalidCharacterError]: Invalid character\n    at btoa (node:buffer:1402:11)\n    at handler (dom_exceptions.js:16:30)
// printed@node: log {\n  e: DOMException [AbortError]: gone\n      at handler (dom_exceptions.js:19:26)\n}
// event: "throw"
// error: InvalidCharacterError: String contains an invalid character
// stack: at handler (dom_exceptions.js:22
// error@node: InvalidCharacterError: Invalid character
// stack@node: at handler (dom_exceptions.js:22:28)
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
