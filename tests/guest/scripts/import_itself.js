// load-error: ReferenceError: import_itself.js imports "import_itself.js", but this sandbox has no such module
import { handler as other } from "import_itself.js";
export function handler() {
    return other;
}
