// event: "none"
// error: the handler waits for a promise that can never settle: nothing is left to run that could settle it
// event: "ended"
// printed: log the last timer ran
// error: the handler waits for a promise that can never settle
// event: "cleared"
// error: the handler waits for a promise that can never settle
function handler(event) {
    if (event === "ended") setTimeout(() => console.log("the last timer ran"), 1);
    if (event === "cleared") clearTimeout(setTimeout(() => {}, 3_600_000));
    return new Promise(() => {});
}
