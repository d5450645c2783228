// result: ["aGVsbG8=","hello"]
function handler() {
    return [btoa("hello"), atob("aGVsbG8=")];
}
