// event: 1
// printed: error Unhandled promise rejection: Error: lost\n    at handler (unhandled_rejection.js:9:28)
// result: "answered"
// printed@node: error Unhandled promise rejection: Error: lost\n    at handler (unhandled_rejection.js:9:24)
// event: 2
// result: "answered"
async function handler(event) {
    if (event === 1) {
        Promise.reject(new Error("lost"));
        const handled = Promise.reject(new Error("found"));
        await null;
        handled.catch(() => {});
    }
    return "answered";
}
