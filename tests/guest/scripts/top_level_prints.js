// printed: log loading
// event: 1
// printed: log called 1
// result: null
console.log("loading");
function handler(event) {
    console.log("called", event);
    return null;
}
