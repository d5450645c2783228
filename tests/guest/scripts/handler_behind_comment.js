// result: "seen"
// The last line is a comment without an end, and the words export and handler are everywhere.
const text = "export { handler };"; /* export default handler */
const template = `
export function handler() { return "wrong"; }
`;
function handler() {
    return template.includes("wrong") && text ? "seen" : "unseen";
} // export { handler }