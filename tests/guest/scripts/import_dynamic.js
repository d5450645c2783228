// result: "ReferenceError: import_dynamic.js imports \"nowhere\", but this sandbox has no such module, and no module loader"
async function handler() {
    try {
        return await import("nowhere");
    } catch (error) {
        return String(error);
    }
}
