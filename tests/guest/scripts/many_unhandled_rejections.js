// event: null
// result: 1
// prints: 17
// printed: error Unhandled promise rejection: 0
// printed: error Unhandled promise rejections: 84 more
function handler() {
    for (let i = 0; i < 100; ++i) Promise.reject(i);
    return 1;
}
