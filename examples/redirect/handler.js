// Sends requests for the old start page to the new one, and lets all others through.
function handler(event) {
    if (event.request.uri === "/index.html") {
        event.request.uri = "/redirected.html";
    }
    return event;
}
