// error: the handler returned a function, which is not JSON
function handler() {
    return () => 1;
}
