// load-error: ReferenceError: import_missing.js imports "./lib.js", but this sandbox has no such module
import { lib } from "./lib.js";
export function handler() {
    return lib();
}
