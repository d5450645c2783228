// result: [3,7,"object","undefined"]
function handler() {
    return [eval("1 + 2"), new Function("a", "b", "return a + b")(3, 4), typeof globalThis, typeof this];
}
