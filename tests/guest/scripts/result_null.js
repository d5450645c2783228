// result: null
function handler() {
    return null;
}
