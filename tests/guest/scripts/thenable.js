// result: "from a thenable"
function handler() {
    return { then: (resolve) => resolve("from a thenable") };
}
