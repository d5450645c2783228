// error: reason
function handler() {
    return Promise.reject("reason");
}
