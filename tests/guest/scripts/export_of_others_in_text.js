// load-error: export_of_others_in_text.js has no handler: define function handler(event), or export one
const text = "export function handler() {}"; // export { handler };
export const other = `export { handler }; ${text}`;
/* function handler() {} */
