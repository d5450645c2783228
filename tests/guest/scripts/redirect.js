// event: {"request":{"uri":"/index.html"}}
// result: {"request":{"uri":"/redirected.html"}}
function handler(event) {
    event.request.uri = "/redirected.html";
    return event;
}
