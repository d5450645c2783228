// result: "version 3"
export const version = 3;
function handler() {
    return "version " + version;
}
